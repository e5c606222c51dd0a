import type { Command } from 'commander';
import { createProgram } from '../src/cli/program.ts';

const WIDTH = 100;

/** What `buoy COMMAND --help` prints where it is no terminal, by the command; that of `buoy --help` by ''. */
export function helpTexts(): ReadonlyMap<string, string> {
  const program = createProgram();
  return new Map([
    ['', helpOf(program)],
    ...program.commands.map((command) => [command.name(), helpOf(command)] as const),
  ]);
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => WIDTH });
  command.outputHelp();
  return text;
}
