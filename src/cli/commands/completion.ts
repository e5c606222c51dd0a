import { Argument } from 'commander';
import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { wordsOf } from '../completion/words.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { defineCommand } from '../define-command.ts';
import { print } from '../output/terminal.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export function addCompletion(program: Command): void {
  defineCommand(program, {
    usage: 'completion',
    summary: 'print a completion script for a shell',
    description: 'Prints a script by which a shell completes the commands and options of buoy.',
    examples: [
      ['source <(buoy completion bash)', 'in ~/.bashrc'],
      ['source <(buoy completion zsh)', 'in ~/.zshrc, after compinit'],
      ['buoy completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
  })
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => print(SHELLS[shell](wordsOf(program))));
}
