// A scenario in which things go wrong, on a simulated host: runs with a fault each, then one without,
// after which the host has to be as if nothing had ever gone wrong.

import { diff } from '../../src/host/diff.ts';
import { describe, describePlan } from '../../src/host/describe.ts';
import { listing } from '../../src/host/listing.ts';
import type { Operation, Plan } from '../../src/host/plan.ts';
import { operationCount } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { routeKey } from '../../src/host/state.ts';
import { floatingIpPath } from '../../src/host/trace/index.ts';
import type { Failure } from '../../src/kernel/kernel.ts';
import { ProcessDied, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { formatAddress, formatIpv4, isIpv4 } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, routerNamespace } from '../../src/model/names.ts';
import { Connections } from '../../prove/connections.ts';
import type { FaultDraw } from '../../prove/fault.ts';
import { faultIn } from '../../prove/fault.ts';
import { foreignText } from '../../prove/foreign.ts';
import { onlyWanted } from '../../prove/only-wanted.ts';
import { outsideOwnSpace } from '../../prove/owned-space.ts';
import { INSTANCE, MARK, undisturbed } from '../../prove/undisturbed.ts';
import { Violation } from '../../prove/violation.ts';
import type { States } from '../../prove/watch.ts';
import { Watch } from '../../prove/watch.ts';
import type { Scenario } from './scenarios.ts';

/** A scenario, ready to be gone through many times. */
export class Ordeals {
  readonly #scenario: Scenario;
  readonly #beginning: HostState;
  /** Listings of hosts on which nothing ever went wrong, under the link-local pairs of their routers. */
  readonly #undisturbed = new Map<string, string>();

  private constructor(scenario: Scenario, beginning: HostState) {
    this.#scenario = scenario;
    this.#beginning = beginning;
  }

  static async prepare(scenario: Scenario): Promise<Ordeals> {
    const { before } = scenario;
    if (isState(before)) return new Ordeals(scenario, before);
    return new Ordeals(scenario, await undisturbed(compile(before, new Map(), { instance: INSTANCE })));
  }

