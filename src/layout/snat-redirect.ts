import type { Router } from '../model/model.ts';
import { isIpv4, networkOf, prefixContains } from '../model/address.ts';
import { routerPortName } from '../model/names.ts';
import type { PartDraft } from './host-draft.ts';
import { everythingBehind, through } from './host-draft.ts';

/**
 * Sends what a subnet's workloads without a floating IP have for the outside to the subnet's snat
 * port, on whichever host that is. Rule and table have the number of the router's address in the
 * subnet (_snat_redirect_modify() and _get_snat_idx() of Neutron's dvr_local_router.py).
 */
export function redirectToSnat(router: Router, namespace: PartDraft): void {
  for (const snatPort of router.snatPorts) {
    for (const port of router.interfaces.filter(({ networkId }) => networkId === snatPort.networkId)) {
      const link = routerPortName(port.id);
      for (const { address, length } of port.addresses) {
        const subnet = { address: networkOf(address, length), length };
        if (!isIpv4(address) || !prefixContains(subnet, snatPort.address)) continue;
        namespace.addNeighbour(link, snatPort.address, snatPort.mac);
        namespace.addRoute(everythingBehind(snatPort.address), through(snatPort.address, link), address);
        namespace.addRule({ family: 4, priority: address, table: address, from: subnet });
      }
    }
  }
}
