// Who is outside: on every external network the gateway, with the Internet behind it, and whoever
// else routers' extra routes lead over.

import { hostRange } from '../model/subnet.ts';
import type { IpAddress, Ipv4Address, Prefix } from '../model/address.ts';
import { isIpv4, parseIpv4, parsePrefix, prefixContains, prefixesOverlap } from '../model/address.ts';
import type { Model, Network, Port, PortAddress } from '../model/model.ts';
import { freeAddress, prefixOf, usedAddresses } from './free-address.ts';
import type { Machine } from './machine.ts';
import { bridgeOf, machineNamespace } from './machine.ts';

/** What the Internet is played by: networks for documentation and benchmarks (RFC 5737, RFC 2544). */
const FAR_NETWORKS = ['198.51.100', '192.0.2', '198.18.0', '203.0.113'];
const FIRST_FAR_HOST = 10;
const HOST_LENGTH = 32;

/** The gateway of each network with a port of this host, in the order of the networks. */
export function outsideHosts(models: readonly Model[], networks: ReadonlyMap<string, Network>): Machine[] {
  const used = usedAddresses(models);
  const far = farAddresses(models);
  const external = [...networks.values()].filter((network) => network.agentGateway !== undefined);
  return external.flatMap((network, index) => {
    const name = external.length === 1 ? 'outside' : `outside-${index + 1}`;
    const ports = models.flatMap((model) => model.networks.get(network.id)?.agentGateway ?? []);
    const host = outsideHost(name, network, ports, used, far[index]);
    return host === undefined ? [] : [host];
  });
}

/** A machine at every nexthop of an extra route that is on an external network, and of no gateway. */
export function outsideNexthops(models: readonly Model[], networks: ReadonlyMap<string, Network>): Machine[] {
  const machines = new Map<string, Machine>();
  for (const model of models) {
    for (const { externalNetworkId, routes } of model.routers.values()) {
      const network = networks.get(externalNetworkId ?? '');
      const port = model.networks.get(externalNetworkId ?? '')?.agentGateway;
      if (network === undefined || port === undefined) continue;
      for (const { destination, nexthop } of routes) {
        const subnet = subnetsOf(port).find((prefix) => prefixContains(prefix, nexthop));
        const { first } = hostRange(destination);
        if (subnet === undefined || !isIpv4(nexthop) || !isIpv4(first) || port.gateways.includes(nexthop)) continue;
        const name = `nexthop-${machines.size + 1}`;
        const addresses = [{ address: nexthop, length: subnet.length }];
        const { id: networkId, mtu } = network;
        const place = { name, namespace: machineNamespace(name), networkId, bridge: bridgeOf(network), mtu };
        machines.set(`${networkId} ${nexthop}`, { ...place, address: nexthop, addresses, behind: [first], routes: [] });
      }
    }
  }
  return [...machines.values()];
}

/** Undefined when nobody could be there: no gateway, and no free address. */
function outsideHost(
  name: string,
  network: Network,
  ports: readonly Port[],
  used: Set<IpAddress>,
  far: Ipv4Address | undefined,
): Machine | undefined {
  const onLink = ports.flatMap(subnetsOf).filter((prefix) => isIpv4(prefix.address));
  const gateways = new Set(ports.flatMap((port) => port.gateways).filter(isIpv4));
  const addresses =
    gateways.size > 0 ? [...gateways] : onLink.flatMap((prefix) => freeAddress(prefix, used) ?? []).slice(0, 1);
  const [address] = addresses;
  if (address === undefined) return undefined;
  used.add(address);
  return {
    name,
    namespace: machineNamespace(name),
    networkId: network.id,
    bridge: bridgeOf(network),
    mtu: network.mtu,
    address,
    addresses: addresses.map((own) => placed(own, onLink)),
    // Without a gateway to go through, nothing beyond the link can be reached.
    behind: gateways.size > 0 && far !== undefined ? [far] : [],
    // The kernel makes the routes to the subnets that its addresses are in.
    routes: onLink
      .filter((subnet) => !addresses.some((own) => prefixContains(subnet, own)))
      .map((destination) => ({ destination, gateway: undefined })),
  };
}

/** An address with the length of its subnet; a gateway outside of every subnet stands alone. */
function placed(address: Ipv4Address, subnets: readonly Prefix[]): PortAddress {
  return { address, length: subnets.find((subnet) => prefixContains(subnet, address))?.length ?? HOST_LENGTH };
}

/** An address for each external network, all in a network that no port of the models is in. */
function farAddresses(models: readonly Model[]): Ipv4Address[] {
  const ports = models.flatMap((model) => [
    ...[...model.networks.values()].flatMap((network) => network.agentGateway ?? []),
    ...[...model.routers.values()].flatMap((router) => router.interfaces),
  ]);
  const taken = ports.flatMap(subnetsOf);
  const base = FAR_NETWORKS.find((text) => {
    const prefix = parsePrefix(`${text}.0/24`);
    return prefix !== undefined && !taken.some((other) => prefixesOverlap(prefix, other));
  });
  const hosts = models.flatMap((model) => [...model.networks.keys()]);
  return base === undefined ? [] : hosts.flatMap((_, index) => parseIpv4(`${base}.${FIRST_FAR_HOST + index}`) ?? []);
}

function subnetsOf(port: Port): Prefix[] {
  return [...port.addresses.map(prefixOf), ...port.extraSubnets];
}
