// A floating IP is an address of its router's external network and leads to an address that the
// router reaches.

import { formatIpv4, formatPrefix } from '../address.ts';
import type { IpAddress, Ipv4Address, Prefix } from '../address.ts';
import type { At, Draft, DraftRouter } from '../draft.ts';
import { PrefixIndex } from '../prefix-index.ts';
import { enumerate, formatPath, quote } from '../problem.ts';
import type { Report } from '../problem.ts';
import { isHostAddress } from '../subnet.ts';
import type { MappedNetwork, NetworkMap } from './network-map.ts';

export function checkFloatingIps(draft: Draft, networks: NetworkMap, report: Report): void {
  for (const router of draft.routers) {
    checkFixedIps(router, report);
    const external = networks.get(router.externalNetworkId?.value ?? '');
    if (external !== undefined) checkAgainstNetwork(router, external, report);
    else if (router.complete) reportNoGateway(router, report);
  }
}

function reportNoGateway(router: DraftRouter, report: Report): void {
  for (const { floating } of router.floatingIps) {
    const message = `${formatIpv4(floating.value)} cannot reach the router ${quote(router.id.value)}, which has no external gateway`;
    report({ code: 'BUOY_NO_EXTERNAL_GATEWAY', path: floating.path, message });
  }
}

function checkAgainstNetwork(router: DraftRouter, { network, subnets, sorted }: MappedNetwork, report: Report): void {
  for (const { floating, networkId } of router.floatingIps) {
    const text = formatIpv4(floating.value);
    const subnet = subnets.find(floating.value);
    if (networkId !== undefined && networkId.value !== network.id.value) {
      const message = `the router ${quote(router.id.value)} has its gateway on ${quote(network.id.value)}, not on ${quote(networkId.value)}`;
      report({ code: 'BUOY_NO_EXTERNAL_GATEWAY', path: networkId.path, message });
    } else if (subnet === undefined && network.complete) {
      const message = `the floating IP ${text} is in no subnet of the network ${quote(network.id.value)} (${enumerate(sorted, formatPrefix)})`;
      report({ code: 'BUOY_ADDRESS_OUTSIDE_SUBNET', path: floating.path, message });
    } else if (subnet !== undefined && !isHostAddress(subnet, floating.value)) {
      const message = `the floating IP ${text} is the network or broadcast address of ${formatPrefix(subnet)}`;
      report({ code: 'BUOY_ADDRESS_UNUSABLE', path: floating.path, message });
    }
  }
}

function checkFixedIps(router: DraftRouter, report: Report): void {
  const reached: Prefix[] = [];
  const index = new PrefixIndex<Prefix>();
  const own = new Set<IpAddress>();
  for (const { address, subnet } of router.interfaces.flatMap((port) => port.addresses)) {
    reached.push(subnet.value);
    index.add(subnet.value, subnet.value);
    own.add(address.value);
  }
  const translated = new Map<Ipv4Address, At<Ipv4Address>>();
  for (const { floating, fixed } of router.floatingIps) {
    const text = formatIpv4(fixed.value);
    const subnet = index.find(fixed.value);
    if (subnet === undefined && router.complete) {
      const message = `no interface of the router ${quote(router.id.value)} (${enumerate(reached, formatPrefix)}) reaches the fixed IP ${text}`;
      report({ code: 'BUOY_FIXED_IP_UNREACHABLE', path: fixed.path, message });
    } else if (subnet !== undefined && !isHostAddress(subnet, fixed.value)) {
      const message = `the fixed IP ${text} is the network or broadcast address of ${formatPrefix(subnet)}`;
      report({ code: 'BUOY_ADDRESS_UNUSABLE', path: fixed.path, message });
    } else if (own.has(fixed.value)) {
      const message = `the fixed IP ${text} is the router's own address`;
      report({ code: 'BUOY_ADDRESS_IN_USE', path: fixed.path, message });
    }
    const first = translated.get(fixed.value);
    if (first === undefined) translated.set(fixed.value, floating);
    else {
      const message = `the fixed IP ${text} has the floating IP ${formatIpv4(first.value)} already, at ${formatPath(first.path)}`;
      report({ code: 'BUOY_ADDRESS_IN_USE', path: fixed.path, message });
    }
  }
}
