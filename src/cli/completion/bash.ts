import type { CommandWord, Value, Words } from './words.ts';
import { allCommands, valuedOptions } from './words.ts';

/** A completion script for bash 4 and newer. */
export function bashCompletion(words: Words): string {
  const { options, commands } = words;
  const valued = valuedOptions(words);
  const all = allCommands(commands);
  const groups = all.filter(([, command]) => command.commands.length > 0).map(([typed]) => typed);
  const longs = (list: Words['options']): string => list.map(({ long }) => long).join(' ');
  return `# Completion of buoy for bash. Made by: buoy completion bash

_buoy() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= index
  COMPREPLY=()
  # bash takes --color=always for three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${[...valued.keys()].join(' | ')}) ((index++)); [[ \${COMP_WORDS[index]} == = ]] && ((index++)) ;;
      -*) ;;
      *)
        command=\${command:+$command }\${COMP_WORDS[index]}
        case $command in ${groups.join(' | ')}) ;; *) break ;; esac ;;
    esac
  done
  case $previous in
${[...valued].map(([long, value]) => `    ${long}) ${bashValue(value)}; return ;;`).join('\n')}
  esac
  case $command in
    '') if [[ $current == -* ]]; then _buoy_words '${longs(options)}'; else _buoy_words '${commands.map(({ name }) => name).join(' ')}'; fi ;;
${all.map(([typed, command]) => `    '${typed}') if [[ $current == -* ]]; then _buoy_words '${longs([...command.options, ...options])}'; else ${bashWord(command)}; fi ;;`).join('\n')}
  esac
}

_buoy_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_buoy_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -F _buoy buoy
`;
}

function bashWord({ value, commands }: CommandWord): string {
  return bashValue(commands.length > 0 ? commands.map(({ name }) => name) : value);
}

function bashValue(value: Value | undefined): string {
  if (value === undefined || value === 'anything') return ':';
  return value === 'file' ? '_buoy_files' : `_buoy_words '${value.join(' ')}'`;
}
