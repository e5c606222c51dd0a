// RTM_*LINK: network devices (linux/if_link.h).

import type { MacAddress } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import { eachAttribute, MalformedReply, needBytes, readMac, readString, readU32 } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { NetlinkError } from '../socket.ts';
import { AF } from './families.ts';
import { readLinkName } from './link-name.ts';

const ENODEV = 19;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_SETLINK = 19;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_IFALIAS = 20;
const IFLA_AF_SPEC = 26;
const IFLA_NET_NS_FD = 28;
const IFLA_EXT_MASK = 29;
const IFLA_NUM_TX_QUEUES = 31;
const IFLA_NUM_RX_QUEUES = 32;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_MACVLAN_MODE = 1;
const MACVLAN_MODE_BRIDGE = 4;

const IFLA_INET6_CONF = 2;
/** Which of the 32-bit numbers in IFLA_INET6_CONF it is (linux/ipv6.h). */
const DEVCONF_DISABLE_IPV6 = 26;

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const RTEXT_FILTER_SKIP_STATS = 1 << 3;
const IFINFOMSG_BYTES = 16;

/** A device as the kernel tells of it. */
export interface KernelLink {
  readonly index: number;
  readonly name: LinkName;
  /** `IFLA_INFO_KIND` ("veth", "bridge", …), "loopback", or "device" for one without a kind. */
  readonly kind: string;
  readonly mac: MacAddress | undefined;
  readonly mtu: number;
  readonly up: boolean;
  /** Index of the bridge it is a port of; 0 for none. */
  readonly master: number;
  readonly alias: string | undefined;
  /** Index of the device that it hangs on (`IFLA_LINK`): a veth's peer, a macvlan's parent; 0 for none. It may be in another namespace. */
  readonly lower: number;
  /** Its sysctl `disable_ipv6`. */
  readonly isWithoutIpv6: boolean;
}

/** What both ends of a veth pair, and a macvlan, are created with. `index` 0 leaves the choice to the kernel, for both ends of a pair. */
export interface NewLink {
  readonly name: LinkName;
  readonly index: number;
  readonly mac: MacAddress | undefined;
  readonly mtu: number | undefined;
}

/**
 * Creates a veth pair: `link` in the socket's namespace, a port of `master` (0 for none), and `peer` in the
 * namespace of the descriptor, or in the same one. Both stay down.
 */
export function createVeth(
  batch: MessageBatch,
  link: NewLink,
  master: number,
  peer: NewLink,
  peerNamespace: number | undefined,
): void {
  beginNewLink(batch, link);
  writeOneQueue(batch);
  if (master !== 0) batch.attributeU32(IFLA_MASTER, master);
  const info = batch.beginNested(IFLA_LINKINFO);
  batch.attributeString(IFLA_INFO_KIND, 'veth');
  const data = batch.beginNested(IFLA_INFO_DATA);
  const peerStart = batch.beginNested(VETH_INFO_PEER);
  writeHeader(batch, peer.index, 0, 0);
  writeNewLink(batch, peer);
  writeOneQueue(batch);
  if (peerNamespace !== undefined) batch.attributeU32(IFLA_NET_NS_FD, peerNamespace);
  batch.endNested(peerStart);
  batch.endNested(data);
  batch.endNested(info);
  batch.end();
}

/**
 * What a veth has anyway, said before it is made. Unasked, the kernel makes a queue for every
 * processor there could be, puts all but one out of use, and waits for an RCU grace period over
 * that (veth_init_queues() in drivers/net/veth.c).
 */
function writeOneQueue(batch: MessageBatch): void {
  batch.attributeU32(IFLA_NUM_TX_QUEUES, 1);
  batch.attributeU32(IFLA_NUM_RX_QUEUES, 1);
}

