import type { IpAddress, Ipv4Address } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { Address, NamespaceState } from '../state.ts';
import type { LinkChanges } from './links.ts';
import type { Owners } from './owners.ts';
import type { PlanDraft } from './plan-draft.ts';

/** One namespace of both states, and what the diff of its objects has found so far. */
export interface NamespaceDiff {
  readonly namespace: NamespaceName;
  readonly actual: NamespaceState;
  readonly wanted: NamespaceState;
  readonly owners: { readonly actual: Owners; readonly wanted: Owners };
  readonly links: LinkChanges;
  /**
   * Links that lose all their IPv4 addresses before they get others. With the last one the kernel
   * drops the IPv4 routes and neighbours on the link (fib_disable_ip() in net/ipv4/fib_frontend.c).
   */
  readonly stripped: Set<LinkName>;
  readonly addedAddresses: Address[];
  /** Destinations of host routes in the main table that are new or lead elsewhere. */
  readonly setHosts: Ipv4Address[];
  /** Whether a run before did not end well, so that nobody knows what was announced and which connections were ended. */
  readonly isUnfinished: boolean;
  readonly plan: PlanDraft;
}

/** Whether links and addresses stay as they are, so that nothing goes by itself. */
export function isUndisturbed({ links, stripped }: NamespaceDiff): boolean {
  return links.displaced.size === 0 && links.leaving.size === 0 && links.newMac.size === 0 && stripped.size === 0;
}

/** Whether what is on the link is gone by the time that things are added to the namespace. */
export function isLost({ links, stripped }: NamespaceDiff, link: LinkName, address: IpAddress): boolean {
  return links.displaced.has(link) || (isIpv4(address) && stripped.has(link));
}

/** Deletions are in order of their keys, not in that of the kernel's answers: the same plan every time. */
export function sortedWhere<K extends string, V>(
  map: ReadonlyMap<K, V>,
  predicate: (value: V, key: K) => boolean,
): V[] {
  const found: [K, V][] = [];
  for (const [key, value] of map) if (predicate(value, key)) found.push([key, value]);
  return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
