import type { Command } from 'commander';
import { diff } from '../../host/diff.ts';
import { NO_STATE } from '../../host/state.ts';
import { agentOptions } from '../agent/endpoint.ts';
import type { AgentOptions } from '../agent/endpoint.ts';
import { refuseBesideAgent } from '../agent/with-agent.ts';
import type { DirectOption } from '../agent/with-agent.ts';
import { changeKernel } from '../change-kernel.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, JsonOption, ChangeOptions } from '../options.ts';
import { changeOptions, directOption, jsonOption } from '../options.ts';

type Options = GlobalOptions & JsonOption & ChangeOptions & AgentOptions & DirectOption;

export function addDestroy(program: Command): void {
  const command = defineCommand(program, {
    usage: 'destroy',
    summary: 'remove all that Buoy made, and nothing else',
    description:
      'Removes the namespaces and links that carry the mark of this instance of Buoy. What carries no mark, or the mark of another instance, ' +
      'stays as it is. An agent that keeps this host would put it back, so it has to be stopped first.',
    examples: [
      ['sudo buoy destroy', 'remove all'],
      ['sudo buoy destroy --instance blue', 'remove what `buoy apply --instance blue` made'],
    ],
  });
  for (const option of [...agentOptions(), directOption(), ...changeOptions(), jsonOption()]) command.addOption(option);
  command.action(async (_options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    await refuseBesideAgent(options, 'buoy destroy');
    process.exitCode = await changeKernel(options, {
      holder: 'buoy destroy',
      nothingToDo: 'Nothing to do: there is nothing of Buoy here.',
      plan: async (kernel) => diff(await kernel.read(), NO_STATE),
    });
  });
}
