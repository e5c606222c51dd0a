// Gateways and extra routes of routers.

import { formatAddress, formatPrefix, isIpv4 } from '../address.ts';
import type { IpAddress } from '../address.ts';
import type { Draft, DraftRouter } from '../draft.ts';
import { PrefixIndex } from '../prefix-index.ts';
import { quote } from '../problem.ts';
import type { Report } from '../problem.ts';
import type { MappedNetwork, NetworkMap } from './network-map.ts';

export function checkRouters(draft: Draft, networks: NetworkMap, report: Report): void {
  for (const router of draft.routers) {
    const reference = router.externalNetworkId;
    const external = reference === undefined ? undefined : networks.get(reference.value);
    if (reference !== undefined && external?.network.external === false) {
      const message = `the network ${quote(reference.value)} is not external, so it cannot be a router's gateway`;
      report({ code: 'BUOY_NETWORK_NOT_EXTERNAL', path: reference.path, message });
    }
    checkRoutes(router, external, report);
  }
}

function checkRoutes(router: DraftRouter, external: MappedNetwork | undefined, report: Report): void {
  const connected = new PrefixIndex<true>();
  const own = new Set<IpAddress>();
  for (const { address, subnet } of router.interfaces.flatMap((port) => port.addresses)) {
    connected.add(subnet.value, true);
    own.add(address.value);
  }
  const isConnected = (address: IpAddress): boolean =>
    connected.find(address) ?? external?.subnets.find(address) !== undefined;
  const mayReachMore = !router.complete || external?.network.complete === false;

  const destinations = new Set<string>();
  for (const { destination, nexthop } of router.routes) {
    const text = formatPrefix(destination.value);
    if (destinations.has(text)) {
      const message = `the router has a route to ${text} already`;
      report({ code: 'BUOY_DUPLICATE', path: destination.path, message, remedy: () => 'Keep one of the two routes.' });
    }
    destinations.add(text);
    const hop = formatAddress(nexthop.value);
    const complain = (message: string): void =>
      report({ code: 'BUOY_NEXTHOP_UNREACHABLE', path: nexthop.path, message });
    if (isIpv4(nexthop.value) !== isIpv4(destination.value.address)) {
      complain(`the nexthop ${hop} and the destination ${text} are of different IP versions`);
    } else if (own.has(nexthop.value)) {
      complain(`the nexthop ${hop} is the router's own address`);
    } else if (!mayReachMore && !isConnected(nexthop.value)) {
      complain(`the nexthop ${hop} is in no subnet that the router is connected to`);
    }
  }
}
