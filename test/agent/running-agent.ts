// `buoy agent` in a process of its own, and what it tells of itself.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('./programs/agent.ts', import.meta.url));

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>>;

export class RunningAgent {
  readonly #process: ChildProcess;
  readonly #lines: Line[] = [];
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<number | null>;

  /** @param program by default one whose listening process tries out what it can do. */
  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}, program = AGENT) {
    this.#process = spawn(process.execPath, [program, 'agent', ...args], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.#process.once('exit', resolve));
    const { stderr } = this.#process;
    if (stderr === null) throw new Error('no standard error');
    createInterface(stderr).on('line', (text) => {
      const line: Line = text.startsWith('{') ? JSON.parse(text) : { text };
      this.#lines.push(line);
      for (const wake of this.#waiting) wake();
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the agent was not started');
    return this.#process.pid;
  }

  /** The n-th line, from 1, that has these values; as soon as it is there. */
  async line(values: Line, n = 1): Promise<Line> {
    for (;;) {
      const found = this.#lines.filter((line) => Object.entries(values).every(([key, value]) => line[key] === value));
      const line = found[n - 1];
      if (line !== undefined) return line;
      if (this.#process.exitCode !== null) throw new Error(`it has ended: ${JSON.stringify(this.#lines)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The process id of the listening process, the n-th time that it is ready. */
  async ready(n = 1): Promise<number> {
    return Number((await this.line({ message: 'the listening process is ready' }, n))['pid']);
  }

  /** What the listening process has found out; of its last life. */
  get probe(): Line {
    const probe = this.#lines.findLast((line) => 'probe' in line)?.['probe'];
    if (typeof probe !== 'object' || probe === null) throw new Error('it has not tried anything');
    return Object.fromEntries(Object.entries(probe));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

/** Resolves when a process is no more; it need not be a child of this one. */
export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(5);
}

/** Orphans in a sandbox may have nobody to bury them. */
function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/^\d+ \(.*\) [ZX] /s.test(readFileSync(path, 'utf8'));
}
