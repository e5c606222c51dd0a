// What bench/programs/silence.ts tells of restarts, in one line of JSON. Times in milliseconds, memory in MiB of both processes.

import { z } from 'zod';

const traffic = z.strictObject({
  pings: z.number(),
  lost: z.number(),
  segments: z.number(),
  retransmitted: z.number(),
  broken: z.number(),
  longestGapMs: z.number(),
});

export const SILENCE_MEASUREMENT = z.strictObject({
  size: z.strictObject({ routers: z.number(), floatingIps: z.number() }),
  /** By the way in which the agent was ended; the first one is of an agent that was left alone. */
  phases: z.array(
    z.strictObject({
      name: z.string(),
      traffic,
      /** From the start of the process (of the death of the listening one, where only that died) to its word that it is ready. */
      readyMs: z.array(z.number()),
      /** Time of the processor that both processes had used by then. */
      cpuMs: z.array(z.number()),
      /** Times that somebody who watches the kernel heard of a change; records in the audit log; operations by the agent's own count. */
      heard: z.number(),
      audited: z.number(),
      counted: z.number(),
    }),
  ),
  /** Times that a floating IP that was added in the end was heard of: whether whoever watches can hear at all. */
  heardInTheEnd: z.number(),
  memory: z.array(z.strictObject({ name: z.string(), resident: z.number(), proportional: z.number() })),
});

export type SilenceMeasurement = z.infer<typeof SILENCE_MEASUREMENT>;
