// Completion, asked of the shells themselves. Of zsh and fish only where they are installed.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashCompletion } from '../../src/cli/completion/bash.ts';
import { fishCompletion } from '../../src/cli/completion/fish.ts';
import { wordsOf } from '../../src/cli/completion/words.ts';
import { zshCompletion } from '../../src/cli/completion/zsh.ts';
import { allCommands } from '../../src/cli/commands.ts';
import { createProgram } from '../../src/cli/program.ts';
import { buoy, run } from './buoy.ts';

const WORDS = wordsOf(createProgram(await allCommands()));
const COMMANDS = WORDS.commands.map(({ name }) => name);
const GLOBAL = ['--color', '--debug', '--help', '--instance', '--version'];

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'buoy-completion-'));
  writeFileSync(join(directory, 'net one.yaml'), '');
  writeFileSync(join(directory, 'bash'), bashCompletion(WORDS));
  writeFileSync(join(directory, 'zsh'), zshCompletion(WORDS));
  writeFileSync(join(directory, 'fish'), fishCompletion(WORDS));
});
afterAll(() => rmSync(directory, { recursive: true }));

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

test.each(['bash', 'zsh', 'fish'])('`buoy completion %s` prints a script', (shell) => {
  const made = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
  const scripts: Record<string, string> = Object.fromEntries(
    Object.entries(made).map(([name, make]) => [name, make(WORDS)]),
  );
  expect(buoy('completion', shell)).toEqual({ exit: 0, out: scripts[shell], err: '' });
});

test('there is none for another shell', () => {
  expect(buoy('completion', 'csh')).toMatchObject({ exit: 3, err: expect.stringContaining("'csh' is invalid") });
});

test('hidden options are not completed', () => {
  expect(bashCompletion(WORDS) + zshCompletion(WORDS) + fishCompletion(WORDS)).not.toContain('netns-dir');
});

/** What a shell offers for the last word of a command line; an empty text when a space was typed before. */
interface Case {
  readonly typed: readonly string[];
  readonly offered: readonly string[];
}

const CASES: readonly Case[] = [
  { typed: [''], offered: COMMANDS },
  { typed: ['de'], offered: ['demo', 'destroy'] },
  { typed: ['--instance', 'blue', 'sh'], offered: ['show'] },
  { typed: ['--instance', 'plan', 'destroy', '--l'], offered: ['--lock-wait'] },
  { typed: ['--'], offered: GLOBAL },
  { typed: ['show', '--'], offered: [...GLOBAL, '--json'] },
  { typed: ['plan', '--format', ''], offered: ['neutron-routers', 'yaml'] },
  { typed: ['plan', '--format', 'neutron-routers', 'ne'], offered: ['net one.yaml'] },
  { typed: ['apply', 'ne'], offered: ['net one.yaml'] },
  { typed: ['completion', ''], offered: ['bash', 'fish', 'zsh'] },
  { typed: ['errors', 'BUOY_LOCK'], offered: ['BUOY_LOCKED'] },
  { typed: ['network', ''], offered: ['create', 'delete', 'list', 'set', 'show'] },
  { typed: ['router', 'a'], offered: ['add-subnet'] },
  { typed: ['network', '--debug', 'show', '--j'], offered: ['--json'] },
  { typed: ['floating-ip', 'create', '--p'], offered: ['--port'] },
  { typed: ['show', '--color', 'a'], offered: ['always', 'auto'] },
];

describe('bash', () => {
  function complete(words: readonly string[]): string[] {
    const script = `cd "$1"; source ./bash; shift; COMP_WORDS=(buoy "$@"); COMP_CWORD=$#; _buoy; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { out, err, exit } = run('bash', '-c', script, 'bash', directory, ...words);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    return out.split('\n').filter((line) => line !== '');
  }

  test.each(CASES)('offers for $typed', ({ typed, offered }) => {
    expect(complete(typed).toSorted()).toEqual([...offered].toSorted());
  });

  test('knows the value of an option after an equals sign', () => {
    // As bash splits it.
    expect(complete(['show', '--color', '=', 'al'])).toEqual(['always']);
    expect(complete(['show', '--color', '='])).toEqual(['auto', 'always', 'never']);
    expect(complete(['--color', '=', 'never', 'sh'])).toEqual(['show']);
  });

  test('guesses nothing where nothing can be known', () => {
    expect(complete(['show', '--instance', ''])).toEqual([]);
    expect(complete(['destroy', ''])).toEqual([]);
    expect(complete(['nothing', ''])).toEqual([]);
  });

  test('is what `complete` has for buoy', () => {
    expect(run('bash', '-c', 'source "$1"; complete -p buoy', 'bash', join(directory, 'bash')).out).toBe(
      'complete -F _buoy buoy\n',
    );
  });
});

describe.runIf(isInstalled('fish'))('fish', () => {
  test.each(CASES)('offers for $typed', ({ typed, offered }) => {
    const line = ['buoy', ...typed].join(' ');
    const { out, err } = run(
      'fish',
      '--no-config',
      '-c',
      'cd $argv[1]; source fish; complete -C $argv[2]',
      directory,
      line,
    );
    expect(err).toBe('');
    const words = out
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => text.split('\t')[0] ?? '');
    expect(words.map((word) => word.replaceAll('\\', '')).toSorted()).toEqual([...offered].toSorted());
  });
});

describe.runIf(isInstalled('zsh'))('zsh', () => {
  test('takes it for the completion of buoy', () => {
    const script = 'autoload -Uz compinit && compinit -D -u && source "$1" && print -r -- $_comps[buoy]';
    expect(run('zsh', '-f', '-c', script, 'zsh', join(directory, 'zsh'))).toEqual({ exit: 0, out: '_buoy\n', err: '' });
  });
});
