import type { Command } from 'commander';
import { agentOptions } from '../../agent/endpoint.ts';
import type { Resource } from '../../agent/resource-types.ts';
import type { ClientOptions, WaitOption } from '../../agent/with-agent.ts';
import { withAgent } from '../../agent/with-agent.ts';
import { defineCommand } from '../../define-command.ts';
import { jsonOption, waitOption } from '../../options.ts';
import type { Kind } from '../kind.ts';
import { addSettings } from '../settings.ts';
import { printSettled } from '../settled.ts';
import { tagOption } from '../tags.ts';
import type { TagOptions } from '../tags.ts';

export function addCreate<T extends Resource>(group: Command, kind: Kind<T>): void {
  const { argument, settings, examples } = kind.create;
  const command = defineCommand(group, {
    usage: 'create',
    summary: `make a ${kind.type.noun}`,
    description: `Makes a ${kind.type.noun} and prints it.`,
    examples,
  }).argument(argument.flags, argument.description);
  const read = addSettings(command, settings);
  const waiting = kind.settle === undefined ? [] : [waitOption()];
  for (const option of [tagOption(), ...waiting, ...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (word: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions & WaitOption & TagOptions>();
    await withAgent(options, async (client) => {
      const context = { client, current: undefined };
      const attributes = {
        ...(await argument.attributes([word], { ...context, given: new Set() })),
        ...(await read(invoked.opts(), context)),
        ...(options.tag !== undefined && { tags: options.tag }),
      };
      await printSettled(client, kind, await client.create(kind.type, attributes), options);
    });
  });
}
