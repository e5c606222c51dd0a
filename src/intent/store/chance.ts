// What of a new resource is left to chance.

import { randomUUID } from 'node:crypto';

export interface Chance {
  /** A new resource's id: a UUID of version 4. */
  id(): string;
  /** The last three bytes of a new port's MAC address. */
  macBytes(): Uint8Array;
}

/** The last digits of such a UUID are random, and Node.js has many ready at a time. */
export const CHANCE: Chance = {
  id: () => randomUUID(),
  macBytes: () => Buffer.from(randomUUID().slice(-6), 'hex'),
};
