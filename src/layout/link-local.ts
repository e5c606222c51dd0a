// Which addresses the link between a router and a fip namespace has. A router's pair is the one
// that its live link has; there is no file to keep it in, and so none that can be wrong.

import { hash } from 'node:crypto';
import { BuoyError } from '../errors.ts';
import type { Ipv4Address } from '../model/address.ts';
import { isIpv4 } from '../model/address.ts';
import { isLinkLocalPair, LINK_LOCAL_PAIRS, linkLocalPair } from '../model/link-local.ts';
import { routerIdOf, routerToFipName } from '../model/names.ts';
import type { HostState, NamespaceState } from '../host/state.ts';

/**
 * The pairs that routers of ours hold by their live `rfp-` links, under the router's id, each told
 * by its even address. Of two routers with the same pair, which Buoy never makes, the first by id
 * keeps it.
 */
export function livePairs(actual: HostState): Map<string, Ipv4Address> {
  const pairs = new Map<string, Ipv4Address>();
  const taken = new Set<Ipv4Address>();
  for (const [name, state] of [...actual.namespaces].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const routerId = routerIdOf(name);
    const pair = routerId === undefined ? undefined : livePair(routerId, state);
    if (routerId === undefined || pair === undefined || taken.has(pair)) continue;
    taken.add(pair);
    pairs.set(routerId, pair);
  }
  return pairs;
}

function livePair(routerId: string, state: NamespaceState): Ipv4Address | undefined {
  const name = routerToFipName(routerId);
  for (const { link, address, length } of state.addresses.values()) {
    if (link === name && length === 31 && isIpv4(address) && isLinkLocalPair(address)) return address;
  }
  return undefined;
}

/**
 * A pair for each router: the one it holds, else the first free one from a place that its id leads
 * to, so that an empty host always gets the same layout. Pairs held by routers that are not asked
 * for are not free: they are still there when new ones are made. Throws BUOY_LINK_LOCAL_EXHAUSTED.
 */
export function assignPairs(
  routerIds: readonly string[],
  held: ReadonlyMap<string, Ipv4Address>,
): Map<string, Ipv4Address> {
  const taken = new Set(held.values());
  const assigned = new Map<string, Ipv4Address>();
  for (const id of [...routerIds].sort()) {
    const pair = held.get(id) ?? firstFree(id, taken);
    taken.add(pair);
    assigned.set(id, pair);
  }
  return assigned;
}

/** Throws BUOY_LINK_LOCAL_EXHAUSTED. */
export function firstFree(routerId: string, taken: Pick<ReadonlySet<Ipv4Address>, 'has'>): Ipv4Address {
  const start = Number.parseInt(hash('sha256', routerId).slice(0, 8), 16);
  for (let step = 0; step < LINK_LOCAL_PAIRS; step++) {
    const pair = linkLocalPair((start + step) % LINK_LOCAL_PAIRS);
    if (!taken.has(pair)) return pair;
  }
  const message = `all ${LINK_LOCAL_PAIRS} link-local address pairs are in use`;
  throw new BuoyError('BUOY_LINK_LOCAL_EXHAUSTED', message, { subject: `router ${routerId}` });
}
