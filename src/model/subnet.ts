// Which addresses of a subnet are for hosts, and the defaults that OpenStack Networking gives a
// subnet (neutron/ipam/utils.py).

import { isIpv4, lastAddress, prefixContains } from './address.ts';
import type { IpAddress, Ipv4Address, Ipv6Address, Prefix } from './address.ts';

export interface AddressRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

/**
 * The addresses that hosts may have: in IPv4 all but the network and broadcast address (RFC 1122
 * section 3.2.1.3), and both of a /31 (RFC 3021).
 */
export function hostRange(subnet: Prefix): AddressRange {
  const { address } = subnet;
  const last = lastAddress(subnet);
  const excludesEnds = isIpv4(address) && subnet.length < 31;
  return excludesEnds ? { first: step(address, 1), last: step(last, -1) } : { first: address, last };
}

export function isHostAddress(subnet: Prefix, address: IpAddress): boolean {
  if (!prefixContains(subnet, address)) return false;
  const { first, last } = hostRange(subnet);
  return first <= address && address <= last;
}

/** The first address after the network's own; a subnet of a single address has none. */
export function defaultGateway(subnet: Prefix): IpAddress | undefined {
  const gateway = step(subnet.address, 1);
  return prefixContains(subnet, gateway) ? gateway : undefined;
}

/** The address before it. */
export function previousAddress(address: IpAddress): IpAddress {
  return step(address, -1);
}

/** The address after it. The caller sees to it that there is one. */
export function nextAddress(address: IpAddress): IpAddress {
  return step(address, 1);
}

function step(address: IpAddress, by: 1 | -1): IpAddress {
  return isIpv4(address) ? ((address + by) as Ipv4Address) : ((address + BigInt(by)) as Ipv6Address);
}
