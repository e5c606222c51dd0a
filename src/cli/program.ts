// The command `buoy` with all its commands and options. Help and completion are made of it.

import { Command } from 'commander';
import type { StartListener } from '../agent/index.ts';
import { BuoyError, EXIT } from '../errors.ts';
import type { StartAgent } from '../playground/index.ts';
import type { AddCommand } from './commands.ts';
import { globalOptions } from './options.ts';
import { WIDEST } from './output/terminal.ts';
import { buoyVersion } from './package-files.ts';

const DESCRIPTION =
  'Floating IPs for Linux hosts: what a file says is compared with what the kernel has, and the difference is applied.';

const AFTER = `
Exit codes:
  ${EXIT.ok}  all done
  ${EXIT.failed}  something failed while it ran, or \`status\` found something broken
  ${EXIT.differences}  \`plan\` found differences
  ${EXIT.badInput}  the file or the command line is wrong; nothing was tried
  ${EXIT.unable}  this machine lacks a privilege or a kernel feature; see \`buoy doctor\`
  ${EXIT.foreign}  a name that is needed belongs to somebody else; nothing was changed
  ${EXIT.locked}  another Buoy is changing this host

Examples:
  buoy demo                  see it work, without touching this machine's network
  buoy doctor                what this machine lacks, if anything
  buoy plan net.yaml         what \`apply\` would do
  sudo buoy apply net.yaml   do it
  sudo buoy status           whether all floating IPs work`;

/** What commands need and nothing in `src/` does. */
export interface Services {
  readonly startAgent: StartAgent;
  readonly startListener: StartListener;
}

const NO_SERVICES: Services = { startAgent: startNothing, startListener: startNothing };

function startNothing(): never {
  throw new BuoyError('BUOY_INTERNAL', 'this program was made for its help alone');
}

/** Without services, a program whose help can be read. */
export function createProgram(commands: readonly AddCommand[], services = NO_SERVICES): Command {
  const program = new Command('buoy')
    .description(DESCRIPTION)
    .version(buoyVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', AFTER)
    .exitOverride()
    .configureOutput({
      // Errors are reported by main.ts, like all others.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? WIDEST, WIDEST),
      getErrHelpWidth: () => WIDEST,
    })
    .configureHelp({
      showGlobalOptions: true,
      // The descriptions name the choices, where they are few.
      argumentDescription: ({ description }) => description,
      optionDescription: ({ description, defaultValue }) =>
        defaultValue === undefined ? description : `${description} (default: ${String(defaultValue)})`,
    });
  for (const option of globalOptions()) program.addOption(option);
  for (const add of commands) add(program, services);
  return program;
}
