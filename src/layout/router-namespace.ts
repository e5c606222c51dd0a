// A router: `qrouter-<id>` with a port on each of its networks, and the way out to the fip namespace
// of its external network. After Neutron's neutron/agent/l3/dvr_local_router.py.

import type { Ipv4Address } from '../model/address.ts';
import { isIpv4 } from '../model/address.ts';
import type { Network, Router } from '../model/model.ts';
import { routerNamespace, routerPortName } from '../model/names.ts';
import { addExtraRoutes } from './extra-routes.ts';
import type { FipNamespace } from './fip-namespace.ts';
import { routeFloatingIps } from './floating-ips.ts';
import { forwarding } from './forwarding.ts';
import type { HostDraft } from './host-draft.ts';
import { routerRuleset } from './nat.ts';
import { plugPort } from './plug.ts';
import { linkRouter } from './router-link.ts';
import { redirectToSnat } from './snat-redirect.ts';

/** Where a router's way out begins. */
export interface WayOut {
  readonly fip: FipNamespace;
  /** The even address of the pair for its link. */
  readonly pair: Ipv4Address;
}

export function addRouterNamespace(
  host: HostDraft,
  router: Router,
  networkOf: (id: string) => Network,
  wayOut: WayOut | undefined,
): void {
  const ports = wayOut === undefined ? router.interfaces : [...router.interfaces, wayOut.fip.gatewayPort];
  const namespace = host.addNamespace(routerNamespace(router.id), forwarding(ports));
  for (const port of router.interfaces) {
    const link = routerPortName(port.id);
    plugPort(host, namespace, link, port, networkOf(port.networkId));
    namespace.announcements.set(
      link,
      new Set(port.addresses.map(({ address }) => address).filter((address) => isIpv4(address))),
    );
  }
  namespace.ruleset = routerRuleset(router);
  const link = wayOut === undefined ? undefined : linkRouter(router.id, namespace, wayOut.fip, wayOut.pair);
  if (link !== undefined) {
    routeFloatingIps(router, link);
    redirectToSnat(router, namespace);
  }
  addExtraRoutes(router, namespace, link);
}
