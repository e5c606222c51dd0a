// Applies one plan. Operations go to the kernel in the plan's order; consecutive ones in the same
// namespace share a system call. A failure stops its subject and nobody else.

import type { Failure, Observer, Outcome } from '../kernel.ts';
import type { Operation, Plan, Step } from '../../host/plan.ts';
import { operationCount } from '../../host/plan.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST, isFipNamespace } from '../../model/names.ts';
import { readTables } from '../../netlink/nftables/index.ts';
import { flushTranslated } from '../../netlink/conntrack/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import { announce } from './announce.ts';
import { deleteMacvlans } from './delete-macvlans.ts';
import { failureOf } from './failure.ts';
import { releaseName } from './namespace-name.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';
import { Queue } from './queue.ts';
import { Session } from './session.ts';
import { writeSysctl } from './sysctl.ts';
import { isRulesetOperation, TransactionQueue } from './transaction-queue.ts';
import { VanishingLinks } from './vanishing-links.ts';
import { isRouteOperation, RouteWriter } from './write-route.ts';

/** Steps whose namespaces are opened together, while those before them are worked on. */
const STEPS_AT_ONCE = 32;
const MESSAGES_AT_ONCE = 200;
const ENOENT = 2;
const ENODEV = 19;
/** For what is not any more what it was when the plan was made. */
const ESTALE = 116;

interface Prepared {
  readonly steps: readonly Step[];
  readonly opened: Promise<ReadonlyMap<NamespaceName, OpenNamespace | SystemError>>;
}

export class Execution {
  readonly #namespaces: Namespaces;
  readonly #directory: string;
  readonly #mark: string;
  readonly #sessions = new Map<NamespaceName, Session | Error>();
  /** The first failure of each operation: one may take several messages. */
  readonly #failures = new Map<Operation, Failure>();
  readonly #failedSubjects = new Set<NamespaceName>();
  readonly #route: Queue;
  readonly #writer: RouteWriter;
  readonly #ruleset: TransactionQueue;
  readonly #vanishing = new VanishingLinks();
  #subject: NamespaceName = HOST;
  #notTried = 0;

