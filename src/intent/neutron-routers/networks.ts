// Neutron sends no networks: what is known of them is in the ports of the routers.

import type { At, DraftNetwork, DraftPort, DraftSubnet } from '../../model/draft.ts';
import { linuxBridgeName } from '../../model/names.ts';
import type { LinkName } from '../../model/names.ts';
import type { NeutronPort, NeutronSubnet } from './schema.ts';

interface GatheredNetwork {
  readonly id: At<string>;
  readonly mtu: number;
  readonly subnets: Map<string, DraftSubnet>;
  external: boolean;
  agentGateway: DraftPort | undefined;
}

export class NetworkGatherer {
  readonly #networks = new Map<string, GatheredNetwork>();

  /** Takes note of the network that a port is on. */
  see({ value: port, path }: At<NeutronPort>): GatheredNetwork {
    let network = this.#networks.get(port.network_id);
    if (network === undefined) {
      const id = { value: port.network_id, path: [...path, 'network_id'] };
      network = {
        id,
        mtu: port.mtu,
        subnets: new Map<string, DraftSubnet>(),
        external: false,
        agentGateway: undefined,
      };
      this.#networks.set(port.network_id, network);
    }
    for (const key of ['subnets', 'extra_subnets'] as const) {
      for (const [index, subnet] of port[key].entries()) {
        if (!network.subnets.has(subnet.id))
          network.subnets.set(subnet.id, draftSubnet({ value: subnet, path: [...path, key, index] }));
      }
    }
    return network;
  }

  /** @param bridges bridges of networks on this host, under the network's id, where they are not those of Neutron's Linux bridge agent. */
  networks(bridges: ReadonlyMap<string, LinkName>): readonly DraftNetwork[] {
    return [...this.#networks.values()].map(({ id, mtu, subnets, external, agentGateway }) => ({
      id,
      external,
      mtu,
      plug: { driver: 'bridge', bridge: bridges.get(id.value) ?? linuxBridgeName(id.value) },
      subnets: [...subnets.values()],
      agentGateway,
      complete: true,
    }));
  }
}

function draftSubnet({ value, path }: At<NeutronSubnet>): DraftSubnet {
  const gateway = value.gateway_ip;
  return {
    id: { value: value.id, path: [...path, 'id'] },
    cidr: { value: value.cidr, path: [...path, 'cidr'] },
    gateway: gateway === null ? undefined : { value: gateway, path: [...path, 'gateway_ip'] },
  };
}
