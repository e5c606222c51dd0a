// The state of a host cut into slices by subject: a router with all that it has anywhere, what the routers of an
// external network share, and what is in the host's own namespace and nobody's. A change of one router is then
// a matter of its slice, however many others there are: a plan for some subjects is the diff of their
// slices alone.

import type { Ipv4Address } from '../model/address.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, isFipNamespace } from '../model/names.ts';
import { Owners } from './diff/owners.ts';
import type {
  Address,
  Announced,
  HostState,
  Link,
  NamespaceState,
  Neighbour,
  NextHop,
  Route,
  RouteTable,
  Rule,
} from './state.ts';
import { EMPTY_NAMESPACE, NO_FOREIGN } from './state.ts';
import { linkOfSysctl } from './sysctls.ts';

/** What one subject has, under the names of the namespaces that it is in. */
export type Slice = ReadonlyMap<NamespaceName, NamespaceState>;

/** What each subject has in one namespace of a state. A router's own namespace is all its own. */
export function piecesOf(state: HostState, name: NamespaceName): ReadonlyMap<NamespaceName, NamespaceState> {
  const namespace = state.namespaces.get(name);
  if (namespace === undefined) return new Map();
  if (name !== HOST && !isFipNamespace(name)) return new Map([[name, namespace]]);
  const owners = new Owners(state);
  const pieces = new Map<NamespaceName, PieceDraft>();
  const pieceOf = (subject: NamespaceName): PieceDraft => {
    let piece = pieces.get(subject);
    if (piece === undefined) pieces.set(subject, (piece = new PieceDraft()));
    return piece;
  };
  const own = pieceOf(name);
  own.ruleset = namespace.ruleset;
  own.otherTables = namespace.otherTables;
  const ofLink = (link: LinkName): PieceDraft => pieceOf(owners.ofLink(name, link));
  for (const [key, link] of namespace.links) ofLink(key).links.set(key, link);
  for (const [key, address] of namespace.addresses) ofLink(address.link).addresses.set(key, address);
  for (const [key, neighbour] of namespace.neighbours) ofLink(neighbour.link).neighbours.set(key, neighbour);
  for (const [key, rule] of namespace.rules) pieceOf(owners.ofRule(name, rule)).rules.set(key, rule);
  for (const [key, value] of namespace.sysctls) {
    const link = linkOfSysctl(key);
    (link === undefined ? own : ofLink(link)).sysctls.set(key, value);
  }
  for (const [number, { prefixes, hosts }] of namespace.routes) {
    for (const [key, route] of prefixes)
      pieceOf(owners.ofRoute(name, number, route.hop))
        .table(number)
        .prefixes.set(key, route);
    hosts.forEach((hop, address) =>
      pieceOf(owners.ofRoute(name, number, hop))
        .table(number)
        .hosts.set(address, hop),
    );
  }
  return pieces;
}

/**
 * Some slices as one state. `known` are namespaces that are there whether or not one of the slices has a part in them:
 * those of subjects that are left out.
 */
export function union(slices: Iterable<Slice>, known: Iterable<NamespaceName>): HostState {
  const namespaces = new Map<NamespaceName, NamespaceState>();
  const drafts = new Map<NamespaceName, PieceDraft>();
  for (const slice of slices) {
    for (const [name, piece] of slice) {
      const before = namespaces.get(name);
      if (before === undefined) {
        namespaces.set(name, piece);
        continue;
      }
      let draft = drafts.get(name);
      if (draft === undefined) {
        draft = new PieceDraft();
        draft.add(before);
        drafts.set(name, draft);
        namespaces.set(name, draft);
      }
      draft.add(piece);
    }
  }
  for (const name of [HOST, ...known]) if (!namespaces.has(name)) namespaces.set(name, EMPTY_NAMESPACE);
  return { namespaces, foreign: NO_FOREIGN };
}

interface MutableTable extends RouteTable {
  readonly prefixes: Map<string, Route>;
  readonly hosts: Map<Ipv4Address, NextHop>;
}

class PieceDraft implements NamespaceState {
  readonly links = new Map<LinkName, Link>();
  readonly addresses = new Map<string, Address>();
  readonly routes = new Map<number, MutableTable>();
  readonly rules = new Map<string, Rule>();
  readonly neighbours = new Map<string, Neighbour>();
  readonly sysctls = new Map<string, string>();
  ruleset: NamespaceState['ruleset'];
  otherTables: ReadonlySet<string> = EMPTY_NAMESPACE.otherTables;
  readonly announcements = new Map<LinkName, Announced & Set<Ipv4Address>>();

  table(number: number): MutableTable {
    let table = this.routes.get(number);
    if (table === undefined) this.routes.set(number, (table = { prefixes: new Map(), hosts: new Map() }));
    return table;
  }

  add(piece: NamespaceState): void {
    copy(piece.links, this.links);
    copy(piece.addresses, this.addresses);
    copy(piece.rules, this.rules);
    copy(piece.neighbours, this.neighbours);
    copy(piece.sysctls, this.sysctls);
    for (const [number, { prefixes, hosts }] of piece.routes) {
      const table = this.table(number);
      copy(prefixes, table.prefixes);
      copy(hosts, table.hosts);
    }
    this.ruleset ??= piece.ruleset;
    if (piece.otherTables.size > 0) this.otherTables = new Set([...this.otherTables, ...piece.otherTables]);
    for (const [link, addresses] of piece.announcements) {
      const announced = this.announcements.get(link);
      if (announced === undefined) this.announcements.set(link, new Set(addresses));
      else for (const address of addresses) announced.add(address);
    }
  }
}

function copy<K, V>(from: ReadonlyMap<K, V>, to: Map<K, V>): void {
  from.forEach((value, key) => to.set(key, value));
}
