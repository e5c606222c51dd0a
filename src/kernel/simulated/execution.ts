// Applies one plan to a simulated host, as the process of a Buoy would.

import type { Failure, Observer, Outcome } from '../kernel.ts';
import { isRouteOperation, isRulesetOperation } from '../operation-kinds.ts';
import type { RulesetOperation } from '../operation-kinds.ts';
import type { Executor } from '../run-plan.ts';
import { PlanRun } from '../run-plan.ts';
import type { Operation, Plan } from '../../host/plan.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST, isFipNamespace } from '../../model/names.ts';
import type { Device } from './device.ts';
import type { Fault } from './fault.ts';
import { ProcessDied } from './fault.ts';
import type { SimulatedNamespace } from './namespace.ts';
import { destroy } from './perform/devices.ts';
import type { Errno } from './perform/errno.ts';
import { commit } from './perform/rulesets.ts';
import { setSysctl } from './perform/sysctls.ts';
import { RouteQueue } from './route-queue.ts';
import { Session } from './session.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** Namespaces as they were made or found, or why they could not be had. */
type Opened = readonly {
  readonly name: NamespaceName;
  readonly namespace: SimulatedNamespace | Errno;
  readonly isNew: boolean;
}[];

export interface ExecutionOptions {
  readonly mark: string;
  readonly stepsAtOnce: number | undefined;
  readonly fault: ((operation: Operation, index: number) => Fault | undefined) | undefined;
  readonly done: (operations: readonly Operation[]) => void;
}

export class Execution implements Executor<Opened> {
  readonly #host: SimulatedHost;
  readonly #options: ExecutionOptions;
  readonly #plan: Plan;
  /** The number of each operation in the plan; made when there is somebody to ask for faults. */
  #indexes: ReadonlyMap<Operation, number> | undefined;
  /** What makes a namespace, under its name. */
  readonly #makers = new Map<NamespaceName, Operation>();
  readonly #planRun: PlanRun<Opened>;
  readonly #sessions = new Map<NamespaceName, Session | Errno>();
  readonly #route: RouteQueue;
  /** The transaction that waits, and what shall become of it. */
  #transaction: { readonly session: Session; readonly operations: RulesetOperation[] } | undefined;
  #transactionFault: Fault | undefined;
  /** Other ends of veths into namespaces that were deleted. */
  readonly #vanishing: Device[] = [];
  /** Sessions of the namespaces that these are in. */
  readonly #watched = new Set<Session>();
  #isDead = false;

