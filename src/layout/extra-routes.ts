import { isIpv4 } from '../model/address.ts';
import type { Port, Router } from '../model/model.ts';
import { routerPortName } from '../model/names.ts';
import { isOnLink } from './fip-namespace.ts';
import type { PartDraft } from './host-draft.ts';
import { through } from './host-draft.ts';
import type { RouterLink } from './router-link.ts';

/**
 * The router's extra routes: one whose nexthop is on the external network goes into the router's
 * table in the fip namespace (_update_fip_route_table_with_next_hop_routes() of Neutron's
 * dvr_local_router.py), any other to the port that reaches the nexthop. A nexthop that nothing here
 * reaches is none: as in Neutron, where the route may be for the host with the router's snat
 * namespace. IPv6 is not routed by tables of single routers in the fip namespace.
 */
export function addExtraRoutes(router: Router, namespace: PartDraft, link: RouterLink | undefined): void {
  for (const { destination, nexthop } of router.routes) {
    const reaches = (port: Port): boolean => isOnLink(port, nexthop);
    if (link !== undefined && isIpv4(nexthop) && reaches(link.fip.gatewayPort)) {
      link.fip.draft.addRoute(destination, through(nexthop, link.fip.gatewayLink), link.table);
      continue;
    }
    const port = router.interfaces.find(reaches);
    if (port !== undefined) namespace.addRoute(destination, through(nexthop, routerPortName(port.id)));
  }
}
