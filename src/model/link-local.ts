import type { Ipv4Address } from './address.ts';
import { addressAfter, networkOf } from './address.ts';

/** 169.254.64.0/18: addresses of the links between routers and fip namespaces (DVR_FIP_LL_CIDR in neutron_lib/constants.py). */
const RANGE = { address: 0xa9fe4000 as Ipv4Address, length: 18 };

/** How many pairs of addresses (/31, RFC 3021) there are for such links. */
export const LINK_LOCAL_PAIRS = 2 ** (31 - RANGE.length);

/** The even address of the pair with this number, counted from 0. */
export function linkLocalPair(number: number): Ipv4Address {
  return addressAfter(RANGE.address, 2 * number);
}

/** Whether an address is the even one of such a pair. */
export function isLinkLocalPair(address: Ipv4Address): boolean {
  return networkOf(address, RANGE.length) === RANGE.address && networkOf(address, 31) === address;
}