  constructor(host: SimulatedHost, plan: Plan, options: ExecutionOptions) {
    this.#host = host;
    this.#options = options;
    this.#planRun = new PlanRun<Opened>(this, options.stepsAtOnce);
    this.#plan = plan;
    for (const { operations } of plan.steps)
      for (const operation of operations)
        if (operation.kind === 'namespace.create') this.#makers.set(operation.namespace, operation);
    this.#route = new RouteQueue((name) => this.#sessions.get(name) ?? 'ENOENT', {
      refused: (operation, errno) => this.#fail(operation, errno),
      changed: (operation) => options.done([operation]),
    });
  }

  run(observer: Observer): Promise<Outcome> {
    // The dead tell nobody.
    return this.#planRun.run(this.#plan, {
      progress: (tried, total) => this.#isDead || observer.progress?.(tried, total),
      settled: (operation, result) => this.#isDead || observer.settled?.(operation, result),
    });
  }

  isOpen(name: NamespaceName): boolean {
    return this.#sessions.get(name) instanceof Session;
  }

  open(create: readonly NamespaceName[], open: readonly NamespaceName[]): Promise<Opened> {
    const made = create.map((name) => ({ name, namespace: this.#create(name), isNew: true }));
    const found = open.map((name) => ({ name, namespace: this.#host.namespace(name) ?? 'ENOENT', isNew: false }));
    return Promise.resolve([...made, ...found]);
  }

  adopt(opened: Opened): void {
    for (const { name, namespace, isNew } of opened)
      if (!this.isOpen(name)) this.#sessions.set(name, this.#sessionOf(namespace, isNew));
  }

  perform(operation: Operation): undefined {
    this.#live();
    this.#host.advance(1);
    // That of a namespace that is made was asked for when it was made.
    const fault = operation.kind === 'namespace.create' ? undefined : this.#faultOf(operation);
    if (fault === 'die before') this.#die();
    if (isRulesetOperation(operation)) this.#addToTransaction(operation, fault);
    else if (isRouteOperation(operation)) this.#route.add(operation, errnoOf(fault));
    else {
      const errno = errnoOf(fault) ?? this.#perform(operation);
      if (errno !== undefined) this.#fail(operation, errno);
      else if (operation.kind !== 'namespace.create') this.#options.done([operation]);
    }
    if (fault === 'die after' && !isRulesetOperation(operation)) this.#die();
  }

  bringUp(): void {
    this.#live();
    this.#route.bringUp();
  }

  sendRoute(): void {
    this.#live();
    this.#route.send();
  }

  sendRuleset(): void {
    this.#live();
    const transaction = this.#transaction;
    const fault = this.#transactionFault;
    if (transaction === undefined) return;
    [this.#transaction, this.#transactionFault] = [undefined, undefined];
    const { session, operations } = transaction;
    const errno = errnoOf(fault) ?? commit(session.namespace, operations);
    if (errno === undefined) this.#options.done(operations);
    else for (const operation of operations) this.#fail(operation, errno);
    if (fault === 'die after') this.#die();
  }

  release(neededNext: ReadonlySet<NamespaceName>): void {
    for (const [name, session] of this.#sessions) {
      const isWatched = session instanceof Session && this.#watched.has(session);
      if (name !== HOST && !isFipNamespace(name) && !neededNext.has(name) && !isWatched) this.#sessions.delete(name);
    }
  }

  finish(): Promise<void> {
    if (this.#vanishing.some((device) => device.isThere)) this.#host.settle();
    // Somebody keeps the namespace alive.
    for (const device of this.#vanishing) destroy(device);
    return Promise.resolve();
  }

  #create(name: NamespaceName): SimulatedNamespace | Errno {
    const operation = this.#makers.get(name);
    const fault = operation === undefined ? undefined : this.#faultOf(operation);
    if (fault === 'die before') this.#die();
    const namespace = errnoOf(fault) ?? this.#host.createNamespace(name, this.#options.mark) ?? 'EEXIST';
    if (operation !== undefined && typeof namespace !== 'string') this.#options.done([operation]);
    if (fault === 'die after') this.#die();
    return namespace;
  }

  #sessionOf(namespace: SimulatedNamespace | Errno, isNew: boolean): Session | Errno {
    if (typeof namespace === 'string') return namespace;
    const isOurs = namespace.name === HOST || namespace.mark === this.#options.mark;
    return isOurs ? new Session(namespace, isNew) : 'ESTALE';
  }

  #perform(operation: Exclude<Operation, RulesetOperation>): Errno | undefined {
    if (operation.kind === 'namespace.delete') return this.#deleteNamespace(operation);
    const session = this.#sessions.get(operation.namespace) ?? 'ENOENT';
    if (typeof session === 'string') return session;
    if (operation.kind === 'sysctl.set') return setSysctl(session.namespace, operation.name, operation.value);
    return operation.kind === 'address.announce' ? announce(session, operation) : undefined;
  }

  #deleteNamespace({ namespace: name, ends }: Extract<Operation, { kind: 'namespace.delete' }>): Errno | undefined {
    const session = this.#sessions.get(name) ?? 'ENOENT';
    if (typeof session === 'string' && session !== 'ENOENT') return session;
    if (typeof session !== 'string') {
      for (const device of session.links()) if (device.type === 'macvlan') destroy(device);
      this.#host.deleteNamespace(session.namespace);
      this.#sessions.delete(name);
    }
    for (const end of ends) {
      const other = this.#sessions.get(end.namespace);
      const device = other instanceof Session ? other.link(end.link) : undefined;
      if (!(other instanceof Session) || device === undefined) continue;
      this.#vanishing.push(device);
      this.#watched.add(other);
    }
    return undefined;
  }

  #addToTransaction(operation: RulesetOperation, fault: Fault | undefined): void {
    const session = this.#sessions.get(operation.namespace) ?? 'ENOENT';
    if (typeof session === 'string') return this.#fail(operation, session);
    if (this.#transaction?.session !== session) this.sendRuleset();
    // Nothing would be sent.
    if ('elements' in operation && operation.elements.length === 0 && fault === undefined) return;
    this.#transaction ??= { session, operations: [] };
    this.#transaction.operations.push(operation);
    this.#transactionFault ??= fault;
  }

  #fail(operation: Operation, errno: Errno): void {
    this.#planRun.fail(failureOf(operation, errno));
  }

  #faultOf(operation: Operation): Fault | undefined {
    const { fault } = this.#options;
    if (fault === undefined) return undefined;
    this.#indexes ??= new Map(this.#plan.steps.flatMap((step) => step.operations).map((one, index) => [one, index]));
    return fault(operation, this.#indexes.get(operation) ?? 0);
  }

  #die(): never {
    this.#isDead = true;
    throw new ProcessDied();
  }

  #live(): void {
    if (this.#isDead) throw new ProcessDied();
  }
}

/** The kernel announces by itself the addresses of a link that the run has made (arp_notify). */
function announce(
  session: Session,
  { link, addresses }: Extract<Operation, { kind: 'address.announce' }>,
): Errno | undefined {
  if (addresses.every((address) => session.isAnnounced(link, address))) return undefined;
  const device = session.link(link);
  if (device === undefined || (device.type === 'loopback' && session.isNew)) return 'ENODEV';
  if (!device.isThere) return 'ENXIO';
  return device.up ? undefined : 'ENETDOWN';
}

function errnoOf(fault: Fault | undefined): Errno | undefined {
  return typeof fault === 'object' ? fault.errno : undefined;
}

function failureOf(operation: Operation, errno: Errno): Failure {
  return { operation, errno, message: `the simulated kernel says ${errno}` };
}
