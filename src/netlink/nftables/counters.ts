// What the elements of a set of our table have counted.

import type { Count } from '../../host/counters.ts';
import type { Ipv4Address } from '../../model/address.ts';
import { NetlinkError, type NetlinkSocket } from '../socket.ts';
import { readElements } from './element-dump.ts';

const ENOENT = 2;

/**
 * Reads the counters of a set; none if there is no such set, or it does not count. Each is that of one moment,
 * but not all of the same one. Costs 3 system calls, and one more for each 32 KiB of an answer, which is 500
 * counters. Throws NetlinkError, MalformedReply.
 */
export function readCounters(socket: NetlinkSocket, set: string): ReadonlyMap<Ipv4Address, Count> {
  try {
    return readElements(socket, set, () => undefined).counted;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return new Map();
    throw error;
  }
}
