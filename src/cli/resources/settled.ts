import { BuoyError } from '../../errors.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import type { Resource } from '../agent/resource-types.ts';
import type { ClientOptions, WaitOption } from '../agent/with-agent.ts';
import type { Kind } from './kind.ts';
import { printResource } from './output.ts';

/**
 * Waits for the host, then prints the resource. If the host does not get there, it is printed as it is, and what is wrong
 * is thrown; with `--json` that is all, since there is one document.
 */
export async function printSettled<T extends Resource>(
  client: AgentClient,
  { type, settle }: Kind<T>,
  resource: T,
  options: ClientOptions & Partial<WaitOption>,
): Promise<void> {
  const { wait = 0 } = options;
  if (settle === undefined || wait === 0) return printResource(resource, options);
  try {
    printResource(await settle(client, resource, wait), options);
  } catch (error) {
    if (error instanceof BuoyError && options.json !== true)
      printResource(await client.show(type, resource.id), options);
    throw error;
  }
}
