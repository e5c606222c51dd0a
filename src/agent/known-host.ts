// What a host has, as far as it was read or done, slice by slice.

import type { Gone } from '../host/gone.ts';
import { isBare, without } from '../host/gone.ts';
import type { Slice } from '../host/slices.ts';
import { piecesOf } from '../host/slices.ts';
import type { Foreign, HostState, NamespaceState, RouteTable } from '../host/state.ts';
import { MAIN_TABLE, NO_FOREIGN } from '../host/state.ts';
import { livePairs } from '../layout/index.ts';
import type { Ipv4Address } from '../model/address.ts';
import type { NamespaceName } from '../model/names.ts';
import { HOST, isFipNamespace, routerIdOf } from '../model/names.ts';

export class KnownHost {
  readonly #slices = new Map<NamespaceName, Map<NamespaceName, NamespaceState>>();
  /** Who has something in a namespace. */
  readonly #members = new Map<NamespaceName, Set<NamespaceName>>();
  /** Whom the floating IPs lead to, in each fip namespace. */
  readonly #holders = new Map<NamespaceName, Map<Ipv4Address, NamespaceName>>();
  readonly #pairs = new Map<string, Ipv4Address>();
  #foreign: Foreign = NO_FOREIGN;

  get foreign(): Foreign {
    return this.#foreign;
  }

  /** The link-local pairs that routers hold. */
  get pairs(): ReadonlyMap<string, Ipv4Address> {
    return this.#pairs;
  }

  slice(subject: NamespaceName): Slice | undefined {
    return this.#slices.get(subject);
  }

  subjects(): Iterable<NamespaceName> {
    return this.#slices.keys();
  }

  /** Who has something in a namespace. */
  membersOf(namespace: NamespaceName): ReadonlySet<NamespaceName> {
    return this.#members.get(namespace) ?? NOBODY;
  }

  /** Whom the floating IPs in a fip namespace lead to. */
  holdersIn(namespace: NamespaceName): ReadonlyMap<Ipv4Address, NamespaceName> | undefined {
    return this.#holders.get(namespace);
  }

  /** All that was read, in place of what was known. */
  learn(state: HostState): void {
    this.#slices.clear();
    this.#members.clear();
    this.#holders.clear();
    this.#pairs.clear();
    this.#foreign = state.foreign;
    for (const name of state.namespaces.keys())
      for (const [subject, piece] of piecesOf(state, name)) this.#set(subject, name, piece);
    this.#learnPairs(state);
  }

  /** What was read of some namespaces. Answers whose slices that concerns. */
  learnNamespaces(names: ReadonlySet<NamespaceName>, state: HostState): Set<NamespaceName> {
    const touched = new Set<NamespaceName>();
    for (const name of names) {
      for (const subject of this.membersOf(name)) {
        touched.add(subject);
        this.#delete(subject, name);
      }
      for (const [subject, piece] of piecesOf(state, name)) {
        touched.add(subject);
        this.#set(subject, name, piece);
      }
    }
    const namespaces = [...this.#foreign.namespaces].filter(([name]) => !names.has(name));
    this.#foreign = {
      namespaces: new Map([...namespaces, ...state.foreign.namespaces]),
      links: names.has(HOST) ? state.foreign.links : this.#foreign.links,
    };
    this.#learnPairs(state);
    return touched;
  }

  /** Something is gone, and nothing else has changed. Answers whose slices that concerns. */
  forget(gone: Gone): Set<NamespaceName> {
    const { namespace } = gone;
    const touched = new Set<NamespaceName>();
    for (const subject of this.membersOf(namespace)) {
      const piece = this.#slices.get(subject)?.get(namespace);
      const left = piece && without(piece, gone);
      if (left === undefined) continue;
      touched.add(subject);
      if (isBare(left)) this.#delete(subject, namespace);
      else this.#replace(subject, namespace, left);
    }
    return touched;
  }

  /** What a subject has after a run that ended well for it. */
  replace(subject: NamespaceName, slice: Slice | undefined): void {
    for (const name of this.#slices.get(subject)?.keys() ?? [])
      if (slice?.has(name) !== true) this.#delete(subject, name);
    for (const [name, piece] of slice ?? []) this.#replace(subject, name, piece);
    const routerId = routerIdOf(subject);
    if (routerId !== undefined) this.#pairs.delete(routerId);
    if (slice !== undefined) this.#learnPairs({ namespaces: slice, foreign: NO_FOREIGN });
  }

  /** Of a router's ten thousand floating IPs, few are others than before. */
  #replace(subject: NamespaceName, name: NamespaceName, piece: NamespaceState): void {
    const before = hostsOf(this.#slices.get(subject)?.get(name));
    const kept = this.#set(subject, name, piece);
    if (before === undefined || kept === before.size) return;
    this.#forgetHolders(subject, name, before, hostsOf(piece));
  }

  /** Answers how many floating IPs lead to the subject now as before. */
  #set(subject: NamespaceName, name: NamespaceName, piece: NamespaceState): number {
    entry(this.#slices, subject, () => new Map<NamespaceName, NamespaceState>()).set(name, piece);
    entry(this.#members, name, () => new Set<NamespaceName>()).add(subject);
    let kept = 0;
    if (!isFipNamespace(name)) return kept;
    const holders = entry(this.#holders, name, () => new Map<Ipv4Address, NamespaceName>());
    hostsOf(piece)?.forEach((_, floating) => {
      if (holders.get(floating) === subject) kept++;
      else holders.set(floating, subject);
    });
    return kept;
  }

  #delete(subject: NamespaceName, name: NamespaceName): void {
    const slice = this.#slices.get(subject);
    this.#forgetHolders(subject, name, hostsOf(slice?.get(name)));
    slice?.delete(name);
    this.#members.get(name)?.delete(subject);
    if (slice?.size !== 0) return;
    this.#slices.delete(subject);
    const routerId = routerIdOf(subject);
    if (routerId !== undefined) this.#pairs.delete(routerId);
  }

  /** Of the floating IPs that led to the subject, but for those that still do. */
  #forgetHolders(subject: NamespaceName, name: NamespaceName, before: Hosts | undefined, left?: Hosts): void {
    const holders = this.#holders.get(name);
    before?.forEach((_, floating) => {
      if (left?.has(floating) !== true && holders?.get(floating) === subject) holders.delete(floating);
    });
  }

  #learnPairs(state: HostState): void {
    for (const [router, pair] of livePairs(state)) this.#pairs.set(router, pair);
  }
}

type Hosts = RouteTable['hosts'];

const NOBODY: ReadonlySet<NamespaceName> = new Set();

/** In a fip namespace, the routes of floating IPs. */
function hostsOf(piece: NamespaceState | undefined): Hosts | undefined {
  return piece?.routes.get(MAIN_TABLE)?.hosts;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
