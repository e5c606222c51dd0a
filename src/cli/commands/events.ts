import type { Command } from 'commander';
import { Option } from 'commander';
import { agentOptions } from '../agent/endpoint.ts';
import { followEvents } from '../agent/events.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { ClientOptions } from '../agent/with-agent.ts';
import { withAgent } from '../agent/with-agent.ts';
import { defineCommand } from '../define-command.ts';
import { jsonOption } from '../options.ts';
import { eventText } from '../output/event-text.ts';
import { colorsFor, note, print } from '../output/terminal.ts';
import { collect } from '../resources/settings.ts';

interface Options extends ClientOptions {
  readonly follow?: true;
  readonly kind?: readonly string[];
}

export function addEvents(program: Command): void {
  const command = defineCommand(program, {
    usage: 'events',
    summary: 'tell what the agent does, as it happens',
    description:
      'Prints an event a line from now on, until the agent stops: changes of its intent (intent), what others changed in the kernel (drift), ' +
      'what became of routers (status), and more.',
    examples: [
      ['buoy events --follow', 'all, also after the agent was restarted'],
      ['buoy events --kind drift --kind status', 'what is broken and repaired'],
      ['buoy events --json', 'for a program: one JSON document a line'],
    ],
  })
    .option('-f, --follow', 'go on when the agent comes back')
    .addOption(new Option('--kind <kind>', 'events of this kind; can be given more than once').argParser(collect));
  for (const option of [...agentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (_options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    const colors = colorsFor(process.stdout, options.color);
    const textOf = (event: AgentEvent): string => {
      const time = new Date().toISOString();
      return options.json === true ? `${JSON.stringify({ time, ...event })}\n` : eventText(time, event, colors);
    };
    await withAgent(options, async (client) => {
      const events = followEvents(client, {
        kinds: options.kind ?? [],
        isLasting: options.follow === true,
        onConnection: (isFirst) => {
          if (!isFirst) note('The agent is back; what it did meanwhile is not told.\n');
        },
      });
      for await (const event of events) print(textOf(event));
    });
  });
}
