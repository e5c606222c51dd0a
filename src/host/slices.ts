// The state of a host cut into slices by subject: a router with all that it has anywhere, what the routers of an
// external network share, and what is in the host's own namespace and nobody's. A change of one router is then
// a matter of its slice, however many others there are: a plan for some subjects is the diff of their
// slices alone.

import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, isFipNamespace } from '../model/names.ts';
import { Owners } from './diff/owners.ts';
import { NamespaceDraft } from './namespace-draft.ts';
import type { HostState, NamespaceState } from './state.ts';
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
  const pieces = new Map<NamespaceName, NamespaceDraft>();
  const pieceOf = (subject: NamespaceName): NamespaceDraft => {
    let piece = pieces.get(subject);
    if (piece === undefined) pieces.set(subject, (piece = new NamespaceDraft()));
    return piece;
  };
  const own = pieceOf(name);
  own.ruleset = namespace.ruleset;
  own.otherTables = namespace.otherTables;
  own.lostRules = namespace.lostRules;
  const ofLink = (link: LinkName): NamespaceDraft => pieceOf(owners.ofLink(name, link));
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
  const drafts = new Map<NamespaceName, NamespaceDraft>();
  for (const slice of slices) {
    for (const [name, piece] of slice) {
      const before = namespaces.get(name);
      if (before === undefined) {
        namespaces.set(name, piece);
        continue;
      }
      let draft = drafts.get(name);
      if (draft === undefined) {
        draft = new NamespaceDraft();
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
