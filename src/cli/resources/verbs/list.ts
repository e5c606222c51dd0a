import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { AgentClient, Query } from '../../agent/agent-client.ts';
import { agentOptions } from '../../agent/endpoint.ts';
import type { Resource } from '../../agent/resource-types.ts';
import type { ClientOptions } from '../../agent/with-agent.ts';
import { withAgent } from '../../agent/with-agent.ts';
import { defineCommand } from '../../define-command.ts';
import { jsonOption } from '../../options.ts';
import { colorsFor, print, printJson } from '../../output/terminal.ts';
import type { Kind, NameOf } from '../kind.ts';
import { listText } from '../output.ts';

interface FilterOption {
  readonly filter?: Readonly<Record<string, readonly string[]>>;
}

export function addList<T extends Resource>(group: Command, kind: Kind<T>): void {
  const { noun } = kind.type;
  const command = defineCommand(group, {
    usage: 'list',
    summary: `list ${noun}s`,
    description: `Prints all ${noun}s, or those that fit a filter, one a line.`,
    examples: kind.examples.list,
  });
  const filter = new Option(
    '--filter <attribute=value>',
    'only those with this value; given more than once, all must fit, and of one attribute any',
  ).argParser(parseFilter);
  for (const option of [filter, ...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (_options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions & FilterOption>();
    await withAgent(options, async (client) => {
      const resources = await client.list(kind.type, options.filter);
      if (options.json === true) return printJson(resources);
      const nameOf = await namesOf(client, resources.length === 0 ? [] : kind.refersTo);
      print(listText(resources, kind.columns, nameOf, colorsFor(process.stdout, options.color)));
    });
  });
}

/** Names of all resources of some kinds. */
export async function namesOf(client: AgentClient, types: Kind<Resource>['refersTo']): Promise<NameOf> {
  const names = new Map<string, unknown>();
  for (const type of types)
    for (const resource of await client.list(type)) names.set(resource.id, resource[type.nameAttribute]);
  return (id) => {
    const name = names.get(id ?? '');
    return typeof name === 'string' && name !== '' ? name : (id ?? '-');
  };
}

function parseFilter(text: string, earlier: Query | undefined): Query {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Use ATTRIBUTE=VALUE.');
  const [attribute, value] = [text.slice(0, equals), text.slice(equals + 1)];
  return { ...earlier, [attribute]: [earlier?.[attribute] ?? [], value].flat() };
}
