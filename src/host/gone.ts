// What is no longer there. The kernel tells of it so exactly that who knows what there was knows what is left,
// without reading it again.

import type { IpAddress, Ipv4Address } from '../model/address.ts';
import { isIpv4 } from '../model/address.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import type { AddressSet, Ruleset } from './ruleset.ts';
import type { NamespaceState, NextHop, Route, RouteTable } from './state.ts';
import { hostOf, routeKey } from './state.ts';
import { linkOfSysctl } from './sysctls.ts';

/**
 * A link goes with all that is on it, and the last IPv4 address of a link with the IPv4 routes that are on that
 * (fib_disable_ip() in net/ipv4/fib_frontend.c), of which nobody tells. `key`: as in the NamespaceState.
 */
export type Gone =
  | { readonly kind: 'link'; readonly namespace: NamespaceName; readonly link: LinkName }
  | {
      readonly kind: 'address';
      readonly namespace: NamespaceName;
      readonly key: string;
      readonly link: LinkName;
      /** It was IPv4, and the link has no other of these. */
      readonly isLastIpv4: boolean;
    }
  | { readonly kind: 'route'; readonly namespace: NamespaceName; readonly table: number; readonly route: Route }
  | { readonly kind: 'rule' | 'neighbour'; readonly namespace: NamespaceName; readonly key: string }
  | { readonly kind: 'element'; readonly namespace: NamespaceName; readonly set: string; readonly key: Ipv4Address };

/** Of one namespace: where more is gone, it takes less time to read what is left. */
export const MOST_GONE = 16;

/** What is left of (a part of) the namespace that it is gone from; undefined if that had nothing of it. */
export function without(state: NamespaceState, gone: Gone): NamespaceState | undefined {
  switch (gone.kind) {
    case 'link':
      return has(state, gone.link) ? withoutLink(state, gone.link) : undefined;
    case 'address':
      return withoutAddress(state, gone);
    case 'route': {
      const routes = withoutRoute(state.routes, gone.table, gone.route);
      return routes && { ...state, routes };
    }
    case 'rule':
      return state.rules.has(gone.key) ? { ...state, rules: withoutKey(state.rules, gone.key) } : undefined;
    case 'neighbour':
      return state.neighbours.has(gone.key)
        ? { ...state, neighbours: withoutKey(state.neighbours, gone.key) }
        : undefined;
    case 'element': {
      const ruleset = state.ruleset && withoutElement(state.ruleset, gone.set, gone.key);
      return ruleset && { ...state, ruleset };
    }
  }
}

/** Whether there is nothing at all (left) in (a part of) a namespace. */
export function isBare(state: NamespaceState): boolean {
  const { links, addresses, routes, rules, neighbours, sysctls, ruleset, otherTables } = state;
  const parts = [links, addresses, routes, rules, neighbours, sysctls, otherTables];
  return ruleset === undefined && parts.every(({ size }) => size === 0);
}

/** Whether there is the link, or something on it: what is on a link may be in another part of the namespace. */
function has({ links, addresses, routes, neighbours }: NamespaceState, link: LinkName): boolean {
  const isThere = (one: { readonly link: LinkName }): boolean => one.link === link;
  return (
    links.has(link) ||
    addresses.values().some(isThere) ||
    neighbours.values().some(isThere) ||
    hasRoute(routes, isThere)
  );
}

/** The routes may be in another part of the namespace than the address. */
function withoutAddress(
  state: NamespaceState,
  { key, link, isLastIpv4 }: Extract<Gone, { kind: 'address' }>,
): NamespaceState | undefined {
  const goes: RouteFilter = (hop, destination) => hop.link === link && isIpv4(destination);
  const hasRoutes = isLastIpv4 && hasRoute(state.routes, goes);
  if (!state.addresses.has(key) && !hasRoutes) return undefined;
  const addresses = withoutKey(state.addresses, key);
  return { ...state, addresses, routes: hasRoutes ? withoutRoutes(state.routes, goes) : state.routes };
}

/** Rules that name it stay, and wait for another of that name. */
function withoutLink(state: NamespaceState, link: LinkName): NamespaceState {
  const isElsewhere = (one: { readonly link: LinkName }): boolean => one.link !== link;
  return {
    ...state,
    links: withoutKey(state.links, link),
    addresses: filtered(state.addresses, isElsewhere),
    routes: withoutRoutes(state.routes, (hop) => !isElsewhere(hop)),
    neighbours: filtered(state.neighbours, isElsewhere),
    sysctls: filtered(state.sysctls, (_, name) => linkOfSysctl(name) !== link),
  };
}

type RouteFilter = (hop: NextHop, destination: IpAddress) => boolean;

function hasRoute(routes: NamespaceState['routes'], is: RouteFilter): boolean {
  return routes
    .values()
    .some(
      ({ prefixes, hosts }) =>
        hosts.entries().some(([address, hop]) => is(hop, address)) ||
        prefixes.values().some(({ hop, destination }) => is(hop, destination.address)),
    );
}

function withoutRoutes(routes: NamespaceState['routes'], goes: RouteFilter): NamespaceState['routes'] {
  const left = new Map<number, RouteTable>();
  for (const [number, { prefixes, hosts }] of routes)
    addTable(left, number, {
      prefixes: filtered(prefixes, ({ hop, destination }) => !goes(hop, destination.address)),
      hosts: filtered(hosts, (hop, address) => !goes(hop, address)),
    });
  return left;
}

function withoutRoute(
  routes: NamespaceState['routes'],
  number: number,
  route: Route,
): NamespaceState['routes'] | undefined {
  const table = routes.get(number);
  if (table === undefined) return undefined;
  const left = new Map(routes);
  left.delete(number);
  const host = hostOf(route);
  if (host !== undefined) {
    if (!table.hosts.has(host)) return undefined;
    addTable(left, number, { ...table, hosts: withoutKey(table.hosts, host) });
  } else {
    const key = routeKey(route);
    if (!table.prefixes.has(key)) return undefined;
    addTable(left, number, { ...table, prefixes: withoutKey(table.prefixes, key) });
  }
  return left;
}

function withoutElement(ruleset: Ruleset, name: string, key: Ipv4Address): Ruleset | undefined {
  const set = ruleset.sets.get(name);
  if (set?.elements.has(key) !== true) return undefined;
  const left: AddressSet =
    set.kind === 'map'
      ? { kind: 'map', elements: withoutKey(set.elements, key) }
      : { kind: set.kind, elements: set.elements.difference(new Set([key])) };
  return { ...ruleset, sets: new Map(ruleset.sets).set(name, left) };
}

/** A table without routes is none. */
function addTable(routes: Map<number, RouteTable>, number: number, table: RouteTable): void {
  if (table.prefixes.size + table.hosts.size > 0) routes.set(number, table);
}

function withoutKey<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const left = new Map(map);
  left.delete(key);
  return left;
}

function filtered<K, V>(map: ReadonlyMap<K, V>, isLeft: (value: V, key: K) => boolean): ReadonlyMap<K, V> {
  const left = new Map<K, V>();
  map.forEach((value, key) => {
    if (isLeft(value, key)) left.set(key, value);
  });
  return left;
}
