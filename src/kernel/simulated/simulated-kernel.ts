// A kernel in memory, for tests: it does to a simulated host what the real one does to a real host.

import type { Disturbance } from '../disturbance.ts';
import type { LocalKernel, Observer, Outcome } from '../kernel.ts';
import { addTouched } from '../operation-kinds.ts';
import { foreignAmong, partOf } from '../part-of.ts';
import { UnfinishedRuns } from '../unfinished-runs.ts';
import { ownerMark } from '../../host/mark.ts';
import type { Operation, Plan } from '../../host/plan.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import type { HostState } from '../../host/state.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { Execution } from './execution.ts';
import type { Fault } from './fault.ts';
import { ProcessDied } from './fault.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { Watcher } from './watcher.ts';

export interface SimulatedKernelOptions {
  readonly instance: string;
  /** How many steps of a plan have their namespaces opened together; as many as on the real kernel unless given. */
  readonly stepsAtOnce?: number;
  /**
   * Asked once for each operation of a plan that is tried, with its number in the plan, before it is done; a
   * namespace is made when the steps around it are begun. What one operation of an nftables
   * transaction meets, all of it do.
   */
  readonly fault?: (operation: Operation, index: number) => Fault | undefined;
  /**
   * Told of each operation when it has changed the host, and of those of an nftables transaction all at once. A
   * new link comes up later than it is made, and is told of twice.
   */
  readonly done?: (operations: readonly Operation[]) => void;
  /** Asked once before each telling of who watches: whether events were lost. */
  readonly loses?: () => boolean;
}

/** The view that one process has of a host. */
export class SimulatedKernel implements LocalKernel {
  readonly #host: SimulatedHost;
  readonly #options: SimulatedKernelOptions;
  readonly #mark: string;
  readonly #unfinished: UnfinishedRuns;
  readonly #watchers = new Set<Watcher>();
  #isDead = false;

  constructor(host: SimulatedHost, options: SimulatedKernelOptions) {
    this.#host = host;
    this.#options = options;
    const mark = ownerMark(options.instance);
    this.#mark = mark;
    this.#unfinished = new UnfinishedRuns({
      get isThere() {
        return host.unfinished.has(mark);
      },
      leave: () => host.unfinished.add(mark),
      take: () => host.unfinished.delete(mark),
    });
  }

  async read(): Promise<HostState> {
    if (this.#isDead) throw new ProcessDied();
    const isUnfinished = this.#unfinished.readAll();
    const state = { ...this.#host.read(this.#mark), isUnfinished };
    this.#unfinished.learn(undefined, state);
    return state;
  }

  async readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    if (this.#isDead) throw new ProcessDied();
    const isUnfinished = this.#unfinished.isUnfinishedIn(names);
    const state = { ...partOf(this.#host.read(this.#mark), names), isUnfinished };
    this.#unfinished.learn(names, state);
    return state;
  }

  async readForeignLinks(names: ReadonlySet<LinkName>): Promise<ReadonlyMap<LinkName, string>> {
    return foreignAmong(this.#host.read(this.#mark), names);
  }

  /** Tells in a microtask. What another kernel does is told of all namespaces that its operations touch. */
  async watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable> {
    if (this.#isDead) throw new ProcessDied();
    const watcher = new Watcher(this.#mark, (disturbed) => {
      if (!this.#isDead) listener(this.#options.loses?.() === true ? 'everything' : disturbed);
    });
    this.#host.watchers.add(watcher);
    this.#watchers.add(watcher);
    return {
      [Symbol.asyncDispose]: async () => {
        watcher.stop();
        this.#host.watchers.delete(watcher);
        this.#watchers.delete(watcher);
      },
    };
  }

  async readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    if (this.#isDead) throw new ProcessDied();
    return this.#host.readCounters(ownerMark(this.#options.instance), names);
  }

  /** Rejects with ProcessDied when a fault says so. */
  async apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    if (this.#isDead) throw new ProcessDied();
    const { stepsAtOnce, fault, done } = this.#options;
    const run = this.#unfinished.begin(plan);
    let hasEnded = false;
    try {
      const execution = new Execution(this.#host, plan, {
        mark: this.#mark,
        stepsAtOnce,
        fault,
        done: (operations) => {
          this.#tellOthers(operations);
          done?.(operations);
        },
      });
      const outcome = await execution.run({
        ...observer,
        settled: (operation, result) => {
          this.#unfinished.note(run, operation, result);
          observer.settled?.(operation, result);
        },
      });
      hasEnded = true;
      return outcome;
    } catch (error) {
      if (error instanceof ProcessDied) this.#isDead = true;
      throw error;
    } finally {
      if (!this.#isDead) this.#unfinished.end(run, hasEnded);
    }
  }

  #tellOthers(operations: readonly Operation[]): void {
    if (this.#host.watchers.size === this.#watchers.size) return;
    const touched = new Set<NamespaceName>();
    for (const operation of operations) addTouched(operation, touched);
    for (const watcher of this.#host.watchers)
      if (!this.#watchers.has(watcher)) watcher.disturb({ namespaces: touched, gone: [] });
  }

  async close(): Promise<void> {
    this.#isDead = true;
  }
}