  /**
   * One run for each fault, and one without; answers how many operations the last one was to do. `seed` decides when
   * the kernel takes namespaces apart. From a fault on packets of all floating IPs are walked after every operation, and
   * so they are in the run without one if the seed is even or there was no fault; else, of some after some. Throws
   * Violation.
   */
  async endure(faults: readonly FaultDraw[], seed: number): Promise<number> {
    const told: string[] = [this.#scenario.name];
    const ordeal = new Ordeal(this.#scenario, this.#beginning, seed, (line) => told.push(line));
    try {
      for (const fault of faults) await ordeal.run(fault);
      const operations = await ordeal.run(undefined);
      const { actual, wanted } = ordeal.end();
      const [found, meant] = [listing(onlyWanted(actual, wanted)), await this.#undisturbedWith(wanted)];
      if (found !== meant)
        throw new Violation(`the host is not what it would be undisturbed:\n${found}\nwould be\n${meant}`);
      return operations;
    } catch (error) {
      if (error instanceof Violation) throw new Violation([...told, error.message].join('\n'));
      throw new Error(told.join('\n'), { cause: error });
    }
  }

  /** An empty host brought to the wanted state. */
  async #undisturbedWith(wanted: HostState): Promise<string> {
    const key = [...livePairs(wanted)].join();
    let found = this.#undisturbed.get(key);
    if (found === undefined) {
      found = listing(onlyWanted(await undisturbed(wanted), wanted));
      this.#undisturbed.set(key, found);
    }
    return found;
  }
}

function isState(before: Scenario['before']): before is HostState {
  return 'namespaces' in before;
}

class Ordeal {
  readonly #host: SimulatedHost;
  readonly #model: Model;
  readonly #isUntouched: boolean;
  readonly #foreign: string;
  readonly #seed: number;
  readonly #tell: (line: string) => void;
  readonly #connections = new Connections();
  #isDisturbed = false;

  constructor({ before, after }: Scenario, beginning: HostState, seed: number, tell: (line: string) => void) {
    this.#host = new SimulatedHost({ state: beginning, mark: MARK, seed });
    this.#model = after;
    this.#isUntouched = !isState(before);
    this.#foreign = foreignText(this.#host, MARK);
    this.#seed = seed;
    this.#tell = tell;
  }

  async run(fault: FaultDraw | undefined): Promise<number> {
    const states = this.#states();
    const plan = diff(states.actual, states.wanted);
    const trespass = outsideOwnSpace(plan, states);
    if (trespass !== undefined) throw new Violation(`an operation outside of what is Buoy's: ${trespass}`);
    const failures = await this.#apply(plan, states, fault);
    if (fault?.kind === 'refuse') this.#checkOthers(plan, states, failures);
    else if (fault === undefined && failures.length > 0)
      throw new Violation(`without a fault, the kernel refused: ${failures.map(failureText).join('; ')}`);
    return operationCount(plan);
  }

  /** The host when nothing is left to be done, no connection goes where it no longer should, and nothing of others has changed. */
  end(): States {
    this.#checkNothingLeft();
    this.#host.settle();
    this.#checkNothingLeft();
    const stale = this.#connections.stale(this.#host.read(MARK));
    if (stale !== undefined) throw new Violation(`translated connections were not ended: ${stale}`);
    if (foreignText(this.#host, MARK) !== this.#foreign) throw new Violation('what is foreign has changed');
    return this.#states();
  }

  #checkNothingLeft(): void {
    const { actual, wanted } = this.#states();
    const left = diff(actual, wanted);
    if (left.steps.length > 0) throw new Violation(`something is left to be done after a run:\n${describePlan(left)}`);
  }

  #states(): States {
    const actual = this.#host.read(MARK);
    return { actual, model: this.#model, wanted: compile(this.#model, livePairs(actual), { instance: INSTANCE }) };
  }

  /** Until the fault, a run is like one without it, which was watched. */
  async #apply(plan: Plan, states: States, fault: FaultDraw | undefined): Promise<readonly Failure[]> {
    const isThorough = fault !== undefined || !this.#isDisturbed || this.#seed % 2 === 0;
    this.#isDisturbed ||= fault !== undefined;
    const watch = new Watch(plan, states, { seed: this.#seed, isUntouched: this.#isUntouched, isThorough });
    const find = fault === undefined ? () => undefined : faultIn(fault, operationCount(plan));
    const refused = new Set<NamespaceName>();
    this.#connections.open(states.actual);
    let isWatched = fault === undefined;
    const kernel = new SimulatedKernel(this.#host, {
      instance: INSTANCE,
      fault: (operation, index) => {
        const found = find(operation, index);
        if (found === undefined) return undefined;
        isWatched = true;
        if (typeof found === 'object') refused.add(operation.namespace);
        this.#tell(`${faultText(found)}: ${index + 1}. of ${operationCount(plan)}, ${operationText(operation)}`);
        return found;
      },
      done: (operations) => {
        const read = (): HostState => this.#host.read(MARK);
        if (isWatched) watch.look(read, operations, refused);
        for (const operation of operations) this.#connections.end(operation, read);
      },
    });
    try {
      // The plan is made from all that is there, and this process has to know that.
      await kernel.read();
      return (await kernel.apply(plan)).failures;
    } catch (error) {
      if (error instanceof ProcessDied) return [];
      throw error;
    }
  }

  /** Whoever has not failed, and waits for nobody who has, is complete, and so are its floating IPs. */
  #checkOthers({ steps }: Plan, { wanted }: States, failures: readonly Failure[]): void {
    const failedOperations = new Set(failures.map(({ operation }) => operation));
    const failed = new Set(
      steps.filter((step) => step.operations.some((one) => failedOperations.has(one))).map(({ subject }) => subject),
    );
    const waiting = steps.filter(({ after }) => after.some((heir) => failed.has(heir))).map(({ subject }) => subject);
    const excused = failed.union(new Set(waiting));
    // By what is left of a router in a fip namespace, it cannot always be told whose it was.
    const known = new Set(
      steps.filter(({ subject }) => excused.has(subject)).flatMap((step) => step.operations.map(operationText)),
    );
    // What a run after one that failed does to make sure is nothing that is lacking.
    const actual = { ...this.#host.read(MARK), isUnfinished: false };
    for (const { subject, operations } of diff(actual, wanted).steps) {
      if (excused.has(subject)) continue;
      const left = operations.find((one) => !known.has(operationText(one)) && !isDone(actual, one));
      if (left !== undefined) throw new Violation(`${subject}, where nothing failed, lacks: ${operationText(left)}`);
    }
    for (const { id, externalNetworkId, floatingIps } of this.#model.routers.values()) {
      const router = routerNamespace(id);
      if (excused.has(router) || excused.has(fipNamespace(externalNetworkId ?? ''))) continue;
      for (const { floating, fixed } of floatingIps.values()) {
        const trouble = floatingIpPath(actual, { router, floating, fixed });
        if (trouble !== undefined)
          throw new Violation(`${formatIpv4(floating)} of ${router} does not work: ${trouble}`);
      }
    }
  }
}

/**
 * Whether an operation changes nothing that matters, and is planned because of what another namespace has not
 * done yet: to make a link anew, with all that is on it, or to switch IPv6 off, upon which link-local
 * addresses go that are left from other MAC addresses.
 */
function isDone(actual: HostState, operation: Operation): boolean {
  if (operation.kind === 'address.announce') return true;
  if (operation.kind === 'address.delete') return formatAddress(operation.address.address).startsWith('fe80:');
  if (operation.kind !== 'route.set') return false;
  const table = actual.namespaces.get(operation.namespace)?.routes.get(operation.table);
  const { destination, hop } = operation;
  const { address, length } = destination;
  const found =
    length === 32 && isIpv4(address)
      ? table?.hosts.get(address)
      : table?.prefixes.get(routeKey({ destination, hop }))?.hop;
  return found?.link === hop.link && found.gateway === hop.gateway;
}

function faultText(fault: { readonly errno: string } | 'die before' | 'die after'): string {
  return typeof fault === 'string' ? `the process dies ${fault.slice('die '.length)}` : `refused with ${fault.errno}`;
}

function operationText(operation: Operation): string {
  return `${operation.namespace}: ${describe(operation).join(' ')}`;
}

function failureText({ operation, errno }: Failure): string {
  return `${operationText(operation)} (${errno})`;
}
