import type { Command } from 'commander';
import { agentOptions } from '../../agent/endpoint.ts';
import { findResource } from '../../agent/find.ts';
import type { Resource } from '../../agent/resource-types.ts';
import type { ClientOptions, WaitOption } from '../../agent/with-agent.ts';
import { withAgent } from '../../agent/with-agent.ts';
import { defineCommand } from '../../define-command.ts';
import { jsonOption, waitOption } from '../../options.ts';
import { argumentOf } from '../arguments.ts';
import type { Change, Kind } from '../kind.ts';
import { addSettings, demandSome } from '../settings.ts';
import { printSettled } from '../settled.ts';
import { changedTags, tagOption, untagOption } from '../tags.ts';
import type { TagOptions } from '../tags.ts';

export function addSet<T extends Resource>(group: Command, kind: Kind<T>): void {
  addChange(group, kind, kind.set, {
    usage: 'set',
    summary: `change a ${kind.type.noun}`,
    description: `Changes a ${kind.type.noun} and prints it. What is not said stays as it is.`,
  });
}

/** For kinds that have it. */
export function addUnset<T extends Resource>(group: Command, kind: Kind<T>): void {
  if (kind.unset === undefined) return;
  addChange(group, kind, kind.unset, {
    usage: 'unset',
    summary: `take away what \`set\` gives`,
    description: `Takes away what \`set\` gives a ${kind.type.noun}, and prints it.`,
  });
}

function addChange<T extends Resource>(
  group: Command,
  kind: Kind<T>,
  { settings, examples }: Change<T>,
  text: { readonly usage: string; readonly summary: string; readonly description: string },
): void {
  const command = defineCommand(group, { ...text, examples }).argument(...argumentOf(kind.type));
  const read = addSettings(command, settings);
  const tagging = kind.set.settings === settings ? [tagOption(), untagOption()] : [];
  const waiting = kind.settle === undefined ? [] : [waitOption()];
  for (const option of [...tagging, ...waiting, ...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (name: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions & WaitOption & TagOptions>();
    await withAgent(options, async (client) => {
      const current = await findResource(client, kind.type, name);
      const attributes = await read(invoked.opts(), { client, current });
      const tags = changedTags(current.tags, options);
      demandSome(attributes, tags !== undefined);
      if (Object.keys(attributes).length > 0) await client.update(kind.type, current.id, attributes);
      if (tags !== undefined) await client.setTags(kind.type, current.id, tags);
      const changed = await client.show(kind.type, current.id);
      await printSettled(client, kind, changed, options);
    });
  });
}
