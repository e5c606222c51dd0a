// A kernel in memory, for tests: it does to a simulated host what the real one does to a real host.

import type { Kernel, Observer, Outcome } from '../kernel.ts';
import { ownerMark } from '../../host/mark.ts';
import type { Operation, Plan } from '../../host/plan.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import type { HostState } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import { Execution } from './execution.ts';
import type { Fault } from './fault.ts';
import { ProcessDied } from './fault.ts';
import type { SimulatedHost } from './simulated-host.ts';

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
}

/** The view that one process has of a host. */
export class SimulatedKernel implements Kernel {
  readonly #host: SimulatedHost;
  readonly #options: SimulatedKernelOptions;
  #isDead = false;

  constructor(host: SimulatedHost, options: SimulatedKernelOptions) {
    this.#host = host;
    this.#options = options;
  }

  async read(): Promise<HostState> {
    if (this.#isDead) throw new ProcessDied();
    return this.#host.read(ownerMark(this.#options.instance));
  }

  async readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    if (this.#isDead) throw new ProcessDied();
    return this.#host.readCounters(ownerMark(this.#options.instance), names);
  }

  /** Rejects with ProcessDied when a fault says so. */
  async apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    if (this.#isDead) throw new ProcessDied();
    const { instance, stepsAtOnce, fault, done = () => undefined } = this.#options;
    const mark = ownerMark(instance);
    try {
      if (plan.steps.length > 0) this.#host.unfinished.add(mark);
      const outcome = await new Execution(this.#host, plan, { mark, stepsAtOnce, fault, done }).run(observer);
      if (outcome.failures.length === 0) this.#host.unfinished.delete(mark);
      return outcome;
    } catch (error) {
      if (error instanceof ProcessDied) this.#isDead = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isDead = true;
  }
}
