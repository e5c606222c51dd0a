// The entries of a file joined to a draft: subnets to their networks, interfaces to their subnets,
// floating IPs to their routers.

import type { IpAddress } from '../../model/address.ts';
import type { At, Draft, DraftNetwork } from '../../model/draft.ts';
import type { Report } from '../../model/problem.ts';
import { agentGatewayOf } from './agent-gateway.ts';
import { Directory } from './directory.ts';
import type { Entries, Identified } from './entries.ts';
import { assignFloatingIps } from './floating-ips.ts';
import { plugNetworks } from './plugs.ts';
import type { PluggedNetwork } from './plugs.ts';
import { connectRouters } from './routers.ts';
import type { ConnectedRouter } from './routers.ts';
import { isComplete, joinSubnets } from './subnets.ts';
import type { Subnets } from './subnets.ts';

const DEFAULT_MTU = 1500;

export function draftOf(entries: Entries, report: Report): Draft {
  const networkList = plugNetworks(entries.networks, entries.defaults, report);
  const networks = new Directory('network', networkList, report);
  const subnetEntries = new Directory('subnet', entries.subnets, report);
  const subnets = joinSubnets(entries.subnets, networks, report);
  const found = { networks, subnetEntries, subnets };
  const routers = connectRouters(entries.routers, found, report);
  const floatingIpsOf = assignFloatingIps({ ...entries, networks: networkList }, routers, found, report);

  const used = usedAddresses(entries, subnets, routers);
  const gatewayNetworks = new Set(routers.map((router) => router.externalNetworkId?.value));
  const firstNetworks = firstsById(networkList.entries);
  const firstRouters = firstsById(routers);
  return {
    networks: networkList.entries.map((entry): DraftNetwork => {
      const { value, id } = entry;
      const own = firstNetworks.has(entry) ? (subnets.byNetwork.get(id.value) ?? []) : [];
      const external = value['router:external'] ?? false;
      const mtu = value.mtu ?? entries.defaults.mtu ?? DEFAULT_MTU;
      if (!external) refuseAgentGateway(entry, report);
      const hasGateway = external && gatewayNetworks.has(id.value);
      const complete = isComplete(subnets, id.value);
      const agentGateway = hasGateway ? agentGatewayOf(entry, own, used, complete, report) : undefined;
      return { id, external, mtu, plug: value.plug, subnets: own, agentGateway, complete };
    }),
    routers: routers.map((router) => ({
      ...router,
      floatingIps: firstRouters.has(router) ? (floatingIpsOf.get(router.id.value) ?? []) : [],
    })),
  };
}

/** Of several with one id, which is an error of its own, the first has what belongs to the id. */
function firstsById<T extends { readonly id: At<string> }>(items: readonly T[]): ReadonlySet<T> {
  return new Set(new Map(items.toReversed().map((item) => [item.id.value, item])).values());
}

/** All addresses that the file gives to something, on whatever network. */
function usedAddresses(
  entries: Entries,
  subnets: Subnets,
  routers: readonly ConnectedRouter[],
): ReadonlySet<IpAddress> {
  const used = new Set<IpAddress>();
  for (const { value } of entries.floatingIps) used.add(value.floating_ip_address);
  for (const { gateway } of subnets.byId.values()) if (gateway !== undefined) used.add(gateway.value);
  for (const port of routers.flatMap((router) => router.interfaces)) {
    for (const { address } of port.addresses) used.add(address.value);
  }
  return used;
}

function refuseAgentGateway({ value, path }: Identified<PluggedNetwork>, report: Report): void {
  for (const key of ['agent_gateway_ip', 'agent_gateway_mac'] as const) {
    if (value[key] === undefined) continue;
    const message = `a network that is not external has no ${key}`;
    report({ code: 'BUOY_NETWORK_NOT_EXTERNAL', path: [...path, key], atKey: true, message });
  }
}
