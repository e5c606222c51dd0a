// What the bench's own programs tell of a run, in one line of JSON.

import { z } from 'zod';

/** Of the C program, which has nothing in memory but its script. */
export const REPLAY = z.strictObject({
  /** From begin to end. */
  ms: z.number(),
  /** User and system time that the process spent between the two, in all its threads. */
  cpuMs: z.number(),
});

export const MEASUREMENT = REPLAY.extend({
  /** The most memory that the process ever had, of all its life (VmHWM of proc(5)). */
  peakMib: z.number(),
  /** Milliseconds of each part. */
  parts: z.record(z.string(), z.number()),
});

export type Measurement = z.infer<typeof MEASUREMENT>;

/** Of one floating IP after another: with the reading of the kernel, and without. */
export const ADDITIONS = z.strictObject({ withReading: z.array(MEASUREMENT), onReadState: z.array(MEASUREMENT) });

export type Additions = z.infer<typeof ADDITIONS>;

export const SPAWNED = REPLAY.extend({ processes: z.number() });
