// Time as the agent knows it, so that a test can have another.

import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  now(): number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  async sleep(milliseconds, signal) {
    // Aborted, it rejects; either way the time is over.
    await wait(milliseconds, undefined, { signal }).catch(() => undefined);
  },
};
