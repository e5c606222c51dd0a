import type { Command } from 'commander';
import { changeKernel } from '../change-kernel.ts';
import { agentOptions } from '../agent/endpoint.ts';
import type { AgentOptions } from '../agent/endpoint.ts';
import { runningAgent } from '../agent/with-agent.ts';
import type { DirectOption, WaitOption } from '../agent/with-agent.ts';
import { defineCommand } from '../define-command.ts';
import { applyToAgent } from '../hand-over/hand-over-file.ts';
import type { GlobalOptions, IntentOptions, JsonOption, ChangeOptions } from '../options.ts';
import { changeOptions, directOption, intentOptions, jsonOption, waitOption } from '../options.ts';
import { compare, readModel } from '../reconcile.ts';

type Options = GlobalOptions & IntentOptions & JsonOption & ChangeOptions & AgentOptions & DirectOption & WaitOption;

export function addApply(program: Command): void {
  const command = defineCommand(program, {
    usage: 'apply',
    summary: 'make the kernel, or the intent of the agent, as a file says',
    description:
      'Compares what FILE says with what the kernel has, and changes what differs. What Buoy made earlier and FILE does not name is removed. ' +
      'Where nothing differs, nothing is written. Interrupted or failed, it is finished by running it again. ' +
      'If an agent keeps this host, FILE is compared with the intent of the agent, which is changed by its API: what carries the tag buoy:file, and nothing else.',
    examples: [
      ['sudo buoy apply net.yaml', 'apply an intent'],
      ['sudo buoy apply routers.json --format neutron-routers', "apply Neutron's list of routers"],
      ['sudo buoy apply net.yaml --lock-wait 0', 'fail at once if another Buoy is at work'],
    ],
  }).argument('<file>', 'the intent');
  for (const option of [
    ...intentOptions(),
    ...agentOptions(),
    waitOption(),
    directOption(),
    ...changeOptions(),
    jsonOption(),
  ])
    command.addOption(option);
  command.action(async (file: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    using agent = await runningAgent(options);
    if (agent !== undefined) {
      process.exitCode = await applyToAgent(agent, file, options);
      return;
    }
    const model = await readModel(file, options);
    process.exitCode = await changeKernel(options, {
      holder: `buoy apply ${file}`,
      nothingToDo: `Nothing to do: the kernel is as ${file} says.`,
      plan: async (kernel) => (await compare(kernel, model, options.instance)).plan,
    });
  });
}
