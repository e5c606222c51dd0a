// What was counted of the packets of floating IPs. It is beside the state of a host, not in it: two
// states do not differ by what has passed, and whoever wants to know asks the kernel when they do.

import type { Ipv4Address } from '../model/address.ts';

/**
 * Numbers, not bigints: exact up to 2^53 (9 PB of bytes), and beyond as near as a number can be, which is what whoever
 * collects them (Prometheus) has too.
 */
export interface Count {
  readonly packets: number;
  /** Of IP packets, with their headers, without those of Ethernet. */
  readonly bytes: number;
}

/** Since the floating IP came to its router; they never go down while it stays there. */
export interface Traffic {
  /** To the floating IP, as they come into its router. */
  readonly received: Count;
  /** From the floating IP, as they leave its router. */
  readonly sent: Count;
}

/** The traffic of the floating IPs of one router. */
export type FloatingTraffic = ReadonlyMap<Ipv4Address, Traffic>;

export const NOTHING_COUNTED: Count = { packets: 0, bytes: 0 };

/** Both directions together. A floating IP of which only one is counted has nothing in the other. */
export function trafficOf(
  received: ReadonlyMap<Ipv4Address, Count>,
  sent: ReadonlyMap<Ipv4Address, Count>,
): FloatingTraffic {
  const traffic = new Map<Ipv4Address, Traffic>();
  received.forEach((count, floating) =>
    traffic.set(floating, { received: count, sent: sent.get(floating) ?? NOTHING_COUNTED }),
  );
  sent.forEach((count, floating) => {
    if (!received.has(floating)) traffic.set(floating, { received: NOTHING_COUNTED, sent: count });
  });
  return traffic;
}
