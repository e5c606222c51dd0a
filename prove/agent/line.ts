// The way from the listening process to the privileged one. When the first dies, what it asked for goes on, and
// nobody hears of it.

import type { Plan } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import type { Disturbance } from '../../src/kernel/disturbance.ts';
import type { Kernel, Observer, Outcome } from '../../src/kernel/kernel.ts';
import type { NamespaceName } from '../../src/model/names.ts';

/** Told before and after each reading: something may happen meanwhile. */
export type Reading = () => void;

/** Who applies a plan, and sees to it that nothing goes unseen. */
export type Applying = (plan: Plan, observer: Observer | undefined) => Promise<Outcome>;

export class Line implements Kernel {
  readonly #kernel: Kernel;
  readonly #apply: Applying;
  readonly #reading: Reading;
  readonly #watches = new Set<AsyncDisposable>();
  #isCut = false;
  #underWay = 0;

  constructor(kernel: Kernel, apply: Applying, reading: Reading) {
    this.#kernel = kernel;
    this.#apply = apply;
    this.#reading = reading;
  }

  /** The listening process is no more. */
  cut(): void {
    this.#isCut = true;
    for (const watch of this.#watches) void watch[Symbol.asyncDispose]();
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether something is under way on the other end. */
  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  read(): Promise<HostState> {
    return this.#ask(() => this.#read(() => this.#kernel.read()));
  }

  readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    return this.#ask(() => this.#read(() => this.#kernel.readNamespaces(new Set(names))));
  }

  apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    const heard: Observer = {
      settled: (operation, result) => {
        if (!this.#isCut) observer.settled?.(operation, result);
      },
    };
    return this.#ask(() => this.#apply(plan, heard));
  }

  readCounters(names?: ReadonlySet<NamespaceName>): ReturnType<Kernel['readCounters']> {
    return this.#ask(() => this.#kernel.readCounters(names));
  }

  async watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable> {
    const watch = await this.#ask(() =>
      this.#kernel.watch((disturbed) => {
        if (!this.#isCut) listener(disturbed);
      }),
    );
    this.#watches.add(watch);
    return { [Symbol.asyncDispose]: () => this.#ask(async () => watch[Symbol.asyncDispose]()) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read(read: () => Promise<HostState>): Promise<HostState> {
    this.#reading();
    const state = await read();
    this.#reading();
    return state;
  }

  /** Who is dead waits for ever. */
  #ask<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isCut) return new Promise(() => undefined);
    this.#underWay++;
    return new Promise((resolve, reject) => {
      const answer = async (): Promise<void> => {
        try {
          const found = await work();
          if (!this.#isCut) resolve(found);
        } catch (error) {
          if (!this.#isCut) reject(error);
        } finally {
          this.#underWay--;
        }
      };
      void answer();
    });
  }
}
