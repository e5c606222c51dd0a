import type { IpAddress } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import type { Address } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';
import { sortedWhere } from './namespace-diff.ts';

/**
 * Adds before it deletes, except for what has to go first: an address that moves to another link,
 * as two links on one network would fight for it (IPv6's duplicate address detection); one that
 * gets another length in IPv6, where a link has an address once; and the IPv4 addresses of a link
 * that shall have none, as what is to be on it would go with the last of them (see `stripped`).
 */
export function diffAddresses(diff: NamespaceDiff): void {
  const { namespace, actual, wanted, links, owners, plan } = diff;
  const missing = sortedWhere(
    wanted.addresses,
    ({ link }, key) => !actual.addresses.has(key) || links.displaced.has(link),
  );
  const unwanted = sortedWhere(
    actual.addresses,
    ({ link }, key) => !wanted.addresses.has(key) && !links.displaced.has(link),
  );
  if (missing.length === 0 && unwanted.length === 0) return;

  for (const address of missing) {
    const subject = owners.wanted.ofLink(namespace, address.link);
    plan.make(subject, 'addresses', { kind: 'address.add', namespace, address });
    diff.addedAddresses.push(address);
  }
  const displaced = displacedAddresses(diff, missing, unwanted);
  for (const address of unwanted) {
    const operation = { kind: 'address.delete', namespace, address } as const;
    if (displaced.has(address)) plan.make(namespace, 'displaced addresses', operation);
    else if (!links.leaving.has(address.link)) {
      plan.unmake(owners.actual.ofLink(namespace, address.link), 'addresses', operation);
    }
  }
  for (const link of ipv4Links(displaced)) {
    const left = [...actual.addresses.values()].filter((address) => address.link === link && !displaced.has(address));
    if (!ipv4Links(left).has(link)) diff.stripped.add(link);
  }
}

function displacedAddresses({ wanted, links }: NamespaceDiff, missing: Address[], unwanted: Address[]): Set<Address> {
  const added = Map.groupBy(missing, ({ address }) => address);
  const withIpv4 = ipv4Links(wanted.addresses.values());
  return new Set(
    unwanted.filter(({ address, link }) => {
      const isInTheWay = (added.get(address) ?? []).some((other) => other.link !== link || !isIpv4(address));
      return isInTheWay || (isIpv4(address) && !withIpv4.has(link) && !links.leaving.has(link));
    }),
  );
}

function ipv4Links(addresses: Iterable<{ readonly link: LinkName; readonly address: IpAddress }>): Set<LinkName> {
  const links = new Set<LinkName>();
  for (const { link, address } of addresses) if (isIpv4(address)) links.add(link);
  return links;
}
