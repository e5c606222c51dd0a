// Which commands there are, in the order of the help. Each is loaded when it is asked for: `buoy agent` runs for months, and
// what the others need would stay in its memory.

import type { Command } from 'commander';
import type { Services } from './program.ts';

/** Adds a command to the program. */
export type AddCommand = (program: Command, services: Services) => void;

const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['demo', async () => (await import('./commands/demo.ts')).addDemo],
  ['validate', async () => (await import('./commands/validate.ts')).addValidate],
  ['plan', async () => (await import('./commands/plan.ts')).addPlan],
  ['apply', async () => (await import('./commands/apply.ts')).addApply],
  ['status', async () => (await import('./commands/status.ts')).addStatus],
  ['show', async () => (await import('./commands/show.ts')).addShow],
  ['destroy', async () => (await import('./commands/destroy.ts')).addDestroy],
  ['agent', async () => (await import('./commands/agent.ts')).addAgent],
  ['doctor', async () => (await import('./commands/doctor.ts')).addDoctor],
  ['network', async () => (await import('./commands/network.ts')).addNetwork],
  ['subnet', async () => (await import('./commands/subnet.ts')).addSubnet],
  ['router', async () => (await import('./commands/router.ts')).addRouter],
  ['port', async () => (await import('./commands/port.ts')).addPort],
  ['floating-ip', async () => (await import('./commands/floating-ip.ts')).addFloatingIp],
  ['events', async () => (await import('./commands/events.ts')).addEvents],
  ['token', async () => (await import('./commands/token.ts')).addToken],
  ['errors', async () => (await import('./commands/errors.ts')).addErrors],
  ['completion', async () => (await import('./commands/completion.ts')).addCompletion],
]);

/** These speak of all the others. */
const OF_ALL = new Set(['completion', 'help']);

export async function allCommands(): Promise<readonly AddCommand[]> {
  return Promise.all([...COMMANDS.values()].map(async (load) => load()));
}

/** Those that what was typed after `buoy` can mean: one, if its name comes before everything else. */
export async function commandsFor(typed: readonly string[]): Promise<readonly AddCommand[]> {
  const [name = ''] = typed;
  const load = OF_ALL.has(name) ? undefined : COMMANDS.get(name);
  return load === undefined ? allCommands() : [await load()];
}
