import type { CommandWord, OptionWord, Value, Words } from './words.ts';

/** A completion script for fish. */
export function fishCompletion({ options, commands }: Words): string {
  const lines = ['# Completion of buoy for fish. Made by: buoy completion fish', 'complete -c buoy -f'];
  for (const option of options) lines.push(optionLine(option));
  lines.push(...commandLines(commands, ''));
  return `${lines.join('\n')}\n`;
}

/** `before`: the condition that a group was typed before, or nothing. */
function commandLines(commands: readonly CommandWord[], before: string): readonly string[] {
  const names = commands.map(({ name }) => name);
  const groups = commands.filter((command) => command.commands.length > 0).map(({ name }) => name);
  return commands.flatMap(({ name, summary, options, value, commands: inner }) => {
    const condition = `${before}not __fish_seen_subcommand_from ${names.join(' ')}`;
    // What is typed after a group may be called like a command: `network show`.
    const isGroup = groups.includes(name);
    const others = groups.length === 0 || isGroup ? '' : `; and not __fish_seen_subcommand_from ${groups.join(' ')}`;
    const seen = `${before}__fish_seen_subcommand_from ${name}${others}`;
    const here = `-n ${quoted(seen)}`;
    return [
      `complete -c buoy -n ${quoted(condition)} -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => optionLine(option, here)),
      ...(value === 'file' ? [`complete -c buoy ${here} -F`] : []),
      ...(value === undefined || value === 'file' || value === 'anything'
        ? []
        : [`complete -c buoy ${here} -a ${quoted(value.join(' '))}`]),
      ...commandLines(inner, `${seen}; and `),
    ];
  });
}

function optionLine({ long, summary, value }: OptionWord, condition?: string): string {
  const words = [
    'complete -c buoy',
    ...(condition === undefined ? [] : [condition]),
    `-l ${long.slice(2)}`,
    ...valueWords(value),
    `-d ${quoted(summary)}`,
  ];
  return words.join(' ');
}

function valueWords(value: Value | undefined): string[] {
  if (value === undefined) return [];
  if (value === 'file') return ['-r', '-F'];
  return value === 'anything' ? ['-x'] : ['-x', `-a ${quoted(value.join(' '))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
