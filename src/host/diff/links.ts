// Links come first: what becomes of a link decides what is left of the addresses, routes and
// neighbours on it.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST, LOOPBACK } from '../../model/names.ts';
import type { HostState, Link, LinkEnd } from '../state.ts';
import type { Owners } from './owners.ts';
import type { PlanDraft } from './plan-draft.ts';
import { compareSubjects } from './plan-draft.ts';

/** What a plan does to the links of one namespace. */
export interface LinkChanges {
  /** Made by the plan. */
  readonly created: ReadonlySet<LinkName>;
  /** Deleted because they stand where a new link belongs, and with them all that is on them. */
  readonly displaced: ReadonlySet<LinkName>;
  /** Deleted at the end, by themselves or with the namespace of their other end. */
  readonly leaving: ReadonlySet<LinkName>;
  /** Given another MAC address, upon which the kernel drops their neighbours (neigh_changeaddr() in net/core/neighbour.c). */
  readonly newMac: ReadonlySet<LinkName>;
}

const NO_LINK_CHANGES: LinkChanges = {
  created: new Set(),
  displaced: new Set(),
  leaving: new Set(),
  newMac: new Set(),
};

/** The loopback device of a new namespace. */
const FRESH_LOOPBACK: Link = {
  name: LOOPBACK,
  kind: { type: 'loopback' },
  mac: undefined,
  mtu: undefined,
  up: false,
  master: undefined,
  alias: undefined,
};

interface MutableChanges extends LinkChanges {
  readonly created: Set<LinkName>;
  readonly displaced: Set<LinkName>;
  readonly leaving: Set<LinkName>;
  readonly newMac: Set<LinkName>;
}

/** Plans all operations on links, in all namespaces: a veth pair spans two of them. */
export class LinkDiff {
  readonly #actual: HostState;
  readonly #wanted: HostState;
  readonly #plan: PlanDraft;
  readonly #changes = new Map<NamespaceName, MutableChanges>();
  #goingMacvlans: Map<string, LinkEnd[]> | undefined;

  constructor(actual: HostState, wanted: HostState, plan: PlanDraft) {
    this.#actual = actual;
    this.#wanted = wanted;
    this.#plan = plan;
  }

  in(namespace: NamespaceName): LinkChanges {
    return this.#changes.get(namespace) ?? NO_LINK_CHANGES;
  }

