// Addresses that a model leaves free, for machines that the model knows nothing of.

import type { IpAddress, Ipv4Address, Prefix } from '../model/address.ts';
import { isIpv4, networkOf } from '../model/address.ts';
import type { Model, Port } from '../model/model.ts';
import { hostRange, isHostAddress, previousAddress } from '../model/subnet.ts';

/** The highest address for hosts in a prefix that is not used; undefined where all are, or for IPv6. */
export function freeAddress(prefix: Prefix, used: ReadonlySet<IpAddress>): Ipv4Address | undefined {
  let address = hostRange(prefix).last;
  while (isHostAddress(prefix, address) && used.has(address)) address = previousAddress(address);
  return isIpv4(address) && isHostAddress(prefix, address) ? address : undefined;
}

/** All addresses that the models name, of whatever network: more than need be avoided, never fewer. */
export function usedAddresses(models: readonly Model[]): Set<IpAddress> {
  const used = new Set<IpAddress>();
  const addPort = (port: Port): void => {
    for (const { address } of port.addresses) used.add(address);
    for (const gateway of port.gateways) used.add(gateway);
  };
  for (const { networks, routers } of models) {
    for (const { agentGateway } of networks.values()) if (agentGateway !== undefined) addPort(agentGateway);
    for (const router of routers.values()) {
      router.interfaces.forEach(addPort);
      for (const { address } of router.snatPorts) used.add(address);
      for (const { nexthop } of router.routes) used.add(nexthop);
      for (const { floating, fixed } of router.floatingIps.values()) used.add(floating).add(fixed);
    }
  }
  return used;
}

/** The prefix that an address on a device is in. */
export function prefixOf({ address, length }: { readonly address: IpAddress; readonly length: number }): Prefix {
  return { address: networkOf(address, length), length };
}
