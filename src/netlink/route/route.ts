// RTM_*ROUTE: routes (linux/rtnetlink.h).

import type { IpAddress, Ipv4Address, Ipv6Address, Prefix } from '../../model/address.ts';
import { isIpv4, networkOf } from '../../model/address.ts';
import { eachAttribute, MalformedReply, needBytes, readU32 } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { AF, checkLength, familyOf, readAddressOf } from './families.ts';

const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_GETROUTE = 26;

const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;

const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_NOWHERE = 255;
const RT_TABLE_UNSPEC = 0;
const RTN_UNICAST = 1;
const RTM_F_CLONED = 0x200;
/** `IP6_RT_PRIO_USER`: what an IPv6 route gets that asks for no metric. */
const IPV6_METRIC = 1024;
const RTMSG_BYTES = 12;

/** Names of route types (rtm_type), by number. */
const TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
];

/** A route as the kernel tells of it. */
export interface KernelRoute {
  readonly table: number;
  readonly destination: Prefix;
  /** Output device's index; 0 for none. */
  readonly index: number;
  readonly gateway: IpAddress | undefined;
  readonly protocol: number;
  /** `unicast`, `blackhole`, …; `multipath` for one with several next hops. */
  readonly type: string;
  /** A metric or TOS beyond what a route gets that asks for none. */
  readonly other?: { readonly metric: number; readonly tos: number };
}

/** Adds a unicast route; the one to the same destination in the same table is replaced in one step, without a gap. */
export function setRoute(batch: MessageBatch, route: Omit<KernelRoute, 'type'>): void {
  batch.begin(RTM_NEWROUTE, NLM_F.REQUEST | NLM_F.CREATE | NLM_F.REPLACE);
  const scope = isIpv4(route.destination.address) && route.gateway === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  writeRoute(batch, route, scope, RTN_UNICAST);
}

/** Deletes the route that has exactly this destination, table, device and gateway. */
export function deleteRoute(batch: MessageBatch, route: KernelRoute): void {
  batch.begin(RTM_DELROUTE, NLM_F.REQUEST);
  writeRoute(batch, route, RT_SCOPE_NOWHERE, Math.max(0, TYPES.indexOf(route.type)));
}

/** Calls `visit` for every route of the socket's namespace, both families; `begin` before the first and after an interruption. */
export function readRoutes(socket: NetlinkSocket, begin: () => void, visit: (route: KernelRoute) => void): void {
  socket.dump(
    RTM_GETROUTE,
    // The whole `struct rtmsg` zero: both families, all tables.
    (batch) => batch.u32(0).u32(0).u32(0),
    ({ buffer, start, end }) => {
      const route = readRoute(buffer, start, end);
      if (route !== undefined) visit(route);
    },
    begin,
  );
}

/** Undefined for one of another family than IPv4 and IPv6, or that the kernel made of another. Throws MalformedReply. */
export function readRoute(buffer: Buffer, start: number, end: number): KernelRoute | undefined {
  needBytes(start, end, RTMSG_BYTES);
  const family = buffer.readUInt8(start);
  if (family !== AF.INET && family !== AF.INET6) return undefined;
  if ((buffer.readUInt32LE(start + 8) & RTM_F_CLONED) !== 0) return undefined;
  let address: IpAddress = family === AF.INET ? (0 as Ipv4Address) : (0n as Ipv6Address);
  let table = buffer.readUInt8(start + 4);
  let hasDestination = false;
  let gateway: IpAddress | undefined;
  let index = 0;
  let metric = 0;
  const tos = buffer.readUInt8(start + 3);
  let type = TYPES[buffer.readUInt8(start + 7)] ?? 'unspec';
  eachAttribute(buffer, start + RTMSG_BYTES, end, (attribute, from, to) => {
    if (attribute === RTA_DST) {
      address = readAddressOf(family, buffer, from, to);
      hasDestination = true;
    } else if (attribute === RTA_TABLE) table = readU32(buffer, from, to);
    else if (attribute === RTA_OIF) index = readU32(buffer, from, to);
    else if (attribute === RTA_GATEWAY) gateway = readAddressOf(family, buffer, from, to);
    else if (attribute === RTA_PRIORITY) metric = readU32(buffer, from, to);
    else if (attribute === RTA_MULTIPATH) type = 'multipath';
  });
  const length = buffer.readUInt8(start + 1);
  checkLength(address, length);
  if (networkOf(address, length) !== address) throw new MalformedReply('a route with bits set after its prefix');
  if (length > 0 && !hasDestination) throw new MalformedReply(`a route to ${length} bits of no address`);
  const destination = { address, length };
  const isOther = tos !== 0 || metric !== (family === AF.INET ? 0 : IPV6_METRIC);
  const protocol = buffer.readUInt8(start + 5);
  return { table, destination, index, gateway, protocol, type, ...(isOther && { other: { metric, tos } }) };
}

/** `struct rtmsg` and the attributes that tell one route from another. */
function writeRoute(batch: MessageBatch, route: Omit<KernelRoute, 'type'>, scope: number, type: number): void {
  const { address, length } = route.destination;
  batch
    .u8(familyOf(address))
    .u8(length)
    .u8(0)
    .u8(route.other?.tos ?? 0);
  batch.u8(RT_TABLE_UNSPEC).u8(route.protocol).u8(scope).u8(type).u32(0);
  batch.attributeU32(RTA_TABLE, route.table);
  if (length > 0) batch.attributeAddress(RTA_DST, address);
  if (route.gateway !== undefined) batch.attributeAddress(RTA_GATEWAY, route.gateway);
  if (route.index !== 0) batch.attributeU32(RTA_OIF, route.index);
  if (route.other !== undefined) batch.attributeU32(RTA_PRIORITY, route.other.metric);
  batch.end();
}
