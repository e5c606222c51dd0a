// A HostState in JSON, for `buoy show --json`. Addresses are text, what is absent is left out, and
// all is in a fixed order.

import { statementsText } from '../../host/text.ts';
import type { AddressSet, Chain } from '../../host/ruleset.ts';
import type { HostState, Link, NamespaceState, NextHop, RouteTable, Rule } from '../../host/state.ts';
import type { Prefix } from '../../model/address.ts';
import { formatAddress, formatIpv4, formatPrefix } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';

type Document = Record<string, unknown>;

export function stateDocument({ namespaces, foreign }: HostState): Document {
  return {
    namespaces: [...namespaces].toSorted(byKey).map(([name, state]) => namespaceDocument(name, state)),
    foreign: { namespaces: Object.fromEntries(foreign.namespaces), links: Object.fromEntries(foreign.links) },
  };
}

function namespaceDocument(name: NamespaceName, state: NamespaceState): Document {
  const { links, addresses, neighbours, rules, routes, sysctls, ruleset, otherTables } = state;
  return {
    name: nameDocument(name),
    links: inOrder(links).map(linkDocument),
    addresses: inOrder(addresses).map(({ link, address, length }) => ({
      link,
      address: `${formatAddress(address)}/${length}`,
    })),
    neighbours: inOrder(neighbours).map(({ link, address, mac }) => ({ link, address: formatAddress(address), mac })),
    rules: inOrder(rules).map(ruleDocument),
    routes: [...routes].toSorted(([a], [b]) => a - b).flatMap(([number, table]) => routeDocuments(number, table)),
    sysctls: Object.fromEntries([...sysctls].toSorted(byKey)),
    chains: [...(ruleset?.chains ?? [])].toSorted(byKey).map(([chain, content]) => chainDocument(chain, content)),
    sets: [...(ruleset?.sets ?? [])].toSorted(byKey).map(([set, content]) => setDocument(set, content)),
    other_tables: [...otherTables].toSorted(),
  };
}

function inOrder<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].toSorted(byKey).map(([, value]) => value);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** The host's own namespace has none. */
export function nameDocument(name: NamespaceName): string | null {
  return name === HOST ? null : name;
}

function linkDocument({ name, kind, mac, mtu, up, master, alias }: Link): Document {
  const { type } = kind;
  const peer =
    kind.type === 'veth' && kind.peer !== undefined
      ? { namespace: nameDocument(kind.peer.namespace), link: kind.peer.link }
      : undefined;
  const parent = kind.type === 'macvlan' ? kind.parent : undefined;
  return { name, type: kind.type === 'other' ? kind.word : type, peer, parent, mac, mtu, up, master, alias };
}

function ruleDocument({ family, priority, table, from, incoming, mark, other }: Rule): Document {
  return { family, priority, from: from === undefined ? undefined : formatPrefix(from), incoming, mark, other, table };
}

function routeDocuments(table: number, { prefixes, hosts }: RouteTable): Document[] {
  const route = (destination: Prefix, { link, gateway, protocol, type }: NextHop): Document => ({
    table,
    destination: formatPrefix(destination),
    gateway: gateway === undefined ? undefined : formatAddress(gateway),
    link,
    protocol,
    type,
  });
  return [
    ...inOrder(prefixes).map(({ destination, hop }) => route(destination, hop)),
    ...[...hosts].toSorted(([a], [b]) => a - b).map(([address, hop]) => route({ address, length: 32 }, hop)),
  ];
}

function chainDocument(name: string, { type, hook, priority, rules }: Chain): Document {
  return { name, type, hook, priority, rules: rules.map(statementsText) };
}

function setDocument(name: string, set: AddressSet): Document {
  if (set.kind !== 'map')
    return { name, kind: set.kind, elements: [...set.elements].toSorted((a, b) => a - b).map(formatIpv4) };
  return {
    name,
    kind: set.kind,
    elements: Object.fromEntries(
      [...set.elements].toSorted(([a], [b]) => a - b).map(([key, value]) => [formatIpv4(key), formatIpv4(value)]),
    ),
  };
}
