import type { Command } from 'commander';
import { changeKernel } from '../change-kernel.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, IntentOptions, JsonOption, ChangeOptions } from '../options.ts';
import { intentOptions, jsonOption, changeOptions } from '../options.ts';
import { compare, readModel } from '../reconcile.ts';

type Options = GlobalOptions & IntentOptions & JsonOption & ChangeOptions;

export function addApply(program: Command): void {
  const command = defineCommand(program, {
    usage: 'apply',
    summary: 'make the kernel as a file says',
    description:
      'Compares what FILE says with what the kernel has, and changes what differs. What Buoy made earlier and FILE does not name is removed. ' +
      'Where nothing differs, nothing is written. Interrupted or failed, it is finished by running it again.',
    examples: [
      ['sudo buoy apply net.yaml', 'apply an intent'],
      ['sudo buoy apply routers.json --format neutron-routers', "apply Neutron's list of routers"],
      ['sudo buoy apply net.yaml --lock-wait 0', 'fail at once if another Buoy is at work'],
    ],
  }).argument('<file>', 'the intent');
  for (const option of [...intentOptions(), ...changeOptions(), jsonOption()]) command.addOption(option);
  command.action(async (file: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    const model = await readModel(file, options);
    process.exitCode = await changeKernel(options, {
      holder: `buoy apply ${file}`,
      nothingToDo: `Nothing to do: the kernel is as ${file} says.`,
      plan: async (kernel) => (await compare(kernel, model, options.instance)).plan,
    });
  });
}
