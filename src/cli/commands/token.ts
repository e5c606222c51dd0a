import { appendFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { generateToken, tokenLine } from '../../api/index.ts';
import type { Scope } from '../../api/index.ts';
import { BuoyError } from '../../errors.ts';
import { defineCommand } from '../define-command.ts';
import { print } from '../output/terminal.ts';

interface Options {
  readonly scope: Scope;
  readonly file?: string;
}

/** As a token file takes it (src/api/auth/token-file.ts). */
const NAME = /^[\w.@-]{1,64}$/;

export function addToken(program: Command): void {
  defineCommand(program, {
    usage: 'token',
    summary: 'make a token for clients of the agent on TCP',
    description:
      'Prints a new token, once, and the line that the agent knows it by: its name, what it may do, and a hash of it. ' +
      'With --file, the line is added to that file. The agent reads its file again on SIGHUP.',
    examples: [
      ['buoy token prometheus --scope read', 'a token, and the line for a token file'],
      ['sudo buoy token alice --file /etc/buoy/tokens', 'a token; the line is added to the file'],
    ],
  })
    .argument('<name>', 'who it is for: 1 to 64 letters, digits, `_`, `.`, `@` or `-`')
    .addOption(
      new Option('--scope <scope>', 'read: look; write: look and change').choices(['read', 'write']).default('write'),
    )
    .option('--file <file>', 'the token file to add it to')
    .action((name: string, { scope, file }: Options) => {
      if (!NAME.test(name)) throw new BuoyError('BUOY_USAGE', `${JSON.stringify(name)} is no name for a token`);
      const token = generateToken();
      const line = tokenLine(name, scope, token);
      if (file === undefined) print(`${token}\n\nfor the token file:\n${line}\n`);
      else {
        add(line, file);
        print(`${token}\n`);
      }
    });
}

function add(line: string, file: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o640 });
  } catch (error) {
    throw new BuoyError(
      'BUOY_API_TOKENS',
      `the line cannot be added: ${error instanceof Error ? error.message : String(error)}`,
      {
        subject: file,
      },
    );
  }
}
