// Lives a history on a simulated host and watches it: what is promised has to hold after every
// operation, and in the end the host has to be as if nothing had ever gone wrong.

import { describePlan } from '../src/host/describe.ts';
import { listing } from '../src/host/listing.ts';
import type { Operation } from '../src/host/plan.ts';
import { operationCount } from '../src/host/plan.ts';
import type { HostState } from '../src/host/state.ts';
import type { Failure, Result } from '../src/kernel/kernel.ts';
import type { Fault } from '../src/kernel/simulated/index.ts';
import { changeHost, ProcessDied, SimulatedHost, SimulatedKernel } from '../src/kernel/simulated/index.ts';
import { compile } from '../src/layout/index.ts';
import type { NamespaceName } from '../src/model/names.ts';
import { HOST } from '../src/model/names.ts';
import { Announced } from './announced.ts';
import { neglected } from './bystanders.ts';
import { applyChange } from './change.ts';
import { Connections } from './connections.ts';
import { faultIn } from './fault.ts';
import { foreignText, strangers } from './foreign.ts';
import type { History, Move } from './history.ts';
import { choose, Intent } from './intent.ts';
import { meddlingOn } from './meddle.ts';
import { outsideOwnSpace } from './owned-space.ts';
import { onlyWanted } from './only-wanted.ts';
import { amiss } from './settled.ts';
import type { Planned, Steward } from './steward.ts';
import { Keeping, OneShot } from './steward.ts';
import { INSTANCE, MARK, undisturbed } from './undisturbed.ts';
import { Violation } from './violation.ts';
import { Watch } from './watch.ts';

/** After one run of so many it is looked whether another one would find something to do. */
const PLANS_CHECKED = 6;
/** One history of so many begins on a host without anything; the others on one that has what they begin with. */
const FROM_NOTHING = 8;
/** One history of so many is that of the command line, which knows nothing of an earlier run; the others are an agent's. */
const ONE_SHOT = 6;
/** The plans of a small host have few steps, which are prepared together or not. */
const STEPS_AT_ONCE = [1, 3, 32];
/** One end of so many is compared with that of a host without a history. */
const COMPARED = 4;

/** What a history was made of. */
export interface Life {
  readonly changes: number;
  readonly runs: number;
  readonly operations: number;
  readonly faults: number;
  readonly walks: number;
}

/** `tell` gets to know what happens, in words. Throws Violation when a promise is broken. */
export async function live(history: History, tell?: (line: string) => void): Promise<Life> {
  return new Living(history, tell).live();
}

class Living {
  readonly #history: History;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #host: SimulatedHost;
  readonly #intent = new Intent();
  readonly #foreign: string;
  readonly #connections = new Connections();
  readonly #announced: Announced;
  #process: SimulatedKernel;
  #steward: Steward;
  /** What goes wrong in the run that is under way. */
  #fault: ((...of: Parameters<ReturnType<typeof faultIn>>) => Fault | undefined) | undefined;
  /** Told what the run that is under way has done. */
  #done: (operations: readonly Operation[]) => void = () => undefined;
  /** Since the last run in which nothing went wrong, nobody has meddled with what is Buoy's. */
  #isUntouched = true;
  #runs = 0;
  #operations = 0;
  #faults = 0;
  #walks = 0;

