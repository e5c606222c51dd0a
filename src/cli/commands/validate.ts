import type { Command } from 'commander';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, IntentOptions, JsonOption } from '../options.ts';
import { intentOptions, jsonOption } from '../options.ts';
import { colorsFor, counted, print, printJson } from '../output/terminal.ts';
import { readModel } from '../reconcile.ts';

type Options = GlobalOptions & IntentOptions & JsonOption;

export function addValidate(program: Command): void {
  const command = defineCommand(program, {
    usage: 'validate',
    summary: 'check a file, without looking at the kernel',
    description: 'Reads FILE and prints all that is wrong with it, each at its line and column. Needs no root.',
    examples: [
      ['buoy validate net.yaml', 'check an intent'],
      ['buoy validate routers.json --format neutron-routers', "check Neutron's list of routers"],
      ['buoy validate net.yaml --json', 'for an editor or a pipeline'],
    ],
  }).argument('<file>', 'the intent');
  for (const option of [...intentOptions(), jsonOption()]) command.addOption(option);
  command.action(async (file: string, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    const { networks, routers } = await readModel(file, options);
    const floatingIps = routers.values().reduce((sum, router) => sum + router.floatingIps.size, 0);
    if (options.json === true) {
      printJson({ valid: true, networks: networks.size, routers: routers.size, floating_ips: floatingIps });
    } else {
      const valid = colorsFor(process.stdout, options.color).green('valid');
      print(
        `${file} is ${valid}: ${counted(networks.size, 'network')}, ${counted(routers.size, 'router')}, ${counted(floatingIps, 'floating IP')}.\n`,
      );
    }
  });
}
