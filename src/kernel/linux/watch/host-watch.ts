// Hears what others change in what is ours.
//
// One socket of rtnetlink and one of nftables hear the host and every namespace of ours, of which each has a
// number for that (`nsid`); the directory of names is watched beside them. Who listens to both knows the
// links of all namespaces at any time, and so the other end of every veth. What else is known is what is
// needed to tell a change from a repetition, as the kernel repeats itself a lot: addresses, permanent neighbours and
// the sysctls it tells of. Routes, rules and rulesets are not kept: each of their events is a change, or part of one.

import type { Gone } from '../../../host/gone.ts';
import type { Operation, Plan } from '../../../host/plan.ts';
import type { LinkName, NamespaceName } from '../../../model/names.ts';
import { HOST } from '../../../model/names.ts';
import type { ReceivedMessage } from '../../../netlink/attributes.ts';
import { MalformedReply } from '../../../netlink/attributes.ts';
import { MessageBatch } from '../../../netlink/message.ts';
import type { KernelLink } from '../../../netlink/route/index.ts';
import { readLinkOf, readLinks, readRouteEvent, settleLink } from '../../../netlink/route/index.ts';
import type { Disturbance } from '../../disturbance.ts';
import { isSameLink, LinkEnds } from '../link-ends.ts';
import type { OpenNamespace } from '../namespaces.ts';
import { isOwnPort } from '../own-ports.ts';
import type { Reader, Source } from '../read-host.ts';
import { readParts } from '../read-host.ts';
import type { NamespaceReading } from '../read-namespace.ts';
import { Heard } from './heard.ts';
import { HeardInside } from './heard-inside.ts';
import { HeardRulesets } from './heard-rulesets.ts';
import { isHeardSysctl } from './heard-sysctls.ts';
import { KnownNamespaces } from './known-namespaces.ts';
import { addressFact, neighbourFact, OwnChanges } from './own-changes.ts';
import type { OwnPlan } from './own-changes.ts';
import { NameWatch } from './name-watch.ts';
import type { WatchSockets } from './sockets.ts';
import { openSockets } from './sockets.ts';

const LOOPBACK_INDEX = 1;
/** How often a name is looked at that nothing is mounted over, after 1, 2, 4, … ms. */
const LOOKS = 13;

type Listener = (disturbed: Disturbance) => void;

export class HostWatch implements Reader, AsyncDisposable {
  /** The links of the host and of all namespaces that are ours, up to date as far as `catchUp` has read. */
  readonly ends = new LinkEnds();
  readonly #source: Source;
  readonly #listener: Listener;
  readonly #sockets: WatchSockets;
  readonly #directory: NameWatch;
  readonly #request = new MessageBatch(1, 128);
  readonly #known: KnownNamespaces;
  /** Of the host's own namespace only links matter. */
  readonly #hostFacts = new Map<string, string>();
  readonly #own: OwnChanges;
  readonly #inside: HeardInside;
  /** Numbers of namespaces in which something was changed before it was known that they are ours. */
  readonly #unplaced = new Set<number>();
  readonly #heard = new Heard();
  readonly #heardRulesets = new HeardRulesets();
  readonly #timers = new Set<NodeJS.Timeout>();
  #looking: Promise<void> = Promise.resolve();
  #readsOfAll = 0;
  #losses = 0;
  #lossesAtRead: number | undefined;
  #isLost = false;
  #isTelling = false;
  /** A link went down, as those do that go. */
  #mayGo = false;
  #hasRead = false;
  #isDisposed = false;