  constructor(namespaces: Namespaces, directory: string, mark: string) {
    this.#namespaces = namespaces;
    this.#directory = directory;
    this.#mark = mark;
    const report = (failure: Failure) => this.#fail(failure);
    this.#route = new Queue((session, batch) => session.open.route.exchange(batch), report, {
      messages: MESSAGES_AT_ONCE,
    });
    this.#writer = new RouteWriter((name) => this.#session(name), this.#route);
    this.#ruleset = new TransactionQueue(mark, report);
  }

  /** Throws what makes going on pointless: the worker is gone, the kernel's answers cannot be read. */
  async run(plan: Plan, observer: Observer): Promise<Outcome> {
    const total = operationCount(plan);
    let tried = 0;
    let next = this.#prepare(plan, 0);
    try {
      for (let start = 0; start < plan.steps.length; start += STEPS_AT_ONCE) {
        const { steps, opened } = next;
        this.#adopt(await opened);
        next = this.#prepare(plan, start + STEPS_AT_ONCE);
        for (const step of steps) {
          await this.#runStep(step, observer);
          tried += step.operations.length;
        }
        this.#closeRouters();
        observer.progress?.(tried, total);
      }
      await this.#vanishing.wait();
    } finally {
      this.#adopt(await next.opened);
      for (const session of this.#sessions.values()) if (session instanceof Session) session[Symbol.dispose]();
    }
    const failures = [...this.#failures.values()];
    return { done: total - failures.length - this.#notTried, failures, notTried: this.#notTried };
  }

  /** Has the worker make and open the namespaces that the next steps need and that are not open already. */
  #prepare(plan: Plan, start: number): Prepared {
    const steps = plan.steps.slice(start, start + STEPS_AT_ONCE);
    const create = new Set<NamespaceName>();
    const open = new Set<NamespaceName>();
    for (const { operations } of steps) {
      for (const operation of operations) {
        if (operation.kind === 'namespace.create') create.add(operation.namespace);
        else addTouched(operation, open);
      }
    }
    const missing = [...open].filter((name) => !create.has(name) && !(this.#sessions.get(name) instanceof Session));
    const opened = Promise.all([this.#namespaces.create([...create], this.#mark), this.#namespaces.open(missing)]);
    return {
      steps,
      opened: opened.then(
        ([made, entered]) =>
          new Map(
            [...create, ...missing].map((name, index) => [
              name,
              (index < create.size ? made[index] : entered[index - create.size]) ?? new SystemError('open', ENOENT),
            ]),
          ),
      ),
    };
  }

  #adopt(opened: ReadonlyMap<NamespaceName, OpenNamespace | SystemError>): void {
    for (const [name, namespace] of opened) {
      if (!(this.#sessions.get(name) instanceof Session)) this.#sessions.set(name, this.#sessionOf(namespace));
      else if (!(namespace instanceof SystemError)) namespace[Symbol.dispose]();
    }
  }

  /** A session, or why there is none: then every operation in that namespace fails with it. */
  #sessionOf(namespace: OpenNamespace | SystemError): Session | Error {
    if (namespace instanceof SystemError) return namespace;
    try {
      const session = new Session(namespace);
      if (isOurs(session, this.#mark)) return session;
      session[Symbol.dispose]();
      return new SystemError(`namespace ${namespace.name}, which is not ours any more`, ESTALE);
    } catch (error) {
      namespace[Symbol.dispose]();
      if (error instanceof Error) return error;
      throw error;
    }
  }

  /** fip namespaces and HOST are needed by nearly every step and stay open. */
  #closeRouters(): void {
    for (const [name, session] of this.#sessions) {
      if (name === HOST || isFipNamespace(name) || (session instanceof Session && this.#vanishing.watches(session)))
        continue;
      if (session instanceof Session) session[Symbol.dispose]();
      this.#sessions.delete(name);
    }
  }

  async #runStep(step: Step, observer: Observer): Promise<void> {
    this.#subject = step.subject;
    let tried = 0;
    try {
      for (const operation of step.operations) {
        // An operation may need those before it: what became of them is known before it is begun.
        this.#settle(operation);
        if (this.#hasFailed(step)) break;
        tried++;
        try {
          if (operation.kind === 'address.announce') await this.#announce(operation);
          else this.#run(operation);
        } catch (error) {
          this.#fail(failureOf(operation, error));
        }
      }
      this.#flush();
    } finally {
      this.#notTried += step.operations.length - tried;
      for (const [index, operation] of step.operations.entries())
        observer.settled?.(operation, index < tried ? (this.#failures.get(operation) ?? 'done') : 'not tried');
    }
  }

  /** Whether the step's subject has failed, or one that it comes after. */
  #hasFailed({ subject, after }: Step): boolean {
    const failed = this.#failedSubjects;
    return failed.size > 0 && (failed.has(subject) || after.some((other) => failed.has(other)));
  }

  /** Sends what waits, but for that which shares a batch with the operation. */
  #settle(operation: Operation): void {
    if (!isRouteOperation(operation)) {
      // A link comes up with its sysctls set.
      if (operation.kind !== 'sysctl.set') this.#writer.bringUp();
      this.#route.flush();
    }
    if (!isRulesetOperation(operation)) this.#ruleset.flush();
  }

  #run(operation: Exclude<Operation, { kind: 'address.announce' }>): void {
    if (isRulesetOperation(operation)) return this.#ruleset.add(this.#session(operation.namespace), operation);
    if (isRouteOperation(operation)) return this.#writer.write(operation);
    switch (operation.kind) {
      case 'namespace.create':
        this.#session(operation.namespace);
        break;
      case 'namespace.delete':
        this.#deleteNamespace(operation);
        break;
      case 'sysctl.set':
        writeSysctl(this.#session(operation.namespace).open, operation.name, operation.value);
        break;
      case 'connections.flush':
        flushTranslated(this.#session(operation.namespace).open.netfilter, new Set(operation.fixed));
        break;
    }
  }

  async #announce({ namespace, link, addresses }: Extract<Operation, { kind: 'address.announce' }>): Promise<void> {
    const session = this.#session(namespace);
    const unannounced = addresses.filter((address) => !session.isAnnounced(link, address));
    if (unannounced.length === 0) return;
    const known = session.link(link);
    if (known?.mac === undefined) throw new SystemError(`device ${link}`, ENODEV);
    announce(await session.packetSocket(this.#namespaces), known.index, known.mac, unannounced);
  }

  #deleteNamespace({ namespace, ends }: Extract<Operation, { kind: 'namespace.delete' }>): void {
    for (const end of ends) {
      const session = this.#sessions.get(end.namespace);
      if (session instanceof Session) this.#vanishing.add(session, end.link);
    }
    const session = this.#sessions.get(namespace);
    if (session instanceof SystemError && session.errno === ENOENT) return;
    const { open } = this.#session(namespace);
    deleteMacvlans(this.#session(namespace));
    try {
      releaseName(this.#directory, namespace, open.descriptor);
    } finally {
      // An open socket would keep the namespace alive.
      this.#session(namespace)[Symbol.dispose]();
      this.#sessions.delete(namespace);
    }
  }

  #session(name: NamespaceName): Session {
    const session = this.#sessions.get(name);
    if (session instanceof Session) return session;
    throw session ?? new SystemError(`namespace ${name}`, ENOENT);
  }

  #flush(): void {
    this.#writer.bringUp();
    this.#route.flush();
    this.#ruleset.flush();
  }

  #fail(failure: Failure): void {
    if (!this.#failures.has(failure.operation)) this.#failures.set(failure.operation, failure);
    this.#failedSubjects.add(this.#subject);
  }
}

/** The namespaces whose sockets an operation needs. */
function addTouched(operation: Operation, names: Set<NamespaceName>): void {
  names.add(operation.namespace);
  if (operation.kind === 'namespace.delete') for (const end of operation.ends) names.add(end.namespace);
  if (operation.kind !== 'link.create') return;
  const { kind } = operation.link;
  names.add(kind.type === 'veth' && kind.peer !== undefined ? kind.peer.namespace : HOST);
}

/** A name may have been given to another namespace since it was read. HOST has no mark; its links have. */
function isOurs({ name, open }: Session, mark: string): boolean {
  return name === HOST || open.isNew || readTables(open.netfilter).own?.comment === mark;
}