  constructor(history: History, tell: ((line: string) => void) | undefined) {
    this.#history = history;
    this.#tell = tell;
    this.#host = new SimulatedHost({
      state: this.#isFromNothing() ? strangers() : beginning(),
      mark: MARK,
      seed: history.seed,
    });
    this.#foreign = foreignText(this.#host, MARK);
    this.#announced = new Announced(this.#host.read(MARK));
    this.#process = this.#start();
    this.#steward = this.#newSteward();
  }

  async live(): Promise<Life> {
    const { moves } = this.#history;
    if (this.#isFromNothing()) await this.#recover();
    for (const move of moves) await this.#make(move);
    await this.#recover();
    await this.#compareWithUndisturbed();
    if (foreignText(this.#host, MARK) !== this.#foreign) throw new Violation('what is foreign has changed');
    const changes = moves.reduce((sum, move) => sum + move.changes.length, 0);
    return {
      changes,
      runs: this.#runs,
      operations: this.#operations,
      faults: this.#faults,
      walks: this.#walks,
    };
  }

  /** To make everything takes longer than a whole history of changes does. */
  #isFromNothing(): boolean {
    return this.#history.seed % FROM_NOTHING === 0;
  }

  async #make({ changes, meddling, faults, recovers }: Move): Promise<void> {
    for (const change of changes) {
      this.#tell?.(`the user: ${change.kind} (${change.a}, ${change.b}, ${change.c})`);
      applyChange(this.#intent, change);
    }
    for (const act of meddling) {
      const operation = meddlingOn(this.#host.read(MARK), act);
      if (operation === undefined) continue;
      this.#tell?.(`somebody: ${act.kind} in ${operation.namespace}`);
      const before = this.#host.read(MARK);
      changeHost(this.#host, operation);
      this.#connections.forget();
      this.#announced.note(operation);
      // Until it is gone for good, a macvlan in it holds its MAC address: nobody could make it anew.
      if (operation.kind === 'namespace.delete') this.#host.settle();
      this.#steward.hear(before, this.#host.read(MARK));
      this.#isUntouched = false;
    }
    for (const fault of faults) {
      this.#tell?.(`the next run: ${JSON.stringify(fault)}`);
      const planned = await this.#plan();
      await this.#apply(planned, faultIn(fault, operationCount(planned.plan)));
    }
    if (recovers) await this.#recover();
  }

  /** A run in which nothing goes wrong brings the host to the intent, and another one finds nothing to do. */
  async #recover(): Promise<void> {
    const planned = await this.#plan();
    const failures = await this.#apply(planned, undefined);
    if (failures.length > 0) throw new Violation(`without a fault, the kernel refused: ${failures.join(', ')}`);
    this.#isUntouched = true;
    const state = await this.#process.read();
    const trouble = amiss(state, planned.model, this.#history.seed + this.#runs);
    if (trouble !== undefined) throw new Violation(`after a run without a fault, ${trouble}`);
    const stale = this.#connections.stale(state);
    if (stale !== undefined) throw new Violation(`connections are left ${stale}`);
    // To plan costs as much as to apply.
    if (this.#runs % PLANS_CHECKED !== 0) return;
    const again = await new OneShot().plan(this.#process, this.#intent.model());
    const left = again.plan.steps.flatMap(({ operations }) => operations);
    if (left.length > 0)
      throw new Violation(`something is left to be done after a run: ${left.map(({ kind }) => kind).join(', ')}`);
  }

  #plan(): Promise<Planned> {
    // Each run of the command line is a process.
    if (this.#steward instanceof OneShot) this.#process = this.#start();
    return this.#steward.plan(this.#process, this.#intent.model());
  }

  #newSteward(): Steward {
    return this.#history.seed % ONE_SHOT === 0 ? new OneShot() : new Keeping();
  }

  /** Answers what failed. */
  async #apply(planned: Planned, fault: ReturnType<typeof faultIn> | undefined): Promise<readonly string[]> {
    const { plan } = planned;
    this.#runs++;
    this.#tell?.(`a run:\n${describePlan(plan)}`);
    this.#operations += operationCount(plan);
    const trespass = outsideOwnSpace(plan, planned);
    if (trespass !== undefined) throw new Violation(`an operation outside of what is Buoy's: ${trespass}`);
    this.#connections.open(planned.actual);
    const watch = new Watch(plan, planned, {
      seed: this.#history.seed + this.#runs,
      isUntouched: this.#isUntouched,
      isThorough: false,
    });
    const refused = new Set<NamespaceName>();
    this.#fault = fault && this.#counted(fault, refused);
    this.#done = (operations) => {
      this.#tell?.(
        `  done: ${operations.map(({ kind, namespace }) => `${kind} in ${namespace.slice(0, 16)}`).join(', ')}`,
      );
      const read = (): HostState => this.#host.read(MARK);
      for (const operation of operations) this.#announced.note(operation);
      this.#walks += watch.look(read, operations, refused);
      for (const operation of operations) this.#connections.end(operation, read);
    };
    const failures = await this.#runProcess(planned);
    watch.lookAtEnd(this.#host.read(MARK));
    return failures;
  }

  /** Answers what failed; of one that died, nothing. */
  async #runProcess(planned: Planned): Promise<readonly string[]> {
    const { plan } = planned;
    try {
      const results = new Map<Operation, Result>();
      const settled = (operation: Operation, result: Result): void => void results.set(operation, result);
      const { failures, notTried } = await this.#process.apply(plan, { settled });
      this.#steward.settle(planned, results);
      const left = new Set([...results].flatMap(([operation, result]) => (result === 'not tried' ? operation : [])));
      const innocent = neglected(plan, new Set(failures.map(({ operation }) => operation)), left);
      if (innocent !== undefined) throw new Violation(`not tried, though nothing has failed before it: ${innocent}`);
      if (failures.length > 0) this.#tell?.(`refused: ${failures.map(failureText).join('; ')}; not tried: ${notTried}`);
      return failures.map(failureText);
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      this.#tell?.('the process died');
      this.#process = this.#start();
      this.#steward = this.#newSteward();
      return [];
    }
  }

  #counted(fault: ReturnType<typeof faultIn>, refused: Set<NamespaceName>): ReturnType<typeof faultIn> {
    return (operation, index) => {
      const found = fault(operation, index);
      if (found !== undefined) this.#faults++;
      if (typeof found === 'object') refused.add(operation.namespace);
      return found;
    };
  }

  #start(): SimulatedKernel {
    return new SimulatedKernel(this.#host, {
      instance: INSTANCE,
      stepsAtOnce: choose(STEPS_AT_ONCE, this.#history.seed),
      fault: (operation, index) => this.#fault?.(operation, index),
      done: (operations) => this.#done(operations),
    });
  }

  /** The same intent on an empty host, at once and with the same link-local pairs. */
  async #compareWithUndisturbed(): Promise<void> {
    const { actual, wanted, plan } = await new OneShot().plan(this.#process, this.#intent.model());
    if (plan.steps.length > 0) throw new Violation(`something is left to be done in the end:\n${describePlan(plan)}`);
    const silent = this.#announced.missing(actual);
    if (silent !== undefined) throw new Violation(`a floating IP was never announced: ${silent}`);
    if (actual.namespaces.get(HOST)?.links.size !== wanted.namespaces.get(HOST)?.links.size)
      throw new Violation('links are left in the host');
    if (this.#history.seed % COMPARED !== 0) return;
    const [found, meant] = [actual, await undisturbed(wanted)].map((state) => listing(onlyWanted(state, wanted)));
    if (found !== meant)
      throw new Violation(`the host is not what it would be without its history:\n${found}\nwould be\n${meant}`);
  }
}

function failureText({ operation, errno }: Failure): string {
  return `${operation.kind} in ${operation.namespace} (${errno})`;
}

/** A host that has what every history begins with. */
function beginning(): HostState {
  begun ??= { ...strangers(), namespaces: compile(new Intent().model(), new Map(), { instance: INSTANCE }).namespaces };
  return begun;
}

let begun: HostState | undefined;
