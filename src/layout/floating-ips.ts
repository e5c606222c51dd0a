import type { Router } from '../model/model.ts';
import { through } from './host-draft.ts';
import type { RouterLink } from './router-link.ts';

/** Leads a router's floating IPs to it, in the fip namespace; proxy ARP answers for what has a route. */
export function routeFloatingIps({ floatingIps }: Router, { fip, fipLink, routerAddress }: RouterLink): void {
  // One object for all of them: they are compared by it.
  fip.floatingIps.push({ floatingIps, hop: through(routerAddress, fipLink) });
}
