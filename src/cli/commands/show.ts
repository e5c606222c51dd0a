import type { Command } from 'commander';
import { listing } from '../../host/listing.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions, JsonOption } from '../options.ts';
import { jsonOption } from '../options.ts';
import { stateDocument } from '../output/state-document.ts';
import { colorsFor, print, printJson } from '../output/terminal.ts';
import { withKernel } from '../with-kernel.ts';

export function addShow(program: Command): void {
  defineCommand(program, {
    usage: 'show',
    summary: 'list all that the kernel has of Buoy',
    description:
      'Prints every namespace, link, address, neighbour, rule, route, sysctl and nftables object that this instance of Buoy owns, one a line ' +
      'in a fixed order, close to what ip, nft and sysctl print. Two listings are equal exactly when the two states are.',
    examples: [
      ['sudo buoy show', 'all of it'],
      ['sudo buoy show > before.txt', 'keep it, to compare later'],
      ['sudo buoy show --json', 'for a program'],
    ],
  })
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & JsonOption>();
      const state = await withKernel(options, (kernel) => kernel.read());
      if (options.json === true) printJson(stateDocument(state));
      else print(listing(state).replace(/^\S.*$/gm, colorsFor(process.stdout, options.color).bold));
    });
}