/** Creates a macvlan in bridge mode on the device with index `parent`, in the namespace of the descriptor. It stays down. */
export function createMacvlan(batch: MessageBatch, link: NewLink, parent: number, namespace: number): void {
  beginNewLink(batch, link);
  batch.attributeU32(IFLA_LINK, parent);
  batch.attributeU32(IFLA_NET_NS_FD, namespace);
  const info = batch.beginNested(IFLA_LINKINFO);
  batch.attributeString(IFLA_INFO_KIND, 'macvlan');
  const data = batch.beginNested(IFLA_INFO_DATA);
  batch.attributeU32(IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
  batch.endNested(data);
  batch.endNested(info);
  batch.end();
}

/** Creates a bridge without spanning tree, up. */
export function createBridge(batch: MessageBatch, link: NewLink): void {
  beginNewLink(batch, link, IFF_UP);
  const info = batch.beginNested(IFLA_LINKINFO);
  batch.attributeString(IFLA_INFO_KIND, 'bridge');
  batch.endNested(info);
  batch.end();
}

/** What `changeLink` shall set; what is left out stays. */
export interface LinkChange {
  readonly mac?: MacAddress;
  readonly mtu?: number;
  /** Index of a bridge; 0 takes the link out of the one it is in. */
  readonly master?: number;
  /** An empty text takes the alias away. */
  readonly alias?: string;
  readonly up?: boolean;
}

/** Changes the link with that index or, for one whose index is the kernel's choice, with that name. */
export function changeLink(batch: MessageBatch, link: number | LinkName, change: LinkChange): void {
  batch.begin(RTM_SETLINK, NLM_F.REQUEST);
  writeHeader(
    batch,
    typeof link === 'number' ? link : 0,
    change.up === true ? IFF_UP : 0,
    change.up === undefined ? 0 : IFF_UP,
  );
  if (typeof link !== 'number') batch.attributeString(IFLA_IFNAME, link);
  if (change.mac !== undefined) batch.attributeMac(IFLA_ADDRESS, change.mac);
  if (change.mtu !== undefined) batch.attributeU32(IFLA_MTU, change.mtu);
  if (change.master !== undefined) batch.attributeU32(IFLA_MASTER, change.master);
  if (change.alias !== undefined) batch.attributeString(IFLA_IFALIAS, change.alias);
  batch.end();
}

/**
 * Has the kernel finish what a change of carrier left to do: it brings the queueing discipline and,
 * on a bridge, the port to work in its own time (net/core/link_watch.c), drops packets until then,
 * and does it at once when asked for a single link (rtnl_getlink(), since Linux 6.8).
 */
export function settleLink(batch: MessageBatch, index: number): void {
  batch.begin(RTM_GETLINK, NLM_F.REQUEST);
  writeHeader(batch, index, 0, 0);
  batch.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  batch.end();
}

export function deleteLink(batch: MessageBatch, index: number): void {
  batch.begin(RTM_DELLINK, NLM_F.REQUEST);
  writeHeader(batch, index, 0, 0);
  batch.end();
}

/** All devices of the socket's namespace. */
export function readLinks(socket: NetlinkSocket): KernelLink[] {
  let links: KernelLink[] = [];
  socket.dump(
    RTM_GETLINK,
    (batch) => {
      writeHeader(batch, 0, 0, 0);
      batch.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    },
    ({ buffer, start, end }) => links.push(readLink(buffer, start, end)),
    () => (links = []),
  );
  return links;
}

/**
 * The device of that name, or with that index, in the socket's namespace; undefined if there is none. The kernel also finds one by an
 * alternative name, by which Buoy means none. Throws NetlinkError, SystemError, MalformedReply.
 */
export function readLinkOf(socket: NetlinkSocket, which: LinkName | number): KernelLink | undefined {
  let link: KernelLink | undefined;
  try {
    socket.ask(
      RTM_GETLINK,
      (batch) => {
        writeHeader(batch, typeof which === 'number' ? which : 0, 0, 0);
        if (typeof which !== 'number') batch.attributeString(IFLA_IFNAME, which);
        batch.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
      },
      ({ buffer, start, end }) => (link = readLink(buffer, start, end)),
    );
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.errno !== ENODEV) throw error;
  }
  return typeof which === 'number' || link?.name === which ? link : undefined;
}

/** A device in the answer to a dump, or in what the kernel tells of changes. Throws MalformedReply. */
export function readLink(buffer: Buffer, start: number, end: number): KernelLink {
  needBytes(start, end, IFINFOMSG_BYTES);
  const flags = buffer.readUInt32LE(start + 8);
  let name: LinkName | undefined;
  let kind = (flags & IFF_LOOPBACK) !== 0 ? 'loopback' : 'device';
  let mac: MacAddress | undefined;
  let alias: string | undefined;
  let [mtu, lower, master] = [0, 0, 0];
  let isWithoutIpv6 = false;
  eachAttribute(buffer, start + IFINFOMSG_BYTES, end, (type, from, to) => {
    if (type === IFLA_IFNAME) name = readLinkName(buffer, from, to);
    else if (type === IFLA_ADDRESS) mac = readMac(buffer, from, to);
    else if (type === IFLA_MTU) mtu = readU32(buffer, from, to);
    else if (type === IFLA_LINK) lower = readU32(buffer, from, to);
    else if (type === IFLA_MASTER) master = readU32(buffer, from, to);
    else if (type === IFLA_IFALIAS) alias = readString(buffer, from, to);
    else if (type === IFLA_LINKINFO) kind = readKind(buffer, from, to) ?? kind;
    else if (type === IFLA_AF_SPEC) isWithoutIpv6 = readDisableIpv6(buffer, from, to);
  });
  const index = buffer.readInt32LE(start + 4);
  if (name === undefined || index < 1) throw new MalformedReply(`a device with index ${index} and the name ${name}`);
  const up = (flags & IFF_UP) !== 0;
  return { index, name, kind, mac, mtu, up, master, alias, lower, isWithoutIpv6 };
}

function readKind(buffer: Buffer, start: number, end: number): string | undefined {
  let kind: string | undefined;
  eachAttribute(buffer, start, end, (type, from, to) => {
    if (type === IFLA_INFO_KIND) kind = readString(buffer, from, to);
  });
  return kind;
}

/** What each protocol family says of the device (inet6_fill_ifla6_attrs() in net/ipv6/addrconf.c). */
function readDisableIpv6(buffer: Buffer, start: number, end: number): boolean {
  let value = 0;
  eachAttribute(buffer, start, end, (family, from, to) => {
    if (family !== AF.INET6) return;
    eachAttribute(buffer, from, to, (type, first, last) => {
      const offset = first + 4 * DEVCONF_DISABLE_IPV6;
      if (type === IFLA_INET6_CONF && offset + 4 <= last) value = buffer.readInt32LE(offset);
    });
  });
  return value !== 0;
}

function beginNewLink(batch: MessageBatch, link: NewLink, flags = 0): void {
  batch.begin(RTM_NEWLINK, NLM_F.REQUEST | NLM_F.CREATE | NLM_F.EXCL);
  writeHeader(batch, link.index, flags, flags);
  writeNewLink(batch, link);
}

function writeNewLink(batch: MessageBatch, link: NewLink): void {
  batch.attributeString(IFLA_IFNAME, link.name);
  if (link.mac !== undefined) batch.attributeMac(IFLA_ADDRESS, link.mac);
  if (link.mtu !== undefined) batch.attributeU32(IFLA_MTU, link.mtu);
}

/** `struct ifinfomsg` */
function writeHeader(batch: MessageBatch, index: number, flags: number, change: number): void {
  batch.u8(AF.UNSPEC).u8(0).u16(0).i32(index).u32(flags).u32(change);
}