  private constructor(source: Source, listener: Listener, sockets: WatchSockets) {
    this.#source = source;
    this.#listener = listener;
    this.#sockets = sockets;
    this.#known = new KnownNamespaces(sockets.control.route);
    const knowledge = { ends: this.ends, facts: (name: NamespaceName) => this.#facts(name) };
    this.#own = new OwnChanges(knowledge);
    this.#inside = new HeardInside(knowledge, this.#own, {
      changed: (name) => this.#disturb(name),
      changedOn: (name, index) => this.#disturbOn(name, index),
      gone: (index, gone) => this.#heardGone(index, gone),
    });
    this.#directory = new NameWatch(source.directory, {
      changed: (name) => {
        if (!this.#own.isNameInWork(name)) this.#look(name);
      },
      lost: () => this.#lose(),
    });
    source.namespaces.onMade = (made) => this.#made(made);
    for (const socket of [sockets.route, sockets.nftables]) socket.listen(() => this.catchUp());
  }

  /** It hears of what a reading (`readAll`) finds. Throws SystemError (EPERM without CAP_NET_BROADCAST), NetlinkError. */
  static async start(source: Source, listener: Listener): Promise<HostWatch> {
    return new HostWatch(source, listener, await openSockets(source.namespaces));
  }

  /** Whether all links are known. Not after events were lost, until everything has been read again. */
  get isWhole(): boolean {
    return this.#lossesAtRead === this.#losses;
  }

  /** Those of these links of the host that are not ours, with their kinds. They are asked for: of an alias the kernel does not always tell. */
  foreignAmong(names: ReadonlySet<LinkName>): Map<LinkName, string> {
    const found = new Map<LinkName, string>();
    for (const name of names) {
      const link = readLinkOf(this.#sockets.control.route, name);
      if (link !== undefined && !this.ends.isOurs(link, this.#source.mark)) found.set(name, link.kind);
    }
    return found;
  }

  /** Does a reading of the whole host, of which this watch is the Reader. */
  async readAll<State>(read: () => Promise<State>): Promise<State> {
    const losses = this.#losses;
    this.#readsOfAll++;
    try {
      const state = await read();
      for (const name of this.#known.names) if (this.#directory.inode(name) === undefined) this.#forget(name);
      this.#lossesAtRead = losses;
      this.#hasRead = true;
      this.#tell();
      return state;
    } finally {
      this.#readsOfAll--;
    }
  }

  /** A plan is about to be applied through this kernel. To be ended with `end`, whatever becomes of it. */
  begin(plan: Plan): OwnPlan {
    this.catchUp();
    return this.#own.begin(plan);
  }

  done(plan: OwnPlan, operation: Operation): void {
    plan.done.add(operation);
    if (operation.kind === 'namespace.delete') this.#forget(operation.namespace);
  }

  end(plan: OwnPlan): void {
    if (this.#isDisposed) return;
    this.catchUp();
    for (const name of this.#own.end(plan)) this.#heard.add(name);
    for (const operation of plan.operations) {
      const isName = operation.kind === 'namespace.create' || operation.kind === 'namespace.delete';
      if (isName && !plan.done.has(operation)) this.#look(operation.namespace);
    }
    if (!this.#own.isMaking) this.#unplaced.clear();
    this.#tell();
  }

  enter({ name, descriptor }: Pick<OpenNamespace, 'name' | 'descriptor'>): void {
    const known = this.#known.number(name, descriptor.number);
    if (known === undefined) return;
    this.#forget(name);
    // What is queued may be of a namespace that had this number before.
    this.catchUp();
    this.#known.add(name, known);
  }

  read(name: NamespaceName, reading: NamespaceReading): void {
    const facts = this.#known.get(name)?.facts;
    facts?.clear();
    for (const key of reading.addresses.keys()) facts?.set(addressFact(key), '');
    for (const [key, { mac }] of reading.neighbours) facts?.set(neighbourFact(key), mac);
    for (const [key, value] of reading.sysctls) if (isHeardSysctl(key)) facts?.set(key, value);
    const isNew = this.ends.links(name).size === 0;
    this.ends.replace(name, reading.links);
    if (isNew) this.#disturbOtherEnds(name);
  }

  readHost(links: readonly KernelLink[]): void {
    this.ends.replace(HOST, links);
  }

  miss(name: NamespaceName): void {
    this.#disturbOtherEnds(name);
    this.ends.drop(name);
    if (this.#directory.inode(name) === undefined) this.#forget(name);
  }

  /** Reads what is queued. */
  catchUp(): void {
    if (this.#isDisposed) return;
    try {
      const { control, nftables } = this.#sockets;
      this.#drainRoute();
      if (this.#mayGo) {
        // That a link goes down is told long before it is gone, and a repair would come in between. Whoever asks for a link
        // waits for the lock under which the kernel deletes one, and then it is told.
        this.#request.clear();
        settleLink(this.#request, LOOPBACK_INDEX);
        control.route.exchange(this.#request);
        this.#drainRoute();
      }
      if (!nftables.drain((message, number) => this.#hearRuleset(message, number))) this.#lose();
    } catch (error) {
      if (!(error instanceof MalformedReply)) throw error;
      this.#lose();
    }
    this.#tell();
  }

  #drainRoute(): void {
    this.#mayGo = false;
    if (!this.#sockets.route.drain((message, number) => this.#hearRoute(message, number))) this.#lose();
  }

  #hearRuleset(message: ReceivedMessage, number: number | undefined): void {
    const name = this.#place(number);
    if (name === undefined || name === HOST) return;
    const gone = this.#heardRulesets.hear(name, message);
    if (gone === 'changed') this.#disturb(name);
    else gone?.forEach((one) => this.#heardGone(undefined, one));
  }

  #hearRoute(message: ReceivedMessage, number: number | undefined): void {
    const name = this.#place(number);
    // Most of what is told is of namespaces that are not ours.
    if (name === undefined) return;
    const event = readRouteEvent(message);
    if (event === undefined) return;
    if (event.kind === 'link') this.#hearLink(name, event.link, event.isGone);
    else if (event.kind === 'namespace') this.#hearGone(name, event.number);
    else if (name !== HOST) this.#inside.hear(name, event, isOwnPort(message.port, this.#source.namespaces.ownPorts));
  }

  #place(number: number | undefined): NamespaceName | undefined {
    if (number === undefined) return HOST;
    const name = this.#known.named(number);
    if (name === undefined && this.#own.isMaking) this.#unplaced.add(number);
    return name;
  }

  #hearLink(name: NamespaceName, link: KernelLink, isGone: boolean): void {
    const before = this.ends.links(name).get(link.index);
    if (isGone) return before === undefined ? undefined : this.#hearLinkGone(name, before);
    if (before === undefined) this.#own.buried(name, link.index);
    else if (isSameLink(before, link)) return undefined;
    const wasOurs = name !== HOST || (before !== undefined && this.ends.isOurs(before, this.#source.mark));
    this.ends.set(name, link);
    if (this.#own.isDying(name, link.index)) return undefined;
    const expected = this.#own.expectedLink(name, link.name);
    if (expected !== undefined) {
      // No plan sets a link down in between, and a link that was down has lost its routes.
      if (before?.up === true && !link.up && expected.link?.up === true) this.#disturb(name);
      return undefined;
    }
    const isRenamed = before?.name !== link.name;
    if (!wasOurs && !this.ends.isOurs(link, this.#source.mark)) {
      if (isRenamed && before !== undefined) this.#hearDeviceRenamed(link.index);
      // One that has taken the place of ours stands in the way of its repair.
      if (this.#heard.hasGone(HOST, link.name)) this.#disturb(HOST);
      return undefined;
    }
    if (before?.up === true && !link.up) this.#mayGo = true;
    if (!isRenamed) return this.#disturbOn(name, link.index);
    this.#disturb(name);
    const end = this.ends.otherEnd(link);
    if (end !== undefined) this.#disturb(end.namespace);
    return undefined;
  }

  #hearLinkGone(name: NamespaceName, link: KernelLink): void {
    const end = this.ends.otherEnd(link);
    const isOurs = name !== HOST || this.ends.isOurs(link, this.#source.mark);
    this.ends.delete(name, link.index);
    const isExpected = this.#own.buried(name, link.index) || this.#own.expectedLink(name, link.name) !== undefined;
    if (isExpected || !isOurs) return;
    if (!this.#own.isLeaving(name)) this.#heard.addLinkGone(name, link);
    // As a rule it goes with it, and that is told as well.
    if (end !== undefined) this.#disturbOn(end.namespace, link.lower);
  }

  /** Links of ours are told with the name of the bridge or the device that they are on. */
  #hearDeviceRenamed(index: number): void {
    for (const link of this.ends.links(HOST).values())
      if (link.master === index && this.ends.isOurs(link, this.#source.mark)) this.#disturb(HOST);
    for (const name of this.ends.namespaces())
      for (const link of this.ends.links(name).values())
        if (link.kind === 'macvlan' && link.lower === index && name !== HOST) this.#disturb(name);
  }

  /** A number is taken back from a namespace when the kernel takes it apart; what is told in other namespaces is of other numbers. */
  #hearGone(from: NamespaceName, number: number): void {
    if (from !== HOST) return;
    this.#unplaced.delete(number);
    // The number is given up before this is told (unhash_nsid()): now and then it is that of the next one by then, which is read for nothing.
    const name = this.#known.named(number);
    if (name === undefined) return;
    this.#disturb(name);
    this.#lost(name);
  }

  /** A namespace that was just made through this kernel. */
  #made(namespace: OpenNamespace): void {
    this.enter(namespace);
    this.ends.replace(namespace.name, readLinks(namespace.route));
    const number = this.#known.get(namespace.name)?.number;
    if (number !== undefined && this.#unplaced.delete(number)) this.#disturb(namespace.name);
  }

  /** A name shows before something is mounted over it, of which nobody tells. */
  #lookAgain(name: NamespaceName, tries: number): void {
    if (this.#isDisposed || tries >= LOOKS) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#look(name, tries + 1);
    }, 2 ** tries);
    this.#timers.add(timer);
  }

  /** Finds out whether what has the name is still what had it. */
  #look(name: NamespaceName, tries = 0): void {
    const before = this.#looking;
    this.#looking = (async () => {
      await before;
      const inode = this.#directory.inode(name);
      if (this.#isDisposed || inode === this.#known.get(name)?.inode) return;
      if (this.#known.get(name) !== undefined) {
        this.#disturb(name);
        this.#lost(name);
      }
      try {
        const state = await readParts(this.#source, new Set([name]), this.ends, this);
        if (state.namespaces.has(name)) this.#disturb(name);
        // Something may have been mounted over it since it was read.
        else if (this.#directory.isBare(name) || this.#directory.inode(name) !== inode) this.#lookAgain(name, tries);
      } catch {
        // Whoever reads everything meets the same error.
        this.#lose();
      }
      this.#tell();
    })();
  }

  /** A namespace was taken from us. */
  #lost(name: NamespaceName): void {
    this.#disturbOtherEnds(name);
    this.#forget(name);
  }

  #forget(name: NamespaceName): void {
    this.#known.forget(name);
    this.#heardRulesets.forget(name);
    this.ends.drop(name);
  }

  /** What is told of the other ends of its veths depends on whether a namespace is ours. Who reads everything has read them. */
  #disturbOtherEnds(name: NamespaceName): void {
    if (this.#readsOfAll > 0) return;
    for (const link of this.ends.links(name).values()) {
      const end = this.ends.otherEnd(link);
      if (end !== undefined && end.namespace !== name) this.#disturb(end.namespace);
    }
    this.#tell();
  }

  /** Of a link that a plan deletes, what goes with it is no news. */
  #disturbOn(name: NamespaceName, index: number): void {
    if (!this.#own.isDying(name, index) && !this.#own.isLeaving(name)) this.#heard.addOn(name, index);
  }

  #disturb(name: NamespaceName): void {
    if (!this.#own.isLeaving(name)) this.#heard.add(name);
  }

  /** `index`: of the link that it was on, if it was on one. */
  #heardGone(index: number | undefined, gone: Gone): void {
    if (index !== undefined && this.#own.isDying(gone.namespace, index)) return;
    if (!this.#own.isLeaving(gone.namespace)) this.#heard.addGone(gone);
  }

  #lose(): void {
    this.#losses++;
    this.#isLost = true;
    this.#heardRulesets.clear();
    this.#tell();
  }

  /** Tells at the end of what is under way, and of all of that once. */
  #tell(): void {
    if (!this.#hasRead || this.#isTelling || (this.#heard.isEmpty && !this.#isLost)) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      const heard = this.#heard.take();
      const disturbed = this.#isLost ? 'everything' : heard;
      [this.#isTelling, this.#isLost] = [false, false];
      if (!this.#isDisposed) this.#listener(disturbed);
    });
  }

  #facts(name: NamespaceName): Map<string, string> | undefined {
    return name === HOST ? this.#hostFacts : this.#known.get(name)?.facts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#source.namespaces.onMade = undefined;
    this.#directory[Symbol.dispose]();
    for (const timer of this.#timers) clearTimeout(timer);
    const { control, route, nftables } = this.#sockets;
    for (const socket of [control, route, nftables]) socket[Symbol.dispose]();
    await this.#looking;
  }
}
