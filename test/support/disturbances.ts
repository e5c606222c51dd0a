// Collects what a watched kernel tells.

import type { Disturbance } from '../../src/kernel/disturbance.ts';
import { placesOf } from '../../src/kernel/disturbance.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { must } from './must.ts';

export class Disturbances implements AsyncDisposable {
  #told: Disturbance[] = [];
  #next = Promise.withResolvers<undefined>();
  #subscription: AsyncDisposable | undefined;
  readonly #kernel: Kernel;

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  static async of(kernel: Kernel): Promise<Disturbances> {
    const disturbances = new Disturbances(kernel);
    disturbances.#subscription = await kernel.watch((disturbed) => {
      disturbances.#told.push(disturbed);
      disturbances.#next.resolve(undefined);
      disturbances.#next = Promise.withResolvers();
    });
    await kernel.read();
    return disturbances;
  }

  /** What was told since it was last asked, of all that is in the kernel by now. */
  async take(): Promise<readonly Disturbance[]> {
    // A reading takes in what is queued.
    await this.#kernel.readNamespaces(new Set());
    return this.#told.splice(0);
  }

  /** As `take`, of namespaces by name. */
  async names(): Promise<NamespaceName[]> {
    return [
      ...new Set((await this.take()).flatMap((told) => (told === 'everything' ? [] : [...placesOf(told)]))),
    ].toSorted();
  }

  /** Waits until all of these have been told of, and answers all that was told. */
  async until(...names: readonly NamespaceName[]): Promise<NamespaceName[]> {
    const told = new Set<NamespaceName>();
    for (;;) {
      const next = this.#next.promise;
      for (const name of await this.names()) told.add(name);
      if (names.every((name) => told.has(name))) return [...told].toSorted();
      await next;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await must(this.#subscription)[Symbol.asyncDispose]();
  }
}
