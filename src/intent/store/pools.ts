// Allocation pools of a subnet: those that are asked for, or all addresses that nothing else is.

import {
  compareAddresses,
  formatAddress,
  formatPrefix,
  isIpv4,
  parseAddress,
  prefixContains,
} from '../../model/address.ts';
import type { IpAddress, Prefix } from '../../model/address.ts';
import { hostRange, isHostAddress, nextAddress, previousAddress } from '../../model/subnet.ts';
import type { AddressRange } from '../../model/subnet.ts';
import { conflict, invalidInput } from './refusals.ts';
import { NetworkingError } from './networking.ts';
import type { PoolText } from './resources/subnet.ts';

/** All addresses for hosts but the gateways'; in IPv6 also without the first, which is that of any router (RFC 4291 2.6.1). */
export function defaultPools(cidr: Prefix, gateways: Iterable<IpAddress>): readonly AddressRange[] {
  const { first, last } = hostRange(cidr);
  const isAnycast = !isIpv4(first) && cidr.length < 127;
  let pools: AddressRange[] = [{ first: isAnycast ? nextAddress(first) : first, last }];
  for (const gateway of gateways) {
    if (prefixContains(cidr, gateway)) pools = pools.flatMap((pool) => without(pool, gateway));
  }
  return pools;
}

/** Throws 400 InvalidAllocationPool, OutOfBoundsAllocationPool, 409 OverlappingAllocationPools. */
export function readPools(cidr: Prefix, texts: readonly PoolText[]): readonly AddressRange[] {
  const pools = texts.map((text) => readPool(cidr, text)).sort((a, b) => compareAddresses(a.first, b.first));
  for (const [index, pool] of pools.entries()) {
    const next = pools[index + 1];
    if (next === undefined || pool.last < next.first) continue;
    const message = `Found overlapping allocation pools: ${formatPool(pool)} ${formatPool(next)} for subnet ${formatPrefix(cidr)}.`;
    throw conflict('OverlappingAllocationPools', message);
  }
  return pools;
}

/** Throws 409 when a gateway could be given to a port. */
export function refuseGatewayInPools(pools: readonly AddressRange[], gateways: Iterable<IpAddress>): void {
  for (const gateway of gateways) {
    const pool = pools.find(
      ({ first, last }) => isIpv4(first) === isIpv4(gateway) && first <= gateway && gateway <= last,
    );
    if (pool === undefined) continue;
    const message = `Gateway ip ${formatAddress(gateway)} conflicts with allocation pool ${formatPool(pool)}.`;
    throw conflict('GatewayConflictWithAllocationPools', message);
  }
}

function readPool(cidr: Prefix, { start, end }: PoolText): AddressRange {
  const first = parseAddress(start);
  const last = parseAddress(end);
  if (first === undefined || last === undefined) throw invalidInput(`${start}-${end} is not a pool`);
  if (isIpv4(first) !== isIpv4(last) || isIpv4(first) !== isIpv4(cidr.address) || last < first)
    throw new NetworkingError(400, 'InvalidAllocationPool', `The allocation pool ${start}-${end} is not valid.`);
  if (!isHostAddress(cidr, first) || !isHostAddress(cidr, last)) {
    const message = `The allocation pool ${start}-${end} spans beyond the subnet cidr ${formatPrefix(cidr)}.`;
    throw new NetworkingError(400, 'OutOfBoundsAllocationPool', message);
  }
  return { first, last };
}

function without({ first, last }: AddressRange, address: IpAddress): AddressRange[] {
  if (address < first || address > last) return [{ first, last }];
  const parts: AddressRange[] = [];
  if (first < address) parts.push({ first, last: previousAddress(address) });
  if (address < last) parts.push({ first: nextAddress(address), last });
  return parts;
}

function formatPool({ first, last }: AddressRange): string {
  return `${formatAddress(first)}-${formatAddress(last)}`;
}
