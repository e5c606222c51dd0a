// IPv6 on and off (addrconf_disable_ipv6() in net/ipv6/addrconf.c).

import { isIpv4 } from '../../../model/address.ts';
import type { Device } from '../device.ts';
import type { SimulatedNamespace } from '../namespace.ts';
import { dropNeighbours } from './devices.ts';
import { dropRoutes } from './routes.ts';

export const ALL_DISABLE_IPV6 = 'net.ipv6.conf.all.disable_ipv6';

/** For all devices of a namespace. Those to come are born as these are then. */
export function switchAllIpv6(namespace: SimulatedNamespace, isOn: boolean): void {
  namespace.givesIpv6 = isOn;
  for (const device of namespace.devices.values()) switchIpv6(device, isOn);
}

/** What is of IPv6 on a device goes with it. */
export function switchIpv6(device: Device, isOn: boolean): void {
  if (device.hasIpv6 === isOn) return;
  device.hasIpv6 = isOn;
  device.namespace.touch('addresses');
  if (isOn) return;
  device.linkLocal = undefined;
  device.addresses = device.addresses.filter(({ address }) => isIpv4(address));
  dropNeighbours(device, (address) => !isIpv4(address));
  dropRoutes(device.namespace, (hop, destination) => hop.link === device.name && !isIpv4(destination));
}
