import type { OptionWord, Value, Words } from './words.ts';

/** A completion script for fish. */
export function fishCompletion({ options, commands }: Words): string {
  const names = commands.map(({ name }) => name);
  const lines = ['# Completion of buoy for fish. Made by: buoy completion fish', 'complete -c buoy -f'];
  for (const { name, summary } of commands)
    lines.push(
      `complete -c buoy -n ${quoted(`not __fish_seen_subcommand_from ${names.join(' ')}`)} -a ${name} -d ${quoted(summary)}`,
    );
  for (const option of options) lines.push(optionLine(option));
  for (const { name, options: own, value } of commands) {
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    for (const option of own) lines.push(optionLine(option, here));
    if (value === 'file') lines.push(`complete -c buoy ${here} -F`);
    else if (value !== undefined && value !== 'anything')
      lines.push(`complete -c buoy ${here} -a ${quoted(value.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
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
