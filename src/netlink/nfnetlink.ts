// What every netfilter message has after the netlink header: `struct nfgenmsg`
// (linux/netfilter/nfnetlink.h), and the subsystem in the upper byte of the message type.

import type { ReceivedMessage } from './attributes.ts';
import { needBytes } from './attributes.ts';
import type { MessageBatch } from './message.ts';

/** `NFNL_SUBSYS_*`, shifted to where a message type has it. */
export const SUBSYSTEM = { CONNTRACK: 1 << 8, NFTABLES: 10 << 8 } as const;

/** `NFPROTO_*` (linux/netfilter.h): the protocol families that netfilter knows. */
export const NFPROTO = { UNSPEC: 0, INET: 1, IPV4: 2, ARP: 3, NETDEV: 5, BRIDGE: 7, IPV6: 10 } as const;

const NFGENMSG_BYTES = 4;

/** Writes `struct nfgenmsg`: family, version 0, and a resource that only the batch frame uses. */
export function writeFamily(batch: MessageBatch, family: number, resource = 0): void {
  batch.u8(family).u8(0).be16(resource);
}

/** The family of a received netfilter message. Throws MalformedReply. */
export function familyOf({ buffer, start, end }: ReceivedMessage): number {
  needBytes(start, end, NFGENMSG_BYTES);
  return buffer.readUInt8(start);
}

/**
 * The resource of a received netfilter message: in nftables' replies, the lower half of the number
 * of the ruleset's generation. Throws MalformedReply.
 */
export function resourceOf({ buffer, start, end }: ReceivedMessage): number {
  needBytes(start, end, NFGENMSG_BYTES);
  return buffer.readUInt16BE(start + 2);
}

/** Where the attributes of a received netfilter message begin. Throws MalformedReply. */
export function attributesStart({ start, end }: ReceivedMessage): number {
  needBytes(start, end, NFGENMSG_BYTES);
  return start + NFGENMSG_BYTES;
}
