// What bench/programs/agent.ts tells of an agent, in one line of JSON. Times in milliseconds, memory in MiB of both processes.

import { z } from 'zod';

const memory = z.strictObject({ now: z.number(), peak: z.number() });

export const AGENT_MEASUREMENT = z.strictObject({
  size: z.strictObject({ routers: z.number(), floatingIps: z.number() }),
  /** From the start of the process to the host as the store says, on a host that has nothing. */
  fromNothingMs: z.number(),
  /** The same on a host that has everything, after SIGTERM and after SIGKILL. */
  restartMs: z.number(),
  afterDeathMs: z.number(),
  /** One floating IP after the other. */
  added: z.strictObject({ answered: z.array(z.number()), working: z.array(z.number()) }),
  addedASecond: z.number(),
  /** From the deletion of something to the word that it is there again. */
  repaired: z.array(z.number()),
  idlePercent: z.number(),
  memory,
  /** Of an agent that was just started on a host that has everything. */
  memoryAfter: memory,
});

export type AgentMeasurement = z.infer<typeof AGENT_MEASUREMENT>;
