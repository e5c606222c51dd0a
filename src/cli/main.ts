// The command line: runs what was typed and ends with the exit code of what came of it.

import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { BuoyError, EXIT } from '../errors.ts';
import { commandsFor } from './commands.ts';
import type { GlobalOptions } from './options.ts';
import { errorDocument, errorsOf, errorText, exitOf } from './output/error-report.ts';
import { colorsFor, note, printJson, toleratesClosedPipes } from './output/terminal.ts';
import type { Services } from './program.ts';
import { createProgram } from './program.ts';

/** commander throws these after it has printed what was asked for. */
const PRINTED = new Set(['commander.helpDisplayed', 'commander.version']);
/** The same for `buoy` with no command. */
const HELP_FOR_WANT_OF_A_COMMAND = 'commander.help';

/** Runs what was typed. Sets the exit code of the process when it is done. */
export async function runCommandLine(services: Services): Promise<void> {
  toleratesClosedPipes();
  const program = createProgram(await commandsFor(process.argv.slice(2)), services);
  process.on('uncaughtException', (error) => process.exit(report(error, program)));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error, program);
  }
}

/** Tells of an error and answers the exit code for it. */
function report(thrown: unknown, command: Command): number {
  if (thrown instanceof CommanderError && PRINTED.has(thrown.code)) return EXIT.ok;
  if (thrown instanceof CommanderError && thrown.code === HELP_FOR_WANT_OF_A_COMMAND) return EXIT.badInput;
  const errors = errorsOf(thrown instanceof CommanderError ? usageError(thrown) : thrown);
  // Even when the command line could not be understood, whoever asked for JSON gets JSON.
  if (process.argv.includes('--json')) printJson({ errors: errors.map(errorDocument) });
  else {
    const { color, debug } = command.opts<Partial<GlobalOptions>>();
    note(errorText(errors, colorsFor(process.stderr, color ?? 'auto'), debug === true));
  }
  return exitOf(errors);
}

function usageError({ message }: CommanderError): BuoyError {
  return new BuoyError('BUOY_USAGE', message.replace(/^error: /, '').replaceAll('\n', ' '));
}