  /** Changes links and makes those that are missing, in the order in which the plan will do it. */
  make(owners: Owners): void {
    for (const namespace of [...this.#wanted.namespaces.keys()].sort(compareSubjects)) {
      for (const link of this.#wanted.namespaces.get(namespace)?.links.values() ?? []) {
        const before = this.#lasting(namespace, link);
        if (before === undefined) this.#create(namespace, link);
        else if (differs(before, link)) this.#change(namespace, link, before, owners);
      }
    }
  }

  /** Deletes the links that are not wanted and not deleted already. To be called after `make`. */
  unmake(owners: Owners): void {
    for (const [namespace, { links }] of this.#actual.namespaces) {
      if (!this.#stays(namespace)) continue;
      for (const name of [...links.keys()].sort()) {
        const end = { namespace, link: name };
        if (name === LOOPBACK || this.in(namespace).displaced.has(name) || this.#isLasting(end)) continue;
        this.#changesIn(namespace).leaving.add(name);
        if (this.#goesByItself(end)) continue;
        this.#plan.unmake(owners.ofLink(namespace, name), 'links', { kind: 'link.delete', namespace, link: name });
      }
    }
  }

  /** The kernel deletes the links of a namespace with it, and both ends of a veth with either. */
  #goesByItself(end: LinkEnd): boolean {
    const peer = peerIn(this.#actual, end);
    return peer !== undefined && (!this.#stays(peer.namespace) || compareEnds(end, peer) < 0);
  }

  #create(namespace: NamespaceName, link: Link): void {
    const end = { namespace, link: link.name };
    this.#changesIn(namespace).created.add(link.name);
    const peerEnd = link.kind.type === 'veth' ? link.kind.peer : undefined;
    // A pair is made with the end that comes last, when both namespaces are there.
    if (peerEnd !== undefined && compareEnds(end, peerEnd) < 0) return;
    for (const other of [end, ...(peerEnd === undefined ? [] : [peerEnd]), ...this.#rivals(link)]) {
      this.#displace(namespace, other);
    }
    const peer = peerEnd === undefined ? undefined : this.#wantedLink(peerEnd);
    this.#plan.make(namespace, 'links', { kind: 'link.create', namespace, link, peer });
  }

  /** Macvlans that go: two on one device cannot have the same MAC address (macvlan_addr_busy() in drivers/net/macvlan.c). */
  #rivals(link: Link): readonly LinkEnd[] {
    if (link.kind.type !== 'macvlan') return [];
    this.#goingMacvlans ??= Map.groupBy(this.#findGoingMacvlans(), ({ key }) => key);
    return this.#goingMacvlans.get(macvlanKey(link)) ?? [];
  }

  *#findGoingMacvlans(): Generator<LinkEnd & { readonly key: string }> {
    for (const [namespace, { links }] of this.#actual.namespaces) {
      for (const link of links.values()) {
        const end = { namespace, link: link.name };
        if (link.kind.type === 'macvlan' && !this.#isLasting(end)) yield { ...end, key: macvlanKey(link) };
      }
    }
  }

  #displace(subject: NamespaceName, end: LinkEnd): void {
    const { namespace, link } = end;
    if (!hasLink(this.#actual, end) || this.in(namespace).displaced.has(link)) return;
    this.#plan.make(subject, 'displaced links', { kind: 'link.delete', namespace, link });
    this.#changesIn(namespace).displaced.add(link);
    const peer = peerIn(this.#actual, end);
    if (peer !== undefined) this.#changesIn(peer.namespace).displaced.add(peer.link);
  }

  #change(namespace: NamespaceName, link: Link, before: Link, owners: Owners): void {
    // One that an interrupted run has made could not come up beside them.
    for (const rival of this.#rivals(link)) this.#displace(namespace, rival);
    if (link.mac !== undefined && link.mac !== before.mac) this.#changesIn(namespace).newMac.add(link.name);
    this.#plan.make(owners.ofLink(namespace, link.name), 'links', { kind: 'link.change', namespace, link, before });
  }

  #isLasting(end: LinkEnd): boolean {
    const wanted = this.#wantedLink(end);
    return wanted !== undefined && this.#lasting(end.namespace, wanted) !== undefined;
  }

  /** The link of the actual state that can be made into the wanted one; a new namespace has its loopback device. */
  #lasting(namespace: NamespaceName, wanted: Link): Link | undefined {
    const actual = this.#actual.namespaces.get(namespace)?.links.get(wanted.name);
    if (wanted.kind.type === 'loopback') return actual ?? FRESH_LOOPBACK;
    return actual !== undefined && this.#isSameKind(namespace, actual, wanted) ? actual : undefined;
  }

  #isSameKind(namespace: NamespaceName, actual: Link, wanted: Link): boolean {
    const [a, b] = [actual.kind, wanted.kind];
    if (a.type === 'macvlan' && b.type === 'macvlan') return a.parent === b.parent;
    if (a.type === 'other' && b.type === 'other') return a.word === b.word;
    if (a.type !== 'veth' || b.type !== 'veth') return false;
    const peer = peerIn(this.#actual, { namespace, link: actual.name });
    return peer === undefined || b.peer === undefined ? peer === b.peer : compareEnds(peer, b.peer) === 0;
  }

  #stays(namespace: NamespaceName): boolean {
    return namespace === HOST || this.#wanted.namespaces.has(namespace);
  }

  #wantedLink({ namespace, link }: LinkEnd): Link | undefined {
    return this.#wanted.namespaces.get(namespace)?.links.get(link);
  }

  #changesIn(namespace: NamespaceName): MutableChanges {
    let changes = this.#changes.get(namespace);
    if (changes === undefined) {
      changes = { created: new Set(), displaced: new Set(), leaving: new Set(), newMac: new Set() };
      this.#changes.set(namespace, changes);
    }
    return changes;
  }
}

/** A MAC address or MTU that the wanted link leaves open may be any. */
function differs(actual: Link, wanted: Link): boolean {
  return (
    (wanted.mac !== undefined && wanted.mac !== actual.mac) ||
    (wanted.mtu !== undefined && wanted.mtu !== actual.mtu) ||
    wanted.up !== actual.up ||
    wanted.master !== actual.master ||
    wanted.alias !== actual.alias
  );
}

function macvlanKey({ kind, mac }: Link): string {
  return `${kind.type === 'macvlan' ? kind.parent : undefined} ${mac}`;
}

/** The other end of a veth, if the state has it. */
function peerIn(state: HostState, { namespace, link }: LinkEnd): LinkEnd | undefined {
  const kind = state.namespaces.get(namespace)?.links.get(link)?.kind;
  const peer = kind?.type === 'veth' ? kind.peer : undefined;
  return peer !== undefined && hasLink(state, peer) ? peer : undefined;
}

function hasLink(state: HostState, { namespace, link }: LinkEnd): boolean {
  return state.namespaces.get(namespace)?.links.has(link) ?? false;
}

function compareEnds(a: LinkEnd, b: LinkEnd): number {
  return compareSubjects(a.namespace, b.namespace) || (a.link < b.link ? -1 : a.link > b.link ? 1 : 0);
}
