// Within one network, an address and a MAC address belong to one port only.

import { formatAddress, formatPrefix, prefixContains } from '../address.ts';
import type { IpAddress, MacAddress } from '../address.ts';
import type { Draft, DraftAddress, DraftNetwork, DraftPort } from '../draft.ts';
import { quote } from '../problem.ts';
import type { Report } from '../problem.ts';
import { isHostAddress } from '../subnet.ts';

/** What is known to be on a network: who has an address, by a phrase that follows "in use by". */
interface Occupants {
  readonly addresses: Map<IpAddress, string>;
  /** Gateways that may still turn out to be a router's own interface. */
  readonly gateways: Set<IpAddress>;
  readonly macs: Map<MacAddress, string>;
}

export function checkAddresses(draft: Draft, report: Report): void {
  const occupantsOf = new Map<string, Occupants>();
  for (const network of draft.networks) occupantsOf.set(network.id.value, gatewaysOf(network));

  for (const { id, agentGateway } of draft.networks) {
    const occupants = occupantsOf.get(id.value);
    if (agentGateway === undefined || occupants === undefined) continue;
    for (const address of agentGateway.addresses) {
      checkHostAddress(address, report);
      occupy(occupants, address.address, "this host's gateway port", report);
    }
    occupyMac(occupants, agentGateway, "this host's gateway port", report);
  }

  for (const router of draft.routers) {
    const owner = `an interface of the router ${quote(router.id.value)}`;
    for (const port of router.interfaces) {
      const occupants = occupantsOf.get(port.networkId);
      if (occupants === undefined) continue;
      for (const address of port.addresses) {
        checkHostAddress(address, report);
        const { value } = address.address;
        if (occupants.gateways.delete(value)) occupants.addresses.set(value, owner);
        else occupy(occupants, address.address, owner, report);
      }
      occupyMac(occupants, port, owner, report);
    }
  }

  for (const router of draft.routers) {
    const occupants = occupantsOf.get(router.externalNetworkId?.value ?? '');
    if (occupants === undefined) continue;
    for (const { floating } of router.floatingIps) {
      occupy(occupants, floating, `a floating IP of the router ${quote(router.id.value)}`, report);
    }
  }
}

function gatewaysOf(network: DraftNetwork): Occupants {
  const addresses = new Map<IpAddress, string>();
  for (const { id, gateway } of network.subnets) {
    if (gateway !== undefined) addresses.set(gateway.value, `the gateway of the subnet ${quote(id.value)}`);
  }
  return { addresses, gateways: new Set(addresses.keys()), macs: new Map<MacAddress, string>() };
}

function occupy(occupants: Occupants, address: DraftAddress['address'], owner: string, report: Report): void {
  const other = occupants.addresses.get(address.value);
  if (other === undefined) occupants.addresses.set(address.value, owner);
  else {
    const message = `${formatAddress(address.value)} is already in use by ${other}`;
    report({ code: 'BUOY_ADDRESS_IN_USE', path: address.path, message });
  }
}

function occupyMac(occupants: Occupants, port: DraftPort, owner: string, report: Report): void {
  const { mac } = port;
  if (mac === undefined) return;
  const other = occupants.macs.get(mac.value);
  if (other === undefined) occupants.macs.set(mac.value, owner);
  else {
    const message = `${mac.value} is already in use by ${other}`;
    report({ code: 'BUOY_ADDRESS_IN_USE', path: mac.path, message });
  }
}

function checkHostAddress({ address, subnet }: DraftAddress, report: Report): void {
  if (isHostAddress(subnet.value, address.value)) return;
  const text = formatAddress(address.value);
  const cidr = formatPrefix(subnet.value);
  const inside = prefixContains(subnet.value, address.value);
  report({
    code: inside ? 'BUOY_ADDRESS_UNUSABLE' : 'BUOY_ADDRESS_OUTSIDE_SUBNET',
    path: address.path,
    message: inside ? `${text} is the network or broadcast address of ${cidr}` : `${text} is not in the subnet ${cidr}`,
  });
}
