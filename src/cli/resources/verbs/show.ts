import type { Command } from 'commander';
import { agentOptions } from '../../agent/endpoint.ts';
import { findResource } from '../../agent/find.ts';
import type { Resource } from '../../agent/resource-types.ts';
import type { ClientOptions } from '../../agent/with-agent.ts';
import { withAgent } from '../../agent/with-agent.ts';
import { defineCommand } from '../../define-command.ts';
import { jsonOption } from '../../options.ts';
import { argumentOf } from '../arguments.ts';
import type { Kind } from '../kind.ts';
import { printResource } from '../output.ts';

export function addShow<T extends Resource>(group: Command, kind: Kind<T>): void {
  const { noun } = kind.type;
  const command = defineCommand(group, {
    usage: 'show',
    summary: `show a ${noun}`,
    description: `Prints all attributes of a ${noun}.`,
    examples: kind.examples.show,
  }).argument(...argumentOf(kind.type));
  for (const option of [...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (name: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions>();
    const resource = await withAgent(options, (client) => findResource(client, kind.type, name));
    printResource(resource, options);
  });
}
