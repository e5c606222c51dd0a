import type { CommandWord, OptionWord, Value, Words } from './words.ts';

/** A completion script for zsh, to be sourced or to lie in a folder of $fpath as \`_buoy\`. */
export function zshCompletion({ options, commands }: Words): string {
  return `#compdef buoy
# Completion of buoy for zsh. Made by: buoy completion zsh

_buoy() {
  local curcontext=$curcontext state line
  local -a global commands
  global=(
    ${options.map(optionSpec).join('\n    ')}
  )
  commands=(
    ${commands.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join('\n    ')}
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

if [[ $funcstack[1] == _buoy ]]; then _buoy "$@"; else compdef _buoy buoy; fi
`;
}

function commandCase({ name, options, value }: CommandWord): string {
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
