// A command's way to the agent.

import { BuoyError } from '../../errors.ts';
import type { GlobalOptions, JsonOption } from '../options.ts';
import { AgentClient } from './agent-client.ts';
import type { AgentOptions } from './endpoint.ts';
import { endpointOf } from './endpoint.ts';

export type ClientOptions = GlobalOptions & JsonOption & AgentOptions;

/** Of commands that change something. */
export interface WaitOption {
  /** Seconds; 0: not at all. */
  readonly wait: number;
}

/** Throws BUOY_AGENT_…, and what the work throws. */
export async function withAgent<T>(options: AgentOptions, work: (client: AgentClient) => Promise<T>): Promise<T> {
  using client = new AgentClient(endpointOf(options));
  return await work(client);
}

export interface DirectOption {
  /** Pass the agent by. */
  readonly direct?: true;
}

/** How long a process on this host may take to say that it lives, in milliseconds. */
const LOOK_TIMEOUT = 5000;

/**
 * The agent that keeps this host, if one runs: the one that the command line or the environment names must, and where they
 * name none, the usual socket is tried. Undefined also with `--direct`. The caller disposes of it.
 */
export async function runningAgent(options: AgentOptions & DirectOption): Promise<AgentClient | undefined> {
  if (options.direct === true) return undefined;
  const client = new AgentClient(endpointOf(options), LOOK_TIMEOUT);
  try {
    await client.checkHealth();
    client[Symbol.dispose]();
    return new AgentClient(endpointOf(options));
  } catch (error) {
    client[Symbol.dispose]();
    if (options.agent === undefined && isNobody(error)) return undefined;
    throw error;
  }
}

/** Throws BUOY_AGENT_RUNS if an agent keeps this host. `what`: `destroy`. */
export async function refuseBesideAgent(options: AgentOptions & DirectOption, what: string): Promise<void> {
  using client = await runningAgent(options);
  if (client === undefined) return;
  throw new BuoyError('BUOY_AGENT_RUNS', `${what} would work on the kernel, and an agent keeps this host`);
}

/** There is no socket, or nobody listens on it: then no agent runs, and all else is trouble. */
function isNobody(error: unknown): boolean {
  const cause = error instanceof BuoyError ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
