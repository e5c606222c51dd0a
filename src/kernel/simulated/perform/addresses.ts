// Addresses, and the routes that the kernel makes of them (net/ipv4/devinet.c, fib_frontend.c,
// net/ipv6/addrconf.c).

import type { IpAddress } from '../../../model/address.ts';
import { addressBits, isIpv4, networkOf } from '../../../model/address.ts';
import type { Address } from '../../../host/state.ts';
import type { Device } from '../device.ts';
import { dropNeighbours } from './devices.ts';
import type { Errno } from './errno.ts';
import { dropRoutes } from './routes.ts';

const PROMOTE = 'net.ipv4.conf.all.promote_secondaries';
/** `IPV6_MIN_MTU`: below it, a device has no IPv6. */
const IPV6_MIN_MTU = 1280;

/** One that is there already is left as it is; in IPv6 that is so whatever its length (inet6_addr_modify()). */
export function addAddress(device: Device, address: Address): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  const isV4 = isIpv4(address.address);
  if (address.length > addressBits(address.address)) return 'EINVAL';
  if (!isV4 && device.mtu !== undefined && device.mtu < IPV6_MIN_MTU) return 'EINVAL';
  if (!isV4 && !device.hasIpv6) return 'EACCES';
  const isThere = device.addresses.some(
    (own) => own.address === address.address && (!isV4 || own.length === address.length),
  );
  if (isThere) return undefined;
  device.addresses = [...device.addresses, address];
  device.namespace.touch('addresses');
  if (device.up && isPrimary(device, address)) addConnectedRoute(device, address);
  return undefined;
}

/**
 * With the primary address of a subnet go the others, unless they may be promoted (__inet_del_ifa()); with
 * the last IPv4 address the IPv4 routes and neighbours of the device (fib_disable_ip()).
 */
export function deleteAddress(device: Device, { address, length }: Address): Errno | undefined {
  const found = device.addresses.find((own) => own.address === address && own.length === length);
  if (!device.isThere) return 'ENODEV';
  if (found === undefined) return 'EADDRNOTAVAIL';
  const { namespace } = device;
  namespace.touch('addresses');
  const wasPrimary = isPrimary(device, found);
  device.addresses = device.addresses.filter((own) => own !== found);
  if (!isIpv4(address)) return undefined;
  if (wasPrimary) {
    const network = networkOf(address, length);
    device.connected = device.connected.filter((route) => route.network !== network || route.length !== length);
    const secondaries = device.addresses.filter((own) => isInSubnet(own, network, length));
    if (Number(namespace.sysctls.get(PROMOTE) ?? '0') === 0)
      device.addresses = device.addresses.filter((own) => !secondaries.includes(own));
    else if (secondaries[0] !== undefined && device.up) addConnectedRoute(device, secondaries[0]);
  }
  if (device.hasLocalhost || device.addresses.some((own) => isIpv4(own.address))) return undefined;
  dropRoutes(namespace, (hop, destination) => hop.link === device.name && isIpv4(destination));
  dropNeighbours(device, isIpv4);
  return undefined;
}

/** The routes of all its subnets, for a device that has come up. */
export function addConnectedRoutes(device: Device): void {
  for (const address of device.addresses) if (isPrimary(device, address)) addConnectedRoute(device, address);
}

/** The first IPv4 address of its subnet on the device. */
function isPrimary(device: Device, address: Address): boolean {
  const network = networkOf(address.address, address.length);
  return device.addresses.find((own) => isInSubnet(own, network, address.length)) === address;
}

function isInSubnet({ address, length }: Address, network: IpAddress, networkLength: number): boolean {
  return length === networkLength && networkOf(address, length) === network;
}

function addConnectedRoute(device: Device, { address, length }: Address): void {
  if (!isIpv4(address) || length === 32) return;
  const route = { network: networkOf(address, length), length, order: device.namespace.nextOrder() };
  device.connected = [...device.connected, route];
}
