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
 * The agent of this instance that keeps this host, if one runs. One that the command line or the environment names must
 * answer; where they name none, the usual socket is tried. Undefined also with `--direct`. The caller disposes of it.
 */
export async function runningAgent(
  options: GlobalOptions & AgentOptions & DirectOption,
): Promise<AgentClient | undefined> {
  if (options.direct === true) return undefined;
  const endpoint = endpointOf(options);
  const isUsual = options.agent === undefined;
  try {
    using look = new AgentClient(endpoint, LOOK_TIMEOUT);
    await look.checkHealth();
    const { instance = options.instance } = (await look.agent()).configurations;
    if (isUsual && instance !== options.instance) return undefined;
    return new AgentClient(endpoint);
  } catch (error) {
    if (isUsual && isNobody(error)) return undefined;
    throw error;
  }
}

/** Throws BUOY_AGENT_RUNS if an agent keeps this host. `what`: `buoy destroy`. */
export async function refuseBesideAgent(
  options: GlobalOptions & AgentOptions & DirectOption,
  what: string,
): Promise<void> {
  using client = await runningAgent(options);
  if (client !== undefined)
    throw new BuoyError('BUOY_AGENT_RUNS', `\`${what}\` works on the kernel, and an agent keeps this host`);
}

/** There is no socket, or nobody listens on it: then no agent runs, and all else is trouble. */
function isNobody(error: unknown): boolean {
  const cause = error instanceof BuoyError ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
