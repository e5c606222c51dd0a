import type { MacAddress } from '../model/address.ts';
import type { Draft, DraftNetwork, DraftPort, DraftRouter } from '../model/draft.ts';
import { portsOf } from '../model/draft.ts';
import { deriveMac } from '../model/mac.ts';
import type { Model, Network, Port, Router } from '../model/model.ts';

/**
 * The Model of a draft that `validate` has no problem with. Ports without a MAC address get one
 * derived from their id, different from all others on their network.
 */
export function buildModel(draft: Draft): Model {
  const macOf = macGiver(draft);
  return {
    networks: new Map(draft.networks.map((network) => [network.id.value, buildNetwork(network, macOf)])),
    routers: new Map(draft.routers.map((router) => [router.id.value, buildRouter(router, macOf)])),
  };
}

type MacOf = (port: DraftPort) => MacAddress;

function macGiver(draft: Draft): MacOf {
  const takenOn = new Map<string, Set<MacAddress>>();
  const take = (networkId: string, mac: MacAddress): MacAddress => {
    const taken = takenOn.get(networkId);
    if (taken === undefined) takenOn.set(networkId, new Set([mac]));
    else taken.add(mac);
    return mac;
  };
  for (const { networkId, mac } of portsOf(draft)) {
    if (mac !== undefined) take(networkId, mac.value);
  }
  return ({ id, networkId, mac }) =>
    mac?.value ?? take(networkId, deriveMac(id.value, takenOn.get(networkId) ?? new Set()));
}

function buildNetwork({ id, external, mtu, plug, agentGateway }: DraftNetwork, macOf: MacOf): Network {
  const network = { id: id.value, external, mtu, plug };
  return agentGateway === undefined ? network : { ...network, agentGateway: buildPort(agentGateway, macOf) };
}

function buildRouter(draft: DraftRouter, macOf: MacOf): Router {
  const router = {
    id: draft.id.value,
    interfaces: draft.interfaces.map((port) => buildPort(port, macOf)),
    routes: draft.routes.map(({ destination, nexthop }) => ({
      destination: destination.value,
      nexthop: nexthop.value,
    })),
    floatingIps: new Map(
      draft.floatingIps.map(({ floating, fixed }) => [
        floating.value,
        { floating: floating.value, fixed: fixed.value },
      ]),
    ),
    snatPorts: draft.snatPorts,
  };
  return draft.externalNetworkId === undefined
    ? router
    : { ...router, externalNetworkId: draft.externalNetworkId.value };
}

function buildPort(port: DraftPort, macOf: MacOf): Port {
  return {
    id: port.id.value,
    networkId: port.networkId,
    mac: macOf(port),
    addresses: port.addresses.map(({ address, subnet }) => ({ address: address.value, length: subnet.value.length })),
    gateways: port.gateways,
    extraSubnets: port.extraSubnets,
  };
}
