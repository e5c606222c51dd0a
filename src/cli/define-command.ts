import type { Command } from 'commander';

export interface CommandText {
  /** Name and arguments, as commander takes them: `plan <file>`. */
  readonly usage: string;
  /** A line for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** What to type, and what that does. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Adds a command that has commands of its own. */
export function defineGroup(program: Command, text: CommandText): Command {
  return defineCommand(program, text).helpCommand('help [command]', 'print the help of a command');
}

/** Adds a command to the program, with examples at the end of its help. */
export function defineCommand(program: Command, { usage, summary, description, examples }: CommandText): Command {
  const width = Math.max(...examples.map(([typed]) => typed.length));
  const lines = examples.map(([typed, effect]) => `  ${typed.padEnd(width)}  ${effect}`.trimEnd());
  return program
    .command(usage)
    .summary(summary)
    .description(description)
    .addHelpText('after', ['\nExamples:', ...lines].join('\n'));
}
