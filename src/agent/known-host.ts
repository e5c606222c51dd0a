// What a host has, as far as it was read or done, slice by slice.

import type { Gone } from '../host/gone.ts';
import { isBare, without } from '../host/gone.ts';
import type { Slice } from '../host/slices.ts';
import { piecesOf } from '../host/slices.ts';
import type { Foreign, HostState, NamespaceState } from '../host/state.ts';
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

  /** Whom a floating IP leads to. */
  holderOf(fip: NamespaceName, floating: Ipv4Address): NamespaceName | undefined {
    return this.#holders.get(fip)?.get(floating);
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
    for (const name of this.#slices.get(subject)?.keys() ?? []) this.#delete(subject, name);
    for (const [name, piece] of slice ?? []) this.#set(subject, name, piece);
    if (slice !== undefined) this.#learnPairs({ namespaces: slice, foreign: NO_FOREIGN });
  }

  #replace(subject: NamespaceName, name: NamespaceName, piece: NamespaceState): void {
    this.#forgetHolders(subject, name);
    this.#set(subject, name, piece);
  }

  #set(subject: NamespaceName, name: NamespaceName, piece: NamespaceState): void {
    entry(this.#slices, subject, () => new Map<NamespaceName, NamespaceState>()).set(name, piece);
    entry(this.#members, name, () => new Set<NamespaceName>()).add(subject);
    if (!isFipNamespace(name)) return;
    const holders = entry(this.#holders, name, () => new Map<Ipv4Address, NamespaceName>());
    piece.routes.get(MAIN_TABLE)?.hosts.forEach((_, floating) => holders.set(floating, subject));
  }

  #delete(subject: NamespaceName, name: NamespaceName): void {
    this.#forgetHolders(subject, name);
    const slice = this.#slices.get(subject);
    slice?.delete(name);
    this.#members.get(name)?.delete(subject);
    if (slice?.size !== 0) return;
    this.#slices.delete(subject);
    const routerId = routerIdOf(subject);
    if (routerId !== undefined) this.#pairs.delete(routerId);
  }

  #forgetHolders(subject: NamespaceName, name: NamespaceName): void {
    const holders = this.#holders.get(name);
    const hosts = this.#slices.get(subject)?.get(name)?.routes.get(MAIN_TABLE)?.hosts;
    if (holders !== undefined)
      hosts?.forEach((_, floating) => {
        if (holders.get(floating) === subject) holders.delete(floating);
      });
  }

  #learnPairs(state: HostState): void {
    for (const [router, pair] of livePairs(state)) this.#pairs.set(router, pair);
  }
}

const NOBODY: ReadonlySet<NamespaceName> = new Set();

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
