// Connections as the kernel tracks them: IPCTNL_MSG_CT_GET and CT_DELETE
// (linux/netfilter/nfnetlink_conntrack.h).

import type { Ipv4Address } from '../../model/address.ts';
import { eachAttribute, MalformedReply, readBe32, type ReceivedMessage } from '../attributes.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import { attributesStart, NFPROTO, SUBSYSTEM, writeFamily } from '../nfnetlink.ts';
import type { NetlinkSocket } from '../socket.ts';

const IPCTNL_MSG_CT_GET = SUBSYSTEM.CONNTRACK | 1;
const IPCTNL_MSG_CT_DELETE = SUBSYSTEM.CONNTRACK | 2;

const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_STATUS = 3;
const CTA_ID = 12;
const CTA_TUPLE_IP = 1;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const NLA_F_NESTED = 0x8000;

/** Bits of a connection's status (`IPS_*` of linux/netfilter/nf_conntrack_common.h). */
export const STATUS = { SOURCE_NAT: 0x10, DESTINATION_NAT: 0x20 } as const;

/** An IPv4 connection. */
export interface Connection {
  /** As the end that began it sends. */
  readonly original: Tuple;
  /** As the other end answers: where translation has led the connection. */
  readonly reply: Tuple;
  /** Bits of STATUS, and others. */
  readonly status: number;
  /** Tells it from a later one between the same ends. */
  readonly id: number;
}

/** What packets of one direction have in common. */
export interface Tuple {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** All of it, protocol and ports included: the payload of the kernel's CTA_TUPLE_*. */
  readonly bytes: Buffer;
}

/**
 * Calls `visit` for each IPv4 connection that the namespace tracks; its tuples' bytes are valid
 * during the call only. `begin` is called before each try, to forget what an interrupted one gave.
 * Throws NetlinkError, MalformedReply.
 */
export function readConnections(
  socket: NetlinkSocket,
  visit: (connection: Connection) => void,
  begin: () => void,
): void {
  socket.dump(
    IPCTNL_MSG_CT_GET,
    (batch) => writeFamily(batch, NFPROTO.IPV4),
    (message) => visit(decodeConnection(message)),
    begin,
  );
}

/** Ends a connection: ENOENT if it has ended, whoever has one between the same ends now. */
export function deleteConnection(batch: MessageBatch, { original, id }: Connection): void {
  batch.begin(IPCTNL_MSG_CT_DELETE, NLM_F.REQUEST);
  writeFamily(batch, NFPROTO.IPV4);
  // A delete without a tuple would end every connection there is.
  batch.attributeBytes(CTA_TUPLE_ORIG | NLA_F_NESTED, original.bytes);
  batch.attributeBe32(CTA_ID, id);
  batch.end();
}

/** Throws MalformedReply. */
export function decodeConnection(message: ReceivedMessage): Connection {
  const { buffer, end } = message;
  let original: Tuple | undefined;
  let reply: Tuple | undefined;
  let status: number | undefined;
  let id: number | undefined;
  eachAttribute(buffer, attributesStart(message), end, (type, from, to) => {
    if (type === CTA_TUPLE_ORIG) original = decodeTuple(buffer, from, to);
    else if (type === CTA_TUPLE_REPLY) reply = decodeTuple(buffer, from, to);
    else if (type === CTA_STATUS) status = readBe32(buffer, from, to);
    else if (type === CTA_ID) id = readBe32(buffer, from, to);
  });
  if (original === undefined || reply === undefined || status === undefined || id === undefined) {
    throw new MalformedReply('connection without tuples, status or id');
  }
  return { original, reply, status, id };
}

function decodeTuple(buffer: Buffer, start: number, end: number): Tuple {
  let source: Ipv4Address | undefined;
  let destination: Ipv4Address | undefined;
  eachAttribute(buffer, start, end, (part, from, to) => {
    if (part !== CTA_TUPLE_IP) return;
    eachAttribute(buffer, from, to, (type, first, last) => {
      if (type === CTA_IP_V4_SRC) source = readBe32(buffer, first, last) as Ipv4Address;
      else if (type === CTA_IP_V4_DST) destination = readBe32(buffer, first, last) as Ipv4Address;
    });
  });
  if (source === undefined || destination === undefined) throw new MalformedReply('connection without addresses');
  return { source, destination, bytes: buffer.subarray(start, end) };
}
