// Runs programs one after another in one fresh sandbox, in which the bridges of a model are there
// already, and answers what they printed. Called from outside; programs/sandboxed.ts is the other half.

import { spawnSync } from 'node:child_process';
import type { z } from 'zod';
import type { Command } from './build.ts';
import { built } from './build.ts';
import type { Size } from './models.ts';

/** The size as arguments of a program. */
export function sizeArguments({ routers, floatingIps }: Size): [string, string] {
  return [String(routers), String(floatingIps)];
}

/** Throws when one of the programs fails: it has said why on stderr. */
export function inSandbox(size: Size, commands: readonly Command[]): Lines {
  const [program, ...args] = built('sandboxed', ...sizeArguments(size), JSON.stringify(commands));
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw error ?? new Error('a program in the sandbox failed');
  return new Lines(stdout.split('\n').filter((line) => line !== ''));
}

/** What was printed, a line of JSON for each program that had something to tell. */
export class Lines {
  readonly #lines: string[];

  constructor(lines: string[]) {
    this.#lines = lines;
  }

  /** The next line. Throws when there is none, or it is not what was expected. */
  next<T>(schema: z.ZodType<T>): T {
    const line = this.#lines.shift();
    if (line === undefined) throw new Error('a program in the sandbox printed nothing');
    return schema.parse(JSON.parse(line));
  }
}
