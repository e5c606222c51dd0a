// The real kernel of this host.

import type { Kernel, Observer, Outcome } from '../kernel.ts';
import type { Plan } from '../../host/plan.ts';
import { ownerMark } from '../../host/mark.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import type { HostState } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import { Execution } from './execution.ts';
import { isLeftover, listNames, prepareDirectory, releaseName } from './namespace-name.ts';
import { Namespaces } from './namespaces.ts';
import { readHostCounters } from './read-counters.ts';
import { readHost } from './read-host.ts';
import { UnfinishedNote } from './unfinished.ts';

export interface LinuxKernelOptions {
  /** The name of this Buoy: it is part of the mark on all that it owns, and it touches nothing with another's. */
  readonly instance: string;
  /** Path of the network namespace that is the host's own. */
  readonly host?: string;
  /** Where namespaces have their names. */
  readonly directory?: string;
}

const NAMESPACE_DIRECTORY = '/run/netns';

export class LinuxKernel implements Kernel, AsyncDisposable {
  readonly #namespaces: Namespaces;
  readonly #directory: string;
  readonly #mark: string;
  readonly #unfinished: UnfinishedNote;

  constructor(options: LinuxKernelOptions) {
    this.#directory = options.directory ?? NAMESPACE_DIRECTORY;
    this.#mark = ownerMark(options.instance);
    this.#unfinished = new UnfinishedNote(this.#directory, options.instance);
    this.#namespaces = new Namespaces({ host: options.host ?? '/proc/self/ns/net', directory: this.#directory });
  }

  async read(): Promise<HostState> {
    const state = await readHost(this.#namespaces, this.#directory, this.#mark);
    return { ...state, isUnfinished: this.#unfinished.isThere };
  }

  async apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    prepareDirectory(this.#directory);
    // What a predecessor left that died between taking a name and giving it to a namespace.
    for (const name of listNames(this.#directory)) {
      if (isLeftover(this.#directory, name, this.#mark)) releaseName(this.#directory, name);
    }
    // A run without operations leaves nothing open.
    if (plan.steps.length > 0) this.#unfinished.leave();
    const outcome = await new Execution(this.#namespaces, this.#directory, this.#mark).run(plan, observer);
    if (outcome.failures.length === 0) this.#unfinished.take();
    return outcome;
  }

  async readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    return readHostCounters(this.#namespaces, this.#directory, this.#mark, names);
  }

  async close(): Promise<void> {
    await this.#namespaces[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
