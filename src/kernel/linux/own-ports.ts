// Port ids of netlink sockets. The kernel names in what it tells of a change the port of the socket that asked
// for it, so who has ports that nobody else has knows its own changes. The kernel hands out process ids and
// negative numbers; ours are above both, with upper halves drawn for each kernel room.

import { randomInt } from 'node:crypto';

/** Process ids are below (PID_MAX_LIMIT in linux/threads.h). */
const FIRST_UPPER = 1 << 7;
const LAST_UPPER = (1 << 15) - 1;
const LOWER_BITS = 16;

/** The upper 16 bits of the ports of one kernel room; that two have the same is as likely as 1 in 32,000. */
export function drawOwnPorts(): number {
  return randomInt(FIRST_UPPER, LAST_UPPER + 1);
}

export function isOwnPort(port: number, ownPorts: number): boolean {
  return port >>> LOWER_BITS === ownPorts;
}

/** Answers a port that has not been answered for some time. */
export function portsIn(ownPorts: number): () => number {
  let last = 0;
  return () => (ownPorts << LOWER_BITS) + (last = (last + 1) & ((1 << LOWER_BITS) - 1));
}
