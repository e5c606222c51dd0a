import type { IpAddress } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
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

  const deletedEarly = new Set<Address>();
  const deleteEarly = (subject: NamespaceName, address: Address): void => {
    if (deletedEarly.has(address)) return;
    deletedEarly.add(address);
    plan.make(subject, 'addresses', { kind: 'address.delete', namespace, address });
  };

  const ipv4 = ipv4Links(wanted.addresses.values());
  for (const address of unwanted) {
    const { link } = address;
    if (isIpv4(address.address) && !ipv4.has(link) && !links.leaving.has(link)) {
      deleteEarly(owners.wanted.ofLink(namespace, link), address);
    }
  }
  const inTheWay = Map.groupBy(unwanted, ({ address }) => address);
  for (const address of missing) {
    const subject = owners.wanted.ofLink(namespace, address.link);
    for (const other of inTheWay.get(address.address) ?? []) {
      if (other.link !== address.link || !isIpv4(address.address)) deleteEarly(subject, other);
    }
    plan.make(subject, 'addresses', { kind: 'address.add', namespace, address });
    diff.addedAddresses.push(address);
  }

  for (const link of ipv4Links(deletedEarly)) {
    const left = [...actual.addresses.values()].filter(
      (address) => address.link === link && !deletedEarly.has(address),
    );
    if (!ipv4Links(left).has(link)) diff.stripped.add(link);
  }
  for (const address of unwanted) {
    if (deletedEarly.has(address) || links.leaving.has(address.link)) continue;
    plan.unmake(owners.actual.ofLink(namespace, address.link), 'addresses', {
      kind: 'address.delete',
      namespace,
      address,
    });
  }
}

function ipv4Links(addresses: Iterable<{ readonly link: LinkName; readonly address: IpAddress }>): Set<LinkName> {
  const links = new Set<LinkName>();
  for (const { link, address } of addresses) if (isIpv4(address)) links.add(link);
  return links;
}
