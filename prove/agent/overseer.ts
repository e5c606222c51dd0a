// Sees every plan that the privileged process of a simulated host applies, and every operation of it: lets go wrong what shall go wrong,
// and looks whether what is promised holds. What does not is kept, since whoever asked for the plan takes an error for the kernel's.

import { describePlan } from '../../src/host/describe.ts';
import type { Operation, Plan } from '../../src/host/plan.ts';
import { operationCount } from '../../src/host/plan.ts';
import type { HostState, NamespaceState } from '../../src/host/state.ts';
import type { Observer, Outcome } from '../../src/kernel/kernel.ts';
import type { Fault, SimulatedHost } from '../../src/kernel/simulated/index.ts';
import { ProcessDied, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { Announced } from '../announced.ts';
import { neglected } from '../bystanders.ts';
import { Connections } from '../connections.ts';
import type { FaultDraw } from '../fault.ts';
import { faultIn } from '../fault.ts';
import { outsideOwnSpace } from '../owned-space.ts';
import { INSTANCE, MARK } from '../undisturbed.ts';
import { Violation } from '../violation.ts';
import { Watch } from '../watch.ts';

/** A fault comes after so many operations at most. */
const REACH = 40;

interface Armed {
  readonly draw: FaultDraw;
  readonly fault: ReturnType<typeof faultIn>;
  asked: number;
}

/** A plan that is applied. */
interface Current {
  readonly watch: Watch;
  readonly refused: Set<NamespaceName>;
  /** Others have changed the host since it began. */
  isDisturbed: boolean;
}

export class Overseer {
  readonly connections = new Connections();
  readonly announced: Announced;
  /** Since all was well, nobody has meddled with what is Buoy's. */
  isUntouched = true;
  poisoned: NamespaceName | undefined;
  /** The privileged process has died. */
  isKernelDead = false;
  /** Told after every operation that was tried. */
  afterOperation: () => void = () => undefined;
  plans = 0;
  operations = 0;
  faults = 0;
  walks = 0;
  readonly #host: SimulatedHost;
  readonly #seed: number;
  readonly #tell: ((line: string) => void) | undefined;
  /** Namespaces that were Buoy's at any time. */
  readonly #seen: Map<NamespaceName, NamespaceState>;
  #armed: Armed[] = [];
  #current: Current | undefined;
  #broken: { readonly error: unknown } | undefined;

  constructor(host: SimulatedHost, seed: number, tell: ((line: string) => void) | undefined) {
    this.#host = host;
    this.#seed = seed;
    this.#tell = tell;
    const state = host.read(MARK);
    this.announced = new Announced(state);
    this.#seen = new Map(state.namespaces);
  }

  newKernel(stepsAtOnce: number, loses: () => boolean): SimulatedKernel {
    this.isKernelDead = false;
    return new SimulatedKernel(this.#host, {
      instance: INSTANCE,
      stepsAtOnce,
      fault: (operation) => this.#faultOf(operation),
      done: (operations) => this.keep(() => this.#look(operations)),
      loses,
    });
  }

  arm(draw: FaultDraw): void {
    this.#armed.push({ draw, fault: faultIn(draw, REACH), asked: 0 });
  }

  /** Nothing goes wrong from now on. */
  cure(): void {
    this.#armed = [];
    this.poisoned = undefined;
  }

  /** Others have changed the host. */
  disturbed(): void {
    this.isUntouched = false;
    if (this.#current !== undefined) this.#current.isDisturbed = true;
    this.connections.forget();
  }

  /** Throws what was found to be broken. */
  rethrow(): void {
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  async apply(kernel: SimulatedKernel, model: Model, plan: Plan, observer: Observer = {}): Promise<Outcome> {
    this.keep(() => this.#begin(model, plan));
    const left = new Set<Operation>();
    try {
      const outcome = await kernel.apply(plan, {
        settled: (operation, result) => {
          if (result === 'not tried') left.add(operation);
          observer.settled?.(operation, result);
        },
      });
      const failed = new Set(outcome.failures.map(({ operation }) => operation));
      if (failed.size > 0)
        this.#tell?.(
          `refused: ${outcome.failures.map(({ operation, errno }) => `${operation.kind} ${errno}`).join(', ')}`,
        );
      this.keep(() => {
        const innocent = neglected(plan, failed, left);
        if (innocent !== undefined) throw new Violation(`not tried, though nothing has failed before it: ${innocent}`);
      });
      return outcome;
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      this.isKernelDead = true;
      this.#tell?.('the privileged process died');
      throw error;
    } finally {
      const current = this.#current;
      this.#current = undefined;
      if (current !== undefined && !current.isDisturbed)
        this.keep(() => current.watch.lookAtEnd(this.#host.read(MARK)));
    }
  }

  #begin(model: Model, plan: Plan): void {
    const actual = this.#host.read(MARK);
    let wanted: HostState | undefined;
    const states = {
      actual,
      model,
      get wanted() {
        return (wanted ??= compile(model, livePairs(actual), { instance: INSTANCE }));
      },
    };
    this.plans++;
    this.operations += operationCount(plan);
    this.#tell?.(`a plan:\n${describePlan(plan)}`);
    // What others have deleted unheard is still planned for.
    for (const [name, namespace] of actual.namespaces) this.#seen.set(name, namespace);
    const seen = { ...actual, namespaces: this.#seen };
    const trespass = outsideOwnSpace(plan, {
      actual: seen,
      get wanted() {
        return states.wanted;
      },
    });
    if (trespass !== undefined) throw new Violation(`an operation outside of what is Buoy's: ${trespass}`);
    this.connections.open(actual);
    const options = { seed: this.#seed + this.plans, isUntouched: this.isUntouched, isThorough: false };
    this.#current = { watch: new Watch(plan, states, options), refused: new Set(), isDisturbed: false };
  }

  #faultOf(operation: Operation): Fault | undefined {
    const fault = this.#armedFor(operation) ?? this.#poisonFor(operation);
    if (fault !== undefined) this.faults++;
    if (typeof fault === 'object') this.#current?.refused.add(operation.namespace);
    return fault;
  }

  #poisonFor({ namespace }: Operation): Fault | undefined {
    return namespace === this.poisoned ? { errno: 'EPERM' } : undefined;
  }

  #armedFor(operation: Operation): Fault | undefined {
    let found: Fault | undefined;
    for (const armed of this.#armed) {
      const fault = armed.fault(operation, armed.asked++);
      found ??= fault;
      if (fault !== undefined && typeof fault !== 'object') this.#armed = this.#armed.filter((one) => one !== armed);
    }
    return found;
  }

  #look(operations: readonly Operation[]): void {
    this.#tell?.(
      `  done: ${operations.map(({ kind, namespace }) => `${kind} in ${namespace.slice(0, 16)}`).join(', ')}`,
    );
    const read = (): HostState => this.#host.read(MARK);
    for (const operation of operations) this.announced.note(operation);
    const current = this.#current;
    if (current !== undefined && !current.isDisturbed)
      this.walks += current.watch.look(read, operations, current.refused);
    for (const operation of operations) this.connections.end(operation, read);
    this.afterOperation();
  }

  /** Keeps what `look` throws for `rethrow`. */
  keep(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#broken ??= { error };
    }
  }
}
