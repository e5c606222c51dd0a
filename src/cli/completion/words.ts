// What can be typed after `buoy`, taken from the program itself, in the form that the completions of
// all shells are made of.

import type { Argument, Command, Option } from 'commander';

export interface Words {
  readonly options: readonly OptionWord[];
  readonly commands: readonly CommandWord[];
}

export interface CommandWord {
  readonly name: string;
  readonly summary: string;
  /** Its own; those of the program may be typed after it as well. */
  readonly options: readonly OptionWord[];
  readonly value: Value | undefined;
  /** `create` and `list` of `network`; none for most. */
  readonly commands: readonly CommandWord[];
}

export interface OptionWord {
  /** `--json` */
  readonly long: string;
  readonly summary: string;
  /** What follows it; undefined for an option that stands alone. */
  readonly value: Value | undefined;
}

/** A file, one of some words, or something that nobody can guess. */
export type Value = 'file' | 'anything' | readonly string[];

export function wordsOf(program: Command): Words {
  const options = optionWords(program);
  const global = new Set(options.map(({ long }) => long));
  return { options, commands: commandWords(program, global) };
}

function commandWords(parent: Command, global: ReadonlySet<string>): readonly CommandWord[] {
  return parent.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: optionWords(command).filter(({ long }) => !global.has(long)),
    value: valueOf(command.registeredArguments[0]),
    commands: commandWords(command, global),
  }));
}

function optionWords(command: Command): OptionWord[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) =>
      option.long === undefined
        ? []
        : [{ long: option.long, summary: option.description, value: option.required ? valueOf(option) : undefined }],
    );
}

function valueOf(holder: Argument | Option | undefined): Value | undefined {
  if (holder === undefined) return undefined;
  if (holder.argChoices !== undefined) return holder.argChoices;
  return holder.name() === 'file' ? 'file' : 'anything';
}

/** The options that need a value, of the program and of all commands, each once. */
export function valuedOptions({ options, commands }: Words): ReadonlyMap<string, Value> {
  const valued = new Map<string, Value>();
  const all = [...options, ...allCommands(commands).flatMap(([, command]) => command.options)];
  for (const { long, value } of all) if (value !== undefined) valued.set(long, value);
  return valued;
}

/** Every command under all that is typed for it, `network` and `network create`. */
export function allCommands(
  commands: readonly CommandWord[],
  before = '',
): readonly (readonly [string, CommandWord])[] {
  return commands.flatMap((command) => {
    const typed = `${before}${command.name}`;
    return [[typed, command] as const, ...allCommands(command.commands, `${typed} `)];
  });
}
