// What the routers of one external network share on a host: `fip-<network>` with the port `fg-`
// that answers ARP for their floating IPs. Nothing of a single router is here (router-link.ts,
// floating-ips.ts). After Neutron's neutron/agent/l3/dvr_fip_ns.py.

import type { IpAddress, Ipv4Address } from '../model/address.ts';
import { addressBits, isIpv4, networkOf, prefixContains } from '../model/address.ts';
import type { Network, Port, Router } from '../model/model.ts';
import type { LinkName } from '../model/names.ts';
import { fipGatewayName, fipNamespace } from '../model/names.ts';
import type { Ruleset } from '../host/ruleset.ts';
import type { NextHop, RouteTable } from '../host/state.ts';
import { MAIN_TABLE } from '../host/state.ts';
import { linkSysctls } from '../host/sysctls.ts';
import { Announcement } from './announcement.ts';
import { DerivedMap } from './derived-map.ts';
import { forwarding } from './forwarding.ts';
import type { HostDraft, PartDraft } from './host-draft.ts';
import { everythingBehind, onLink, through } from './host-draft.ts';
import { plugPort } from './plug.ts';

/** That of all gateway ports of a namespace; links to routers have none. */
const EXTERNAL_MEDIUM = '1';

/** Packets only pass through here, and the router has translated them or will: no connections are tracked. */
const NO_TRACKING: Ruleset = {
  chains: new Map([['raw', { type: 'filter', hook: 'prerouting', priority: -300, rules: [[{ kind: 'notrack' }]] }]]),
  sets: new Map(),
};

/** A fip namespace that routers can be linked to. */
export interface FipNamespace {
  readonly network: Network;
  readonly gatewayPort: Port;
  readonly draft: PartDraft;
  readonly gatewayLink: LinkName;
  /** The floating IPs of each router, and where they lead. */
  readonly floatingIps: FloatingRoutes[];
}

export interface FloatingRoutes {
  readonly floatingIps: Router['floatingIps'];
  readonly hop: NextHop;
}

/** All that its routers share. */
export function addFipNamespace(host: HostDraft, network: Network, gatewayPort: Port): FipNamespace {
  const draft = host.addNamespace(fipNamespace(network.id), [
    ...forwarding([gatewayPort]),
    ['net.ipv4.ip_nonlocal_bind', '1'],
  ]);
  const gatewayLink = fipGatewayName(gatewayPort.id);
  plugPort(host, draft, gatewayLink, gatewayPort, network);
  const { mediumId, proxyArp, proxyDelay } = linkSysctls(gatewayLink);
  // While a port is replaced there are two on one network, and the old one leads to all addresses of it.
  draft.sysctls.set(mediumId, EXTERNAL_MEDIUM);
  // No delay: answered at once (arp_process() in net/ipv4/arp.c). Neutron's 1 is a tick of 1/100 s, which
  // is not a whole number of the kernel's own ticks at 250 Hz: it would read back as 0, and never be equal.
  draft.sysctls.set(proxyArp, '1').set(proxyDelay, '0');
  for (const gateway of gatewayPort.gateways) {
    if (!isOnLink(gatewayPort, gateway))
      draft.addRoute({ address: gateway, length: addressBits(gateway) }, onLink(gatewayLink));
    // IPv4's default routes are in the routers' own tables.
    if (!isIpv4(gateway)) draft.addRoute(everythingBehind(gateway), through(gateway, gatewayLink));
  }
  draft.ruleset = NO_TRACKING;
  const own = gatewayPort.addresses.map(({ address }) => address).filter((address) => isIpv4(address));
  return leadingToRouters(draft, network, gatewayPort, own);
}

/** Nothing of what its routers share: for what a single one has in it. */
export function addFipNamespacePart(host: HostDraft, network: Network, gatewayPort: Port): FipNamespace {
  return leadingToRouters(host.addPart(fipNamespace(network.id)), network, gatewayPort, []);
}

function leadingToRouters(
  draft: PartDraft,
  network: Network,
  gatewayPort: Port,
  own: readonly Ipv4Address[],
): FipNamespace {
  const gatewayLink = fipGatewayName(gatewayPort.id);
  const floatingIps: FloatingRoutes[] = [];
  const { prefixes, hosts: onLinkHosts } = draft.table(MAIN_TABLE);
  const hosts = hostRoutes(onLinkHosts, floatingIps);
  draft.routes.set(MAIN_TABLE, { prefixes, hosts });
  draft.announcements.set(gatewayLink, new Announcement(own, hosts));
  return { network, gatewayPort, draft, gatewayLink, floatingIps };
}

function hostRoutes(
  onLinkHosts: ReadonlyMap<Ipv4Address, NextHop>,
  routers: readonly FloatingRoutes[],
): RouteTable['hosts'] {
  const size = (): number => routers.reduce((sum, { floatingIps }) => sum + floatingIps.size, onLinkHosts.size);
  const walk = (visit: (hop: NextHop, destination: Ipv4Address) => void): void => {
    onLinkHosts.forEach(visit);
    for (const { floatingIps, hop } of routers) floatingIps.forEach((_, floating) => visit(hop, floating));
  };
  const find = (destination: Ipv4Address): NextHop | undefined =>
    onLinkHosts.get(destination) ?? routers.find(({ floatingIps }) => floatingIps.has(destination))?.hop;
  return new DerivedMap(size, walk, find);
}

/** Whether the port has a route to the address by itself. */
export function isOnLink(port: Port, address: IpAddress): boolean {
  return (
    (!isIpv4(address) && networkOf(address, 10) === LINK_LOCAL6) ||
    port.addresses.some((own) =>
      prefixContains({ address: networkOf(own.address, own.length), length: own.length }, address),
    ) ||
    port.extraSubnets.some((subnet) => prefixContains(subnet, address))
  );
}

/** fe80::/10, on every link (RFC 4291 section 2.5.6). */
const LINK_LOCAL6 = 0xfe80n << 112n;
