import type { IpAddress } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import { LOOPBACK } from '../../model/names.ts';
import type { Address } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';
import { sortedWhere } from './namespace-diff.ts';

/**
 * Adds before it deletes, except for what has to go first: an IPv6 address that moves to another link,
 * as two links on one network would fight for it (duplicate address detection), or gets another
 * length, as a link has an address once; and the IPv4 addresses of a link that shall have none, as
 * what is to be on it would go with the last of them (see `stripped`).
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
    // A loopback device keeps 127.0.0.1.
    if (link !== LOOPBACK && !ipv4Links(left).has(link)) diff.stripped.add(link);
  }
}

function displacedAddresses({ wanted, links }: NamespaceDiff, missing: Address[], unwanted: Address[]): Set<Address> {
  const added = new Set(missing.map(({ address }) => address));
  const withIpv4 = ipv4Links(wanted.addresses.values());
  return new Set(
    unwanted.filter(({ address, link }) => {
      if (!isIpv4(address)) return added.has(address);
      return !withIpv4.has(link) && !links.leaving.has(link);
    }),
  );
}

function ipv4Links(addresses: Iterable<{ readonly link: LinkName; readonly address: IpAddress }>): Set<LinkName> {
  const links = new Set<LinkName>();
  for (const { link, address } of addresses) if (isIpv4(address)) links.add(link);
  return links;
}
