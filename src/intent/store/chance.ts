// What of a new resource is left to chance.

import { randomBytes, randomUUID } from 'node:crypto';

export interface Chance {
  /** A new resource's id: a UUID of version 4. */
  id(): string;
  /** The last three bytes of a new port's MAC address. */
  macBytes(): Uint8Array;
}

export const CHANCE: Chance = { id: () => randomUUID(), macBytes: () => randomBytes(3) };
