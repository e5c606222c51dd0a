// Networks and subnets: what is made or changed first, and what goes last.

import { NETWORKS, SUBNETS } from '../agent/resource-types.ts';
import type { Subnet } from '../agent/resource-types.ts';
import type { Call } from './call.ts';
import { deletion, Ref, update } from './call.ts';
import type { Matches } from './match.ts';
import { refOf } from './match.ts';
import type { Stored } from './stored.ts';
import { isOfFile } from './stored.ts';
import type { Pool } from './wanted.ts';

/** New networks, and what changes of those that are there; one that becomes internal does so when nothing needs it any more. */
export function networkCalls({ networks }: Matches): readonly Call[] {
  return [...networks.values()].flatMap(({ wanted, stored, ref }): readonly Call[] => {
    const { name, mtu, isExternal, physicalNetwork } = wanted;
    if (stored === undefined) {
      const provider = { 'provider:network_type': 'flat', 'provider:physical_network': physicalNetwork };
      const attributes = { name, 'router:external': isExternal, mtu, ...provider };
      return [{ action: 'create', type: NETWORKS, target: ref, attributes }];
    }
    return update(NETWORKS, ref, {
      ...(stored.name !== name && { name }),
      ...(stored.mtu !== mtu && { mtu }),
      ...(isExternal && !stored['router:external'] && { 'router:external': true }),
    });
  });
}

export function subnetCalls({ subnets, networks }: Matches): readonly Call[] {
  return [...subnets.values()].flatMap(({ wanted, stored, ref }): readonly Call[] => {
    const { name, cidr, gateway, pools } = wanted;
    if (stored === undefined) {
      const attributes = {
        network_id: refOf(networks, wanted.network),
        name,
        ip_version: cidr.includes(':') ? 6 : 4,
        cidr,
        gateway_ip: gateway,
        allocation_pools: pools,
      };
      return [{ action: 'create', type: SUBNETS, target: ref, attributes }];
    }
    const isSameGateway = stored.gateway_ip === gateway;
    return update(SUBNETS, ref, {
      ...(stored.name !== name && { name }),
      ...(isSameGateway && !arePools(stored.allocation_pools, pools) && { allocation_pools: pools }),
    });
  });
}

/** New gateways of subnets, when no router has the former ones any more. A gateway is in no pool, neither before nor after. */
export function gatewayCalls({ subnets }: Matches): readonly Call[] {
  return [...subnets.values()].flatMap(({ wanted, stored, ref }): readonly Call[] => {
    if (stored === undefined || stored.gateway_ip === wanted.gateway) return [];
    return [
      ...update(SUBNETS, ref, { allocation_pools: [] }),
      ...update(SUBNETS, ref, { gateway_ip: wanted.gateway }),
      ...update(SUBNETS, ref, { allocation_pools: wanted.pools }),
    ];
  });
}

/** What the file does not name any more. Subnets go with their networks. */
export function lastNetworkCalls({ networks, subnets }: Matches, stored: Stored): readonly Call[] {
  const kept = new Set([...networks.values(), ...subnets.values()].map(({ ref }) => ref.id));
  const goneNetworks = stored.networks.filter((network) => isOfFile(network) && !kept.has(network.id));
  const goneNetworkIds = new Set(goneNetworks.map(({ id }) => id));
  const goneSubnets = stored.subnets.filter(
    (subnet) => isOfFile(subnet) && !kept.has(subnet.id) && !goneNetworkIds.has(subnet.network_id),
  );
  const internal = [...networks.values()].filter(
    (each) => each.stored?.['router:external'] === true && !each.wanted.isExternal,
  );
  return [
    ...goneSubnets.map(({ id, name }): Call => deletion(SUBNETS, new Ref(`subnet ${name}`, id))),
    ...goneNetworks.map(({ id, name }): Call => deletion(NETWORKS, new Ref(`network ${name}`, id))),
    ...internal.flatMap(({ ref }) => update(NETWORKS, ref, { 'router:external': false })),
  ];
}

function arePools(stored: Subnet['allocation_pools'], wanted: readonly Pool[]): boolean {
  return (
    stored.length === wanted.length &&
    wanted.every(({ start, end }, index) => stored[index]?.start === start && stored[index]?.end === end)
  );
}
