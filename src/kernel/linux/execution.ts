// Applies one plan: operations go to the kernel in the order of the plan, and consecutive ones in the same
// namespace share a system call.

import type { Failure, Observer, Outcome } from '../kernel.ts';
import { isRouteOperation, isRulesetOperation } from '../operation-kinds.ts';
import type { Executor } from '../run-plan.ts';
import { PlanRun } from '../run-plan.ts';
import type { Operation, Plan } from '../../host/plan.ts';
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
import { TransactionQueue } from './transaction-queue.ts';
import { VanishingLinks } from './vanishing-links.ts';
import { RouteWriter } from './write-route.ts';

const MESSAGES_AT_ONCE = 200;
const ENOENT = 2;
const ENODEV = 19;
/** For what is not any more what it was when the plan was made. */
const ESTALE = 116;

type Opened = ReadonlyMap<NamespaceName, OpenNamespace | SystemError>;

export class Execution implements Executor<Opened> {
  readonly #namespaces: Namespaces;
  readonly #directory: string;
  readonly #mark: string;
  readonly #sessions = new Map<NamespaceName, Session | Error>();
  readonly #planRun = new PlanRun<Opened>(this);
  readonly #route: Queue;
  readonly #writer: RouteWriter;
  readonly #ruleset: TransactionQueue;
  readonly #vanishing = new VanishingLinks();
  /** Namespaces in which the plan sets sysctls, and those in which it announces addresses. */
  #tuned: ReadonlySet<NamespaceName> = new Set();
  #announcing: ReadonlySet<NamespaceName> = new Set();
  /** Sockets for announcements. */
  readonly #opening: Promise<unknown>[] = [];

  constructor(namespaces: Namespaces, directory: string, mark: string) {
    this.#namespaces = namespaces;
    this.#directory = directory;
    this.#mark = mark;
    const report = (failure: Failure) => this.#planRun.fail(failure);
    this.#route = new Queue((session, batch) => session.open.route.exchange(batch), report, {
      messages: MESSAGES_AT_ONCE,
    });
    this.#writer = new RouteWriter((name) => this.#session(name), this.#route);
    this.#ruleset = new TransactionQueue(mark, report);
  }

  /** Throws what makes going on pointless: the worker is gone, the kernel's answers cannot be read. */
  async run(plan: Plan, observer: Observer): Promise<Outcome> {
    this.#tuned = namespacesOf(plan, 'sysctl.set');
    this.#announcing = namespacesOf(plan, 'address.announce');
    try {
      return await this.#planRun.run(plan, observer);
    } finally {
      for (const session of this.#sessions.values()) if (session instanceof Session) session[Symbol.dispose]();
      // Who closes the worker would lose one that is on its way.
      await Promise.all(this.#opening);
    }
  }

  isOpen(name: NamespaceName): boolean {
    return this.#sessions.get(name) instanceof Session;
  }

  /** By the worker. */
  async open(create: readonly NamespaceName[], open: readonly NamespaceName[]): Promise<Opened> {
    const [made, entered] = await Promise.all([
      this.#namespaces.create(create, this.#mark),
      this.#namespaces.open(open, (name) => this.#tuned.has(name)),
    ]);
    const none = new SystemError('open', ENOENT);
    const named = (names: readonly NamespaceName[], opened: readonly (OpenNamespace | SystemError)[]) =>
      names.map((name, index) => [name, opened[index] ?? none] as const);
    return new Map([...named(create, made), ...named(open, entered)]);
  }

  adopt(opened: Opened): void {
    for (const [name, namespace] of opened) {
      if (!this.isOpen(name)) this.#sessions.set(name, this.#sessionOf(namespace));
      else if (!(namespace instanceof SystemError)) namespace[Symbol.dispose]();
    }
  }

  /** A session, or why there is none: then every operation in that namespace fails with it. */
  #sessionOf(namespace: OpenNamespace | SystemError): Session | Error {
    if (namespace instanceof SystemError) return namespace;
    try {
      const session = new Session(namespace);
      if (isOurs(session, this.#mark)) {
        // Opened while all that comes before the announcement is done. What is new the kernel announces by itself.
        if (this.#announcing.has(session.name) && !namespace.isNew)
          this.#opening.push(session.packetSocket(this.#namespaces).catch(() => undefined));
        return session;
      }
      session[Symbol.dispose]();
      return new SystemError(`namespace ${namespace.name}, which is not ours any more`, ESTALE);
    } catch (error) {
      namespace[Symbol.dispose]();
      if (error instanceof Error) return error;
      throw error;
    }
  }

  /** fip namespaces and HOST are needed by nearly every step and stay open. */
  release(neededNext: ReadonlySet<NamespaceName>): void {
    for (const [name, session] of this.#sessions) {
      if (name === HOST || isFipNamespace(name) || neededNext.has(name)) continue;
      if (session instanceof Session && this.#vanishing.watches(session)) continue;
      if (session instanceof Session) session[Symbol.dispose]();
      this.#sessions.delete(name);
    }
  }

  async finish(): Promise<void> {
    await this.#vanishing.wait();
  }

  perform(operation: Operation): Promise<void> | undefined {
    const fail = (error: unknown) => this.#planRun.fail(failureOf(operation, error));
    if (operation.kind === 'address.announce') return this.#announce(operation).catch(fail);
    try {
      this.#perform(operation);
    } catch (error) {
      fail(error);
    }
    return undefined;
  }

  bringUp(): void {
    this.#writer.bringUp();
  }

  sendRoute(): void {
    this.#route.flush();
  }

  sendRuleset(): void {
    this.#ruleset.flush();
  }

  #perform(operation: Exclude<Operation, { kind: 'address.announce' }>): void {
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
        flushTranslated(
          this.#session(operation.namespace).open.netfilter,
          new Map(operation.fixed.map(({ fixed, floating }) => [fixed, floating])),
          operation.others,
        );
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
    const session = this.#sessions.get(namespace);
    const isGone = session instanceof SystemError && session.errno === ENOENT;
    if (!isGone) this.#releaseNamespace(this.#session(namespace));
    // Not before: those of a namespace that stays are to stay too.
    for (const end of ends) {
      const other = this.#sessions.get(end.namespace);
      if (other instanceof Session) this.#vanishing.add(other, end.link);
    }
  }

  #releaseNamespace(session: Session): void {
    deleteMacvlans(session);
    try {
      releaseName(this.#directory, session.name, session.open.descriptor);
    } finally {
      // An open socket would keep the namespace alive; that of nftables does for some ms.
      session[Symbol.dispose]();
      this.#sessions.delete(session.name);
    }
  }

  #session(name: NamespaceName): Session {
    const session = this.#sessions.get(name);
    if (session instanceof Session) return session;
    throw session ?? new SystemError(`namespace ${name}`, ENOENT);
  }
}

function namespacesOf({ steps }: Plan, kind: Operation['kind']): Set<NamespaceName> {
  const operations = steps.flatMap((step) => step.operations.filter((operation) => operation.kind === kind));
  return new Set(operations.map(({ namespace }) => namespace));
}

/** A name may have been given to another namespace since it was read. HOST has no mark; its links have. */
function isOurs({ name, open }: Session, mark: string): boolean {
  return name === HOST || open.isNew || readTables(open.netfilter).own?.comment === mark;
}
