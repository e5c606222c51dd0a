// RTM_NEWNETCONF: the few sysctls of which the kernel tells that they were written (linux/netconf.h).

import { eachAttribute, needBytes } from '../attributes.ts';
import { AF } from './families.ts';

const NETCONFA_IFINDEX = 1;
const NETCONFMSG_BYTES = 4;
const NAMES = new Map([
  [2, 'forwarding'],
  [3, 'rp_filter'],
  [5, 'proxy_arp'],
] as const);

export type NetconfName = 'forwarding' | 'rp_filter' | 'proxy_arp';

export interface KernelNetconf {
  readonly family: 4 | 6;
  /** A device's index, or -1 for `all` and -2 for `default` (NETCONFA_IFINDEX_ALL, _DEFAULT). */
  readonly index: number;
  readonly values: ReadonlyMap<NetconfName, number>;
}

/** Throws MalformedReply. */
export function readNetconf(buffer: Buffer, start: number, end: number): KernelNetconf | undefined {
  needBytes(start, end, NETCONFMSG_BYTES);
  const family = buffer.readUInt8(start);
  if (family !== AF.INET && family !== AF.INET6) return undefined;
  let index: number | undefined;
  const values = new Map<NetconfName, number>();
  eachAttribute(buffer, start + NETCONFMSG_BYTES, end, (type, from, to) => {
    needBytes(from, to, 4);
    if (type === NETCONFA_IFINDEX) index = buffer.readInt32LE(from);
    const name = nameOf(type);
    if (name !== undefined) values.set(name, buffer.readInt32LE(from));
  });
  return index === undefined ? undefined : { family: family === AF.INET ? 4 : 6, index, values };
}

function nameOf(type: number): NetconfName | undefined {
  for (const [number, name] of NAMES) if (number === type) return name;
  return undefined;
}
