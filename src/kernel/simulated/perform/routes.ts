// Routes (net/ipv4/fib_trie.c, fib_semantics.c, net/ipv6/route.c).

import type { IpAddress, Ipv4Address, Prefix } from '../../../model/address.ts';
import { isIpv4, lastAddress, networkOf, prefixContains } from '../../../model/address.ts';
import type { NextHop, Rule } from '../../../host/state.ts';
import { MAIN_TABLE, routeKey } from '../../../host/state.ts';
import type { ConnectedRoute, Device } from '../device.ts';
import type { SimulatedNamespace, SimulatedTable } from '../namespace.ts';
import type { Errno } from './errno.ts';

/** Adds a route, or replaces the one to the same destination in the same table. */
export function setRoute(device: Device, table: number, destination: Prefix, hop: NextHop): Errno | undefined {
  const { namespace } = device;
  const { address, length } = destination;
  if (networkOf(address, length) !== address) return 'EINVAL';
  const refusal =
    hop.gateway === undefined ? deviceRefusal(device, address) : gatewayRefusal(device, table, hop.gateway);
  if (refusal !== undefined) return refusal;
  storeRoute(namespace, table, destination, hop);
  return undefined;
}

/** Stores a route as it is. */
export function storeRoute(namespace: SimulatedNamespace, number: number, destination: Prefix, hop: NextHop): void {
  const { address, length } = destination;
  const table = namespace.table(number);
  namespace.touchTable(table);
  if (isIpv4(address) && length === 32 && hop.other === undefined) {
    table.hosts.set(address, hop);
    return;
  }
  const key = routeKey({ destination, hop });
  if (isIpv4(address) && number === MAIN_TABLE && !table.prefixes.has(key)) dropConnected(namespace, address, length);
  table.prefixes.set(key, { destination, hop });
}

/** A route takes the place of the kernel's own to the same subnet: the first of them. */
function dropConnected(namespace: SimulatedNamespace, network: Ipv4Address, length: number): void {
  let owner: Device | undefined;
  let first = Infinity;
  for (const device of namespace.devices.values()) {
    for (const route of device.connected) {
      if (route.network !== network || route.length !== length || route.order > first) continue;
      owner = device;
      first = route.order;
    }
  }
  if (owner !== undefined) owner.connected = owner.connected.filter((route) => route.order !== first);
}

/** Deletes the route with that destination and protocol; link and gateway tell it from others if they are given. */
export function deleteRoute(
  namespace: SimulatedNamespace,
  device: Device | undefined,
  number: number,
  destination: Prefix,
  hop: NextHop,
): Errno | undefined {
  const table = namespace.tables.get(number);
  const { address, length } = destination;
  const isHost = isIpv4(address) && length === 32 && hop.other === undefined;
  const key = isHost ? '' : routeKey({ destination, hop });
  const found = isHost ? table?.hosts.get(address) : table?.prefixes.get(key)?.hop;
  if (table === undefined || found === undefined || !isMeant(found, hop, device)) return 'ESRCH';
  if (isHost) table.hosts.delete(address);
  else table.prefixes.delete(key);
  namespace.touchTable(table);
  return undefined;
}

function isMeant(found: NextHop, { gateway, protocol, type }: NextHop, device: Device | undefined): boolean {
  return (
    found.protocol === protocol &&
    found.type === type &&
    (gateway === undefined || found.gateway === gateway) &&
    (device === undefined || (device.isThere && found.link === device.name))
  );
}

/** Deletes all routes that the condition names. */
export function dropRoutes(
  namespace: SimulatedNamespace,
  condition: (hop: NextHop, destination: IpAddress) => boolean,
): void {
  for (const table of namespace.tables.values()) if (dropFromTable(table, condition)) namespace.touchTable(table);
}

function dropFromTable(
  { prefixes, hosts }: SimulatedTable,
  condition: (hop: NextHop, destination: IpAddress) => boolean,
): boolean {
  const before = prefixes.size + hosts.size;
  for (const [key, { destination, hop }] of prefixes) if (condition(hop, destination.address)) prefixes.delete(key);
  for (const [destination, hop] of hosts) if (condition(hop, destination)) hosts.delete(destination);
  return prefixes.size + hosts.size < before;
}

