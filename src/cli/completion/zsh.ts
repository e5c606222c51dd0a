import type { CommandWord, OptionWord, Value, Words } from './words.ts';

/** A completion script for zsh, to be sourced or to lie in a folder of $fpath as `_buoy`. */
export function zshCompletion({ options, commands }: Words): string {
  return `#compdef buoy
# Completion of buoy for zsh. Made by: buoy completion zsh

_buoy() {
  local -a global
  global=(
    ${options.map(optionSpec).join('\n    ')}
  )
  _buoy_commands
}

${functionOf('_buoy_commands', commands)}
if [[ $funcstack[1] == _buoy ]]; then _buoy "$@"; else compdef _buoy buoy; fi
`;
}

/** A function for each command that has commands, the inner ones first. */
function functionOf(name: string, commands: readonly CommandWord[]): string {
  const groups = commands.filter((command) => command.commands.length > 0);
  const inner = groups.map((command) => functionOf(groupFunction(command), command.commands)).join('');
  return `${inner}${name}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
    ${commands.map((command) => quoted(`${command.name}:${command.summary.replaceAll(':', '\\:')}`)).join('\n    ')}
  )
  _arguments -C $global '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}

`;
}

function groupFunction({ name }: CommandWord): string {
  return `_buoy_${name.replaceAll('-', '_')}`;
}

function commandCase(command: CommandWord): string {
  const { name, options, value, commands } = command;
  if (commands.length > 0) return `        ${name}) ${groupFunction(command)} ;;`;
  const specs = [...options.map(optionSpec), ...(value === undefined ? [] : [quoted(`1:${zshValue(value)}`)])];
  return `        ${name}) _arguments $global ${specs.join(' ')} ;;`;
}

function optionSpec({ long, summary, value }: OptionWord): string {
  const text = `[${summary.replaceAll(/[[\]]/g, '')}]`;
  return quoted(value === undefined ? `${long}${text}` : `${long}=${text}:${zshValue(value)}`);
}

/** A message and an action of _arguments. */
function zshValue(value: Value): string {
  if (value === 'file') return 'file:_files';
  return value === 'anything' ? 'value: ' : `value:(${value.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
