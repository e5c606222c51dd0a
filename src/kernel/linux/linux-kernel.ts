// The real kernel of this host.

import { BuoyError } from '../../errors.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import { ownerMark } from '../../host/mark.ts';
import type { Plan } from '../../host/plan.ts';
import type { HostState } from '../../host/state.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { Disturbance } from '../disturbance.ts';
import type { LocalKernel, Observer, Outcome } from '../kernel.ts';
import { foreignAmong, partOf } from '../part-of.ts';
import { UnfinishedRuns } from '../unfinished-runs.ts';
import { Execution } from './execution.ts';
import { isLeftover, listNames, prepareDirectory, releaseName } from './namespace-name.ts';
import { Namespaces } from './namespaces.ts';
import { readHostCounters } from './read-counters.ts';
import type { Source } from './read-host.ts';
import { readHost, readParts } from './read-host.ts';
import { UnfinishedNote } from './unfinished.ts';
import { HostWatch } from './watch/host-watch.ts';

export interface LinuxKernelOptions {
  /** The name of this Buoy: it is part of the mark on all that it owns, and it touches nothing with another's. */
  readonly instance: string;
  /** Path of the network namespace that is the host's own. */
  readonly host?: string;
  /** Where namespaces have their names. */
  readonly directory?: string;
}

const NAMESPACE_DIRECTORY = '/run/netns';

export class LinuxKernel implements LocalKernel, AsyncDisposable {
  readonly #source: Source;
  readonly #unfinished: UnfinishedRuns;
  #watch: HostWatch | undefined;
  #hasSwept = false;

  constructor(options: LinuxKernelOptions) {
    const directory = options.directory ?? NAMESPACE_DIRECTORY;
    const mark = ownerMark(options.instance);
    this.#unfinished = new UnfinishedRuns(new UnfinishedNote(directory, options.instance));
    const namespaces = new Namespaces({ host: options.host ?? '/proc/self/ns/net', directory });
    this.#source = { namespaces, directory, mark };
  }

  async read(): Promise<HostState> {
    const isUnfinished = this.#unfinished.readAll();
    const state = { ...(await this.#readAll()), isUnfinished };
    this.#unfinished.learn(undefined, state);
    return state;
  }

  /** Without a watch, nobody knows where the other ends are, and everything is read for them. */
  async readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    const state = await this.#readParts(names);
    this.#unfinished.learn(names, state);
    return state;
  }

  async #readParts(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    const watch = this.#watch;
    const isUnfinished = this.#unfinished.isUnfinishedIn(names);
    if (watch !== undefined) {
      watch.catchUp();
      const state = watch.isWhole ? await readParts(this.#source, names, watch.ends, watch) : undefined;
      if (state !== undefined && watch.isWhole) return { ...state, isUnfinished };
    }
    return { ...partOf(await this.#readAll(), names), isUnfinished };
  }

  async readForeignLinks(names: ReadonlySet<LinkName>): Promise<ReadonlyMap<LinkName, string>> {
    const watch = this.#watch;
    watch?.catchUp();
    if (watch?.isWhole === true) return watch.foreignAmong(names);
    return foreignAmong(await this.#readAll(), names);
  }

  async #readAll(): Promise<HostState> {
    const watch = this.#watch;
    return watch === undefined ? readHost(this.#source) : watch.readAll(() => readHost(this.#source, watch));
  }

  /** One at a time. Needs CAP_NET_BROADCAST. */
  async watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable> {
    if (this.#watch !== undefined) throw new BuoyError('BUOY_INTERNAL', 'this kernel is watched already');
    prepareDirectory(this.#source.directory);
    const watch = await HostWatch.start(this.#source, listener);
    this.#watch = watch;
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#watch === watch) this.#watch = undefined;
        await watch[Symbol.asyncDispose]();
      },
    };
  }

  async apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    const { namespaces, directory, mark } = this.#source;
    const needsNames = !this.#hasSwept || givesNames(plan);
    // The kernel visits every mount in it for that.
    if (needsNames) prepareDirectory(directory);
    const isDue = needsNames || this.#unfinished.hasPredecessor;
    if (isDue && !this.#unfinished.isRunning) this.#sweep();
    const run = this.#unfinished.begin(plan);
    const watch = this.#watch;
    const own = watch?.begin(plan);
    let hasEnded = false;
    try {
      const outcome = await new Execution(namespaces, directory, mark).run(plan, {
        ...observer,
        settled: (operation, result) => {
          this.#unfinished.note(run, operation, result);
          if (own !== undefined && result === 'done') watch?.done(own, operation);
          observer.settled?.(operation, result);
        },
      });
      hasEnded = true;
      return outcome;
    } finally {
      if (own !== undefined) watch?.end(own);
      this.#unfinished.end(run, hasEnded);
    }
  }

  /**
   * Takes away what a predecessor left that died between taking a name and giving it to a namespace. Not while a plan
   * of ours is applied, as names that it is about to give look the same.
   */
  #sweep(): void {
    const { directory, mark } = this.#source;
    this.#hasSwept = true;
    for (const name of listNames(directory)) if (isLeftover(directory, name, mark)) releaseName(directory, name);
  }

  async readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    return readHostCounters(this.#source, names);
  }

  async close(): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
    await this.#source.namespaces[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Whether a name is needed that something left behind may have. */
function givesNames({ steps }: Plan): boolean {
  return steps.some(({ operations }) => operations.some(({ kind }) => kind === 'namespace.create'));
}