function deviceRefusal(device: Device, address: IpAddress): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  if (!isIpv4(address) && !device.hasIpv6) return 'EACCES';
  return device.up ? undefined : 'ENETDOWN';
}

/** A gateway must be on the link of the route (fib_check_nh_v4_gw(), ip6_validate_gw()). */
function gatewayRefusal(device: Device, table: number, gateway: IpAddress): Errno | undefined {
  return isIpv4(gateway) ? gatewayRefusalV4(device, table, gateway) : gatewayRefusalV6(device, table, gateway);
}

/** An address of the host's own on that link will do. */
function gatewayRefusalV4(device: Device, table: number, gateway: Ipv4Address): Errno | undefined {
  if (device.isThere && device.addresses.some(({ address }) => address === gateway))
    return deviceRefusal(device, gateway);
  if (!device.isThere || !isOnLink(device, table, gateway)) return 'ENETUNREACH';
  return device.connected.some((route) => isBroadcast(route, gateway)) ? 'EINVAL' : undefined;
}

function isBroadcast({ network, length }: ConnectedRoute, address: Ipv4Address): boolean {
  return length < 31 && lastAddress({ address: network, length }) === address;
}

/** An address of the host's own will not do. */
function gatewayRefusalV6(device: Device, table: number, gateway: IpAddress): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  const isLinkLocal = networkOf(gateway, 10) === 0xfe80n << 112n;
  const owners = isLinkLocal ? [device] : [...device.namespace.devices.values()];
  if (owners.some(({ addresses }) => addresses.some(({ address }) => address === gateway))) return 'EINVAL';
  if (!isLinkLocal && !isOnLinkV6(device, table, gateway)) return 'EHOSTUNREACH';
  return device.type === 'loopback' ? 'EINVAL' : deviceRefusal(device, gateway);
}

function isOnLink(device: Device, table: number, gateway: Ipv4Address): boolean {
  return (
    device.connected.some(({ network, length }) => networkOf(gateway, length) === network) ||
    isOnRoute(device, table, gateway)
  );
}

function isOnLinkV6(device: Device, table: number, gateway: IpAddress): boolean {
  const isInSubnet = device.addresses.some(({ address, length }) =>
    prefixContains({ address: networkOf(address, length), length }, gateway),
  );
  return (device.up && isInSubnet) || isOnRoute(device, table, gateway);
}

/** The kernel looks in the table of the route first, then in those that a packet without sender and mark would come to. */
function isOnRoute(device: Device, table: number, gateway: IpAddress): boolean {
  const { namespace, name } = device;
  const leadsThere = (hop: NextHop): boolean =>
    hop.link === name && hop.gateway === undefined && hop.type === 'unicast';
  for (const number of new Set([table, ...tablesForAll(namespace, isIpv4(gateway) ? 4 : 6)])) {
    const found = namespace.tables.get(number);
    if (found === undefined) continue;
    const host = isIpv4(gateway) ? found.hosts.get(gateway) : undefined;
    if (host !== undefined && leadsThere(host)) return true;
    for (const { destination, hop } of found.prefixes.values())
      if (leadsThere(hop) && prefixContains(destination, gateway)) return true;
  }
  return false;
}

const DEFAULT_TABLE = 253;

function tablesForAll({ rules }: SimulatedNamespace, family: Rule['family']): number[] {
  const tables = [MAIN_TABLE, DEFAULT_TABLE];
  for (const rule of rules.values()) {
    const { from, incoming, mark, other } = rule;
    const isForAll =
      rule.family === family &&
      (from === undefined || from.length === 0) &&
      (incoming === undefined || incoming === 'lo') &&
      (mark === undefined || (mark.value & mark.mask) === 0) &&
      other === undefined;
    if (isForAll) tables.push(rule.table);
  }
  return tables;
}
