// Permanent neighbours (net/core/neighbour.c).

import { isIpv4, networkOf, LOOPBACK_IPV4 } from '../../../model/address.ts';
import type { Neighbour } from '../../../host/state.ts';
import type { Device } from '../device.ts';
import { dropNeighbours } from './devices.ts';
import type { Errno } from './errno.ts';

/** 0.0.0.0 */
const ANY = networkOf(LOOPBACK_IPV4, 0);

export function setNeighbour(device: Device, neighbour: Neighbour): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  // ndisc_constructor() in net/ipv6/ndisc.c
  if (!device.hasIpv6 && !isIpv4(neighbour.address)) return 'EINVAL';
  // All IPv4 neighbours of a loopback device are one: arp_constructor() in net/ipv4/arp.c.
  const isAny = device.type === 'loopback' && isIpv4(neighbour.address);
  const kept = isAny ? { ...neighbour, address: ANY } : neighbour;
  device.neighbours = new Map(device.neighbours).set(kept.address, kept);
  device.namespace.touch('neighbours');
  return undefined;
}

export function deleteNeighbour(device: Device, { address }: Neighbour): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  if (!device.neighbours.has(address)) return 'ENOENT';
  dropNeighbours(device, (other) => other === address);
  return undefined;
}
