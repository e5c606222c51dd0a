// The command line as a user has it: a process of its own.

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Run {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Compiling the sources takes most of the time of a short command. */
const CACHE = mkdtempSync(join(tmpdir(), 'buoy-test-'));
process.on('exit', () => rmSync(CACHE, { recursive: true }));

/** vitest asks for colours, or for none, by the first two. */
const { NO_COLOR: _none, FORCE_COLOR: _some, ...OTHERS } = process.env;
const ENVIRONMENT = { ...OTHERS, NODE_COMPILE_CACHE: CACHE };

/** The start of a command line that runs `buoy`, in the root of the project. */
export const BUOY = [process.execPath, 'bin/buoy.js'] as const;

/** Runs `buoy`. Its output is no terminal. */
export function buoy(...args: readonly string[]): Run {
  return run(...BUOY, ...args);
}

export function run(program: string, ...args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: ENVIRONMENT });
  return { exit: status, out: stdout, err: stderr };
}

/** The one JSON document that a command printed. */
export function json({ out }: Run): unknown {
  return JSON.parse(out);
}

/** A `buoy` that runs beside the test. */
export class RunningBuoy {
  readonly process: ChildProcess;
  readonly ended: Promise<Run & { readonly signal: NodeJS.Signals | null }>;
  #out = '';
  #err = '';

  constructor(...args: readonly string[]) {
    const [program, ...first] = BUOY;
    this.process = spawn(program, [...first, ...args], { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout?.on('data', (part: Buffer) => (this.#out += part.toString()));
    this.process.stderr?.on('data', (part: Buffer) => (this.#err += part.toString()));
    this.ended = new Promise((resolve) => {
      this.process.on('close', (exit, signal) => resolve({ exit, signal, out: this.#out, err: this.#err }));
    });
  }

  /** What it has written to standard error so far. */
  get err(): string {
    return this.#err;
  }
}
