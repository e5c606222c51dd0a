import type { Command } from 'commander';
import { allCommands } from '../src/cli/commands.ts';
import { createProgram } from '../src/cli/program.ts';

const COMMANDS = await allCommands();
const WIDTH = 100;

/** What `buoy COMMAND --help` prints where it is no terminal, by the command (`plan`, `network create`); that of `buoy --help` by ''. */
export function helpTexts(): ReadonlyMap<string, string> {
  const program = createProgram(COMMANDS);
  return new Map([['', helpOf(program)], ...textsOf(program, '')]);
}

function textsOf(parent: Command, before: string): readonly (readonly [string, string])[] {
  return parent.commands.flatMap((command) => {
    const typed = `${before}${command.name()}`;
    return [[typed, helpOf(command)] as const, ...textsOf(command, `${typed} `)];
  });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => WIDTH });
  command.outputHelp();
  return text;
}
