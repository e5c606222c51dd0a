// What a store holds as a draft, so that `validate` can judge the Model that the store made by itself.

import type { Networking, Resource } from '../../src/intent/store/index.ts';
import { networkOf, parseAddress, parsePrefix } from '../../src/model/address.ts';
import type { At, Draft, DraftPort, DraftSubnet } from '../../src/model/draft.ts';
import type { Port } from '../../src/model/model.ts';
import { must } from './must.ts';
import { all } from './stores.ts';

export function draftOfStore(store: Networking): Draft {
  const model = store.model();
  const subnets = all(store, 'subnets');
  return {
    networks: [...model.networks.values()].map(({ id, external, mtu, plug, agentGateway }) => ({
      id: at(id),
      external,
      mtu,
      plug,
      subnets: subnets.filter((subnet) => subnet['network_id'] === id).map(subnetOf),
      agentGateway: agentGateway === undefined ? undefined : portOf(agentGateway),
      complete: true,
    })),
    routers: [...model.routers.values()].map((router) => ({
      id: at(router.id),
      externalNetworkId: router.externalNetworkId === undefined ? undefined : at(router.externalNetworkId),
      interfaces: router.interfaces.map(portOf),
      routes: router.routes.map((route) => ({ destination: at(route.destination), nexthop: at(route.nexthop) })),
      floatingIps: [...router.floatingIps.values()].map(({ floating, fixed }) => ({
        floating: at(floating),
        fixed: at(fixed),
        networkId: undefined,
      })),
      snatPorts: router.snatPorts,
      complete: true,
    })),
  };
}

function subnetOf({ id, cidr, gateway_ip: gateway }: Resource): DraftSubnet {
  return {
    id: at(id),
    cidr: at(must(parsePrefix(typeof cidr === 'string' ? cidr : ''))),
    gateway: typeof gateway === 'string' ? at(must(parseAddress(gateway))) : undefined,
  };
}

function portOf({ id, networkId, mac, addresses, gateways, extraSubnets }: Port): DraftPort {
  return {
    id: at(id),
    networkId,
    mac: at(mac),
    addresses: addresses.map(({ address, length }) => ({
      address: at(address),
      subnet: at({ address: networkOf(address, length), length }),
    })),
    gateways,
    extraSubnets,
  };
}

function at<T>(value: T): At<T> {
  return { value, path: [] };
}
