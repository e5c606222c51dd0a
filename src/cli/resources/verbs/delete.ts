import type { Command } from 'commander';
import { BuoyError, BuoyErrors } from '../../../errors.ts';
import { agentOptions } from '../../agent/endpoint.ts';
import { findResource } from '../../agent/find.ts';
import type { Resource } from '../../agent/resource-types.ts';
import type { ClientOptions } from '../../agent/with-agent.ts';
import { withAgent } from '../../agent/with-agent.ts';
import { defineCommand } from '../../define-command.ts';
import { jsonOption } from '../../options.ts';
import { print, printJson } from '../../output/terminal.ts';
import { argumentOf } from '../arguments.ts';
import type { Kind } from '../kind.ts';

export function addDelete<T extends Resource>(group: Command, kind: Kind<T>): void {
  const { noun } = kind.type;
  const [argument, description] = argumentOf(kind.type);
  const command = defineCommand(group, {
    usage: 'delete',
    summary: `delete ${noun}s`,
    description: `Deletes ${noun}s. Of several, one that cannot be deleted does not keep the others.`,
    examples: kind.examples.delete,
  }).argument(argument.replace('>', '...>'), description);
  for (const option of [...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (names: readonly string[], _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<ClientOptions>();
    const deleted: string[] = [];
    const errors: BuoyError[] = [];
    await withAgent(options, async (client) => {
      for (const name of names) {
        try {
          const { id } = await findResource(client, kind.type, name);
          await client.remove(kind.type, id);
          deleted.push(id);
          if (options.json !== true) print(`${noun} ${name} is deleted.\n`);
        } catch (error) {
          if (!(error instanceof BuoyError)) throw error;
          errors.push(error);
        }
      }
    });
    const [first, ...others] = errors;
    if (first !== undefined) throw new BuoyErrors([first, ...others]);
    if (options.json === true) printJson({ deleted });
  });
}
