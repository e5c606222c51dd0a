// RTM_*NSID: the numbers by which one network namespace knows others (linux/net_namespace.h). A socket that listens
// to all namespaces hears those that have one.

import { eachAttribute, needBytes } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { SystemError } from '../../sys/system-error.ts';
import { AF } from './families.ts';

const RTM_NEWNSID = 88;
const RTM_GETNSID = 90;
const NETNSA_NSID = 1;
const NETNSA_FD = 3;
const RTGENMSG_BYTES = 4;
const NOT_ASSIGNED = -1;
const EEXIST = 17;

/** EEXIST if it has one. The number goes with the namespace. */
function addNamespaceId(batch: MessageBatch, descriptor: number): void {
  batch.begin(RTM_NEWNSID, NLM_F.REQUEST);
  writeHeader(batch);
  batch.attributeU32(NETNSA_NSID, NOT_ASSIGNED >>> 0);
  batch.attributeU32(NETNSA_FD, descriptor);
  batch.end();
}

/** Sees to it that the namespace has a number. Throws SystemError, MalformedReply. */
export function giveNamespaceId(socket: NetlinkSocket, batch: MessageBatch, descriptor: number): void {
  batch.clear();
  addNamespaceId(batch, descriptor);
  const refusal = socket.exchange(batch).find(({ errno }) => errno !== EEXIST);
  if (refusal !== undefined) throw new SystemError('RTM_NEWNSID', refusal.errno);
}

/** The number that the namespace of the descriptor has in the socket's; undefined where it has none. Throws NetlinkError, SystemError, MalformedReply. */
export function readNamespaceId(socket: NetlinkSocket, descriptor: number): number | undefined {
  let number: number | undefined;
  socket.ask(
    RTM_GETNSID,
    (batch) => {
      writeHeader(batch);
      batch.attributeU32(NETNSA_FD, descriptor);
    },
    ({ buffer, start, end }) => (number = readNumber(buffer, start, end)),
  );
  return number === NOT_ASSIGNED ? undefined : number;
}

/** The number in an RTM_*NSID message. Throws MalformedReply. */
export function readNumber(buffer: Buffer, start: number, end: number): number | undefined {
  needBytes(start, end, RTGENMSG_BYTES);
  let number: number | undefined;
  eachAttribute(buffer, start + RTGENMSG_BYTES, end, (type, from, to) => {
    needBytes(from, to, 4);
    if (type === NETNSA_NSID) number = buffer.readInt32LE(from);
  });
  return number;
}

/** `struct rtgenmsg`, padded. */
function writeHeader(batch: MessageBatch): void {
  batch.u32(AF.UNSPEC);
}
