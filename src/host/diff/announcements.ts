import type { Ipv4Address } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { Announced } from '../state.ts';
import { MAIN_TABLE } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';

/**
 * Announces what the plan has brought to a link: all of it when the link is new to its neighbours, or
 * the run before did not end well; else the addresses that were added to it and the floating IPs whose host route was set. Each in
 * the step of whoever it belongs to, once everything else of that step is done.
 */
export function diffAnnouncements(diff: NamespaceDiff): void {
  const { namespace, wanted, plan } = diff;
  for (const [link, announced] of wanted.announcements) {
    const bySubject = Map.groupBy(arrivals(diff, link, announced), (address) => subjectOf(diff, link, address));
    for (const [subject, addresses] of bySubject) {
      plan.announce(subject, { kind: 'address.announce', namespace, link, addresses });
    }
  }
}

function arrivals(
  { links, addedAddresses, setHosts, isUnfinished }: NamespaceDiff,
  link: LinkName,
  announced: Announced,
): Iterable<Ipv4Address> {
  if (isUnfinished || links.created.has(link) || links.newMac.has(link)) return announced;
  const added = addedAddresses.filter((address) => address.link === link).map(({ address }) => address);
  return [...added, ...setHosts]
    .filter((address) => typeof address === 'number')
    .filter((address) => announced.has(address));
}

function subjectOf({ namespace, wanted, owners }: NamespaceDiff, link: LinkName, address: Ipv4Address): NamespaceName {
  const hop = wanted.routes.get(MAIN_TABLE)?.hosts.get(address);
  return hop === undefined ? owners.wanted.ofLink(namespace, link) : owners.wanted.ofRoute(namespace, MAIN_TABLE, hop);
}
