// The link between a router and the fip namespace of its external network, and the routing over it
// in both: rfp- in the router, fpr- in the fip namespace. After create_rtr_2_fip_link() in Neutron's
// neutron/agent/l3/dvr_fip_ns.py.

import type { Ipv4Address, MacAddress } from '../model/address.ts';
import { addressAfter, isIpv4, linkLocalOf } from '../model/address.ts';
import type { LinkName } from '../model/names.ts';
import { fipToRouterName, routerToFipName } from '../model/names.ts';
import type { FipNamespace } from './fip-namespace.ts';
import { hasIpv6 } from './forwarding.ts';
import type { PartDraft } from './host-draft.ts';
import { everythingBehind, through } from './host-draft.ts';
import { linkMac, ROUTER_LINK } from './mac.ts';

/** Where the packets of workloads with a floating IP go (FIP_RT_TBL of dvr_fip_ns.py). */
const FIP_TABLE = 16;
/** The mark that sends a packet there. A single bit, as marks are shared with others on the host. */
export const FIP_MARK = 0x10;
/**
 * The first priority that Neutron gives to its rules of single floating IPs (FIP_PR_START of
 * dvr_fip_ns.py). It is after `main` (32766), so that a router's own subnets and routes are reached
 * without the way through the fip namespace, and before the rules that send the rest of a subnet to
 * its snat port, whose priorities are addresses.
 */
const FIP_PRIORITY = 32768;

/** A router's end of the way out. */
export interface RouterLink {
  readonly fip: FipNamespace;
  /** The link in the fip namespace. */
  readonly fipLink: LinkName;
  /** The router's address on it. */
  readonly routerAddress: Ipv4Address;
  /** The routing table for packets from the router, in the fip namespace. */
  readonly table: number;
}

/** Links a router to a fip namespace with a pair of addresses, of which `pair` is the even one. */
export function linkRouter(routerId: string, router: PartDraft, fip: FipNamespace, pair: Ipv4Address): RouterLink {
  const near = endOf(router, routerToFipName(routerId), pair, routerId);
  const far = endOf(fip.draft, fipToRouterName(routerId), addressAfter(pair, 1), routerId);
  const { mtu } = fip.network;
  addEnd(near, far, mtu);
  addEnd(far, near, mtu);

  if (hasIpv6(fip.gatewayPort)) {
    const v6Gateway = linkLocalOf(far.mac);
    router.addRoute(everythingBehind(v6Gateway), through(v6Gateway, near.link));
  }
  router.addRoute(everythingBehind(far.address), through(far.address, near.link), FIP_TABLE);
  router.addRule({ family: 4, priority: FIP_PRIORITY, table: FIP_TABLE, mark: { value: FIP_MARK, mask: FIP_MARK } });

  // Neutron numbers table and rule after the address (_get_snat_idx() of dvr_local_router.py).
  const table: number = far.address;
  fip.draft.addRule({ family: 4, priority: table, table, incoming: far.link });
  for (const gateway of fip.gatewayPort.gateways) {
    if (isIpv4(gateway)) fip.draft.addRoute(everythingBehind(gateway), through(gateway, fip.gatewayLink), table);
  }
  return { fip, fipLink: far.link, routerAddress: near.address, table };
}

interface End {
  readonly namespace: PartDraft;
  readonly link: LinkName;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
}

function endOf(namespace: PartDraft, link: LinkName, address: Ipv4Address, routerId: string): End {
  return { namespace, link, address, mac: linkMac(ROUTER_LINK, link, routerId) };
}

function addEnd(end: End, other: End, mtu: number): void {
  const { namespace, link, address, mac } = end;
  const peer = { namespace: other.namespace.name, link: other.link };
  namespace.addLink({ name: link, kind: { type: 'veth', peer }, mac, mtu });
  namespace.addAddress(link, address, 31);
  namespace.addNeighbour(link, other.address, other.mac);
}
