// A run in a process of its own, which can be killed at any moment.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Model } from '../../src/model/model.ts';
import type { Lab } from './lab.ts';
import { INSTANCE } from './lab.ts';

const PROGRAM = fileURLToPath(new URL('./mortal-run-program.ts', import.meta.url));

/** What it tells: that all is planned, and that all is applied. */
export type Word = 'applying' | 'done';

export class MortalRun {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** Starts the process, which gets ready and waits. `cache`: a folder for compiled code, which later ones start faster with. */
  constructor({ host, directory }: Lab, cache: string) {
    this.#child = spawn(process.execPath, [PROGRAM, host, directory, INSTANCE], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Has it make the host as a model says; returns when it begins to apply the plan. */
  async begin(model: Model): Promise<void> {
    this.#child.send(model);
    await this.#hear('applying');
  }

  /** Returns when all is applied. Throws when something was refused. */
  async finish(): Promise<void> {
    await this.#hear('done');
    await this.#exited;
  }

  /** Kills it, if it still lives; returns when nothing is left of the process. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async #hear(expected: Word): Promise<void> {
    const [word] = await Promise.race([once(this.#child, 'message'), this.#exited.then(() => ['that it has ended'])]);
    if (word !== expected) throw new Error(`a run did not tell "${expected}", but ${String(word)}`);
  }
}
