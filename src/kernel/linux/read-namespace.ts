// Reads one namespace over its sockets and puts it in the terms of HostState.

import type { IpAddress, Ipv4Address } from '../../model/address.ts';
import { isIpv4, linkLocalOf, LOOPBACK_IPV4 } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import { unknownLink } from '../../model/names.ts';
import type { Ruleset } from '../../host/ruleset.ts';
import type { Address, Neighbour, NextHop, Route, RouteTable, Rule } from '../../host/state.ts';
import { addressKey, hostOf, neighbourKey, routeKey, ruleKey } from '../../host/state.ts';
import { hasLinkSysctls, linkSysctls, NAMESPACE_SYSCTLS } from '../../host/sysctls.ts';
import type { OwnTable } from '../../netlink/nftables/index.ts';
import { readRuleset } from '../../netlink/nftables/index.ts';
import type { KernelLink, KernelRoute } from '../../netlink/route/index.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRules } from '../../netlink/route/index.ts';
import type { NetlinkSocket } from '../../netlink/socket.ts';
import type { OpenNamespace } from './namespaces.ts';
import { readSysctl } from './sysctl.ts';

/** A namespace as read, with links still in the kernel's terms: who is whose peer shows only beside other namespaces. */
export interface NamespaceReading {
  readonly links: readonly KernelLink[];
  readonly addresses: ReadonlyMap<string, Address>;
  readonly routes: ReadonlyMap<number, RouteTable>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly lostRules: readonly Rule[];
  readonly neighbours: ReadonlyMap<string, Neighbour>;
  readonly sysctls: ReadonlyMap<string, string>;
  readonly ruleset: Ruleset | undefined;
  readonly otherTables: ReadonlySet<string>;
}

const LOCAL_TABLE = 255;
const PROTOCOL_REDIRECT = 1;
const PROTOCOL_KERNEL = 2;
const PROTOCOL_RA = 9;

/** Throws NetlinkError, SystemError, MalformedReply. */
export function readNamespace(
  namespace: OpenNamespace,
  table: OwnTable,
  otherTables: ReadonlySet<string>,
): NamespaceReading {
  const { route, netfilter } = namespace;
  const links = readLinks(route);
  const byIndex = new Map(links.map((link) => [link.index, link]));
  const nameOf = (index: number): LinkName => byIndex.get(index)?.name ?? unknownLink(index);
  const { own: rules, lost: lostRules } = readRules(route);
  return {
    links,
    addresses: addressesOf(route, byIndex, nameOf),
    routes: routesOf(route, nameOf),
    rules: new Map(rules.map((rule) => [ruleKey(rule), rule])),
    lostRules,
    neighbours: neighboursOf(route, nameOf),
    sysctls: sysctlsOf(namespace, links),
    ruleset: readRuleset(netfilter, table),
    otherTables,
  };
}

function addressesOf(
  route: NetlinkSocket,
  byIndex: ReadonlyMap<number, KernelLink>,
  nameOf: (index: number) => LinkName,
): Map<string, Address> {
  const addresses = new Map<string, Address>();
  for (const { index, address, length } of readAddresses(route)) {
    const link = byIndex.get(index);
    if (link !== undefined && madeByKernel(link, address)) continue;
    const read = { link: nameOf(index), address, length };
    addresses.set(addressKey(read), read);
  }
  return addresses;
}

/** What HostState does not tell of: 127.0.0.1 and ::1, and the link-local address of a MAC. */
export function madeByKernel(link: Pick<KernelLink, 'kind' | 'mac'>, address: IpAddress): boolean {
  if (link.kind === 'loopback') return address === LOOPBACK_IPV4 || address === 1n;
  return !isIpv4(address) && link.mac !== undefined && address === linkLocalOf(link.mac);
}

interface MutableTable {
  readonly prefixes: Map<string, Route>;
  readonly hosts: Map<Ipv4Address, NextHop>;
}

function routesOf(socket: NetlinkSocket, nameOf: (index: number) => LinkName): Map<number, RouteTable> {
  const tables = new Map<number, MutableTable>();
  const hops = new Map<string, NextHop>();
  const visit = (route: KernelRoute) => {
    if (!isWorthTelling(route)) return;
    const { table: number, destination } = route;
    let table = tables.get(number);
    if (table === undefined) tables.set(number, (table = { prefixes: new Map(), hosts: new Map() }));
    // Routes of one router lead to one next hop: one object for all of them.
    const { other } = route;
    const key = `${route.index} ${route.gateway ?? ''} ${route.protocol} ${route.type} ${other?.metric} ${other?.tos}`;
    let hop = hops.get(key);
    if (hop === undefined) hops.set(key, (hop = hopOf(route, nameOf(route.index))));
    const host = hostOf({ destination, hop });
    if (host !== undefined) table.hosts.set(host, hop);
    else table.prefixes.set(routeKey({ destination, hop }), { destination, hop });
  };
  readRoutes(socket, () => tables.clear(), visit);
  return tables;
}

export function hopOf({ gateway, protocol, type, other }: KernelRoute, link: LinkName): NextHop {
  return { link, gateway, protocol, type, ...(other !== undefined && { other }) };
}

/** The kernel's own routes come and go with addresses and links. */
export function isWorthTelling(route: KernelRoute): boolean {
  const { table, protocol } = route;
  return (
    table !== LOCAL_TABLE && protocol !== PROTOCOL_KERNEL && protocol !== PROTOCOL_REDIRECT && protocol !== PROTOCOL_RA
  );
}

function neighboursOf(route: NetlinkSocket, nameOf: (index: number) => LinkName): Map<string, Neighbour> {
  const neighbours = new Map<string, Neighbour>();
  for (const { index, address, mac } of readNeighbours(route)) {
    const neighbour = { link: nameOf(index), address, mac };
    neighbours.set(neighbourKey(neighbour), neighbour);
  }
  return neighbours;
}

function sysctlsOf(namespace: OpenNamespace, links: readonly KernelLink[]): Map<string, string> {
  const names: string[] = [...NAMESPACE_SYSCTLS];
  for (const { name } of links) if (hasLinkSysctls(name)) names.push(...Object.values(linkSysctls(name)));
  const values = new Map<string, string>();
  for (const name of names) {
    const value = readSysctl(namespace, name);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}
