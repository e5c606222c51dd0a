// A YAML file as what is wanted of an agent. What its API has no words for is a problem with its place.

import type { YamlDraft } from '../../intent/index.ts';
import type { SubnetEntry } from '../../intent/yaml-file/schema.ts';
import {
  compareAddresses,
  formatAddress,
  formatIpv4,
  formatPrefix,
  isIpv4,
  prefixContains,
} from '../../model/address.ts';
import type { IpAddress } from '../../model/address.ts';
import type { DraftPort, DraftRouter } from '../../model/draft.ts';
import type { Plug } from '../../model/model.ts';
import { enumerate, quote } from '../../model/problem.ts';
import type { Path, Problem, Report } from '../../model/problem.ts';
import type { AddressRange } from '../../model/subnet.ts';
import { hostRange, nextAddress, previousAddress } from '../../model/subnet.ts';
import type { AgentDocument } from '../agent/agent-client.ts';
import type { Pool, Wanted, WantedFloatingIp, WantedInterface, WantedNetwork, WantedSubnet } from './wanted.ts';

type PhysicalNetworks = NonNullable<AgentDocument['configurations']['physical_networks']>;

/** `physicalNetworks`: how the agent reaches networks, by its own names for that. */
export function readWanted(file: YamlDraft, physicalNetworks: PhysicalNetworks, report: Report): Wanted {
  const { draft, entries } = file;
  const connections = connectionsOf(file);
  refuseSameNames('network', entries.networks.entries, report);
  refuseSameNames('router', entries.routers.entries, report);
  const all: Wanted = {
    networks: networksOf(file, physicalNetworks, report),
    subnets: subnetsOf(file),
    routers: draft.routers.map((router, index) => {
      const entry = entries.routers.entries[index];
      return {
        key: router.id.value,
        name: entry?.name ?? router.id.value,
        gateway: router.externalNetworkId?.value,
        interfaces: connections(router).map(({ wanted }) => wanted),
        routes: router.routes.map(({ destination, nexthop }) => ({
          destination: formatPrefix(destination.value),
          nexthop: formatAddress(nexthop.value),
        })),
        path: entry?.path ?? [],
      };
    }),
    floatingIps: draft.routers.flatMap((router) => floatingIpsOf(file, router, connections(router))),
  };
  refuseOtherRouters(all, report);
  return all;
}

function networksOf(
  { draft, entries }: YamlDraft,
  physicalNetworks: PhysicalNetworks,
  report: Report,
): readonly WantedNetwork[] {
  const holders = new Map<string, string>();
  return draft.networks.flatMap((network, index) => {
    const entry = entries.networks.entries[index];
    if (entry === undefined) return [];
    const { value, path, name } = entry;
    for (const key of ['agent_gateway_ip', 'agent_gateway_mac'] as const) {
      if (value[key] === undefined) continue;
      const message = `the agent chooses the address of its own port on ${quote(name)}, so ${key} cannot be given`;
      report({ code: 'BUOY_AGENT_CANNOT_SAY', path: [...path, key], atKey: true, message });
    }
    const [key, device] = deviceOf(network.plug);
    const place = value[key] === undefined ? path : [...path, key];
    const physicalNetwork = Object.entries(physicalNetworks).find(([, plug]) => plug[key] === device)?.[0];
    if (physicalNetwork === undefined) {
      report(unknownDevice(key, device, place, physicalNetworks));
      return [];
    }
    const other = holders.get(physicalNetwork);
    if (other !== undefined) {
      const message = `${quote(name)} and ${quote(other)} are on the same ${key} ${quote(device)}, and an agent has one network on each`;
      report({ code: 'BUOY_AGENT_CANNOT_SAY', path: place, message });
      return [];
    }
    holders.set(physicalNetwork, name);
    return [{ key: network.id.value, name, isExternal: network.external, mtu: network.mtu, physicalNetwork, path }];
  });
}

function deviceOf(plug: Plug): ['bridge' | 'macvlan', string] {
  return plug.driver === 'bridge' ? ['bridge', plug.bridge] : ['macvlan', plug.parent];
}

function unknownDevice(
  key: 'bridge' | 'macvlan',
  device: string,
  path: Path,
  physicalNetworks: PhysicalNetworks,
): Problem {
  const known = Object.values(physicalNetworks).flatMap((plug) => plug[key] ?? []);
  return {
    code: 'BUOY_AGENT_CANNOT_SAY',
    path,
    message: `the agent knows no physical network on the ${key} ${quote(device)}`,
    remedy: () =>
      `Add it to \`physical_networks\` in the configuration of the agent. Those that it has there: ${enumerate(known, quote)}.`,
  };
}

function subnetsOf({ draft, entries }: YamlDraft): readonly WantedSubnet[] {
  const entryOf = new Map(entries.subnets.entries.map((entry) => [entry.id.value, entry]));
  return draft.networks.flatMap((network) =>
    network.subnets.flatMap(({ id, cidr, gateway }) => {
      const entry = entryOf.get(id.value);
      if (entry === undefined) return [];
      return {
        key: id.value,
        network: network.id.value,
        name: entry.name,
        cidr: formatPrefix(cidr.value),
        gateway: gateway === undefined ? null : formatAddress(gateway.value),
        pools: poolsOf(entry.value)
          .flatMap((pool) => without(pool, gateway?.value))
          .map(poolText),
        path: entry.path,
      };
    }),
  );
}

function poolsOf({ cidr, allocation_pools: pools }: SubnetEntry): readonly AddressRange[] {
  if (pools === undefined) return [hostRange(cidr)];
  return pools
    .map(({ start, end }) => ({ first: start, last: end }))
    .sort((a, b) => compareAddresses(a.first, b.first));
}

/** A gateway is in no pool of an agent. */
function without({ first, last }: AddressRange, address: IpAddress | undefined): readonly AddressRange[] {
  if (address === undefined || isIpv4(address) !== isIpv4(first) || address < first || address > last)
    return [{ first, last }];
  return [
    ...(first < address ? [{ first, last: previousAddress(address) }] : []),
    ...(address < last ? [{ first: nextAddress(address), last }] : []),
  ];
}

function poolText({ first, last }: AddressRange): Pool {
  return { start: formatAddress(first), end: formatAddress(last) };
}

/** A port of a router, and the subnet that it is in. */
interface Connection {
  readonly port: DraftPort;
  readonly wanted: WantedInterface;
}

function connectionsOf({ draft }: YamlDraft): (router: DraftRouter) => readonly Connection[] {
  const subnets = new Map(
    draft.networks.flatMap((network) =>
      network.subnets.map(({ id, cidr }) => [`${network.id.value} ${formatPrefix(cidr.value)}`, id.value]),
    ),
  );
  return ({ interfaces }) =>
    interfaces.flatMap((port) => {
      const [first] = port.addresses;
      const subnet = first && subnets.get(`${port.networkId} ${formatPrefix(first.subnet.value)}`);
      if (first === undefined || subnet === undefined) return [];
      const { value, path } = first.address;
      return { port, wanted: { subnet, address: formatAddress(value), mac: port.mac?.value, path } };
    });
}

function floatingIpsOf(
  { entries }: YamlDraft,
  router: DraftRouter,
  connections: readonly Connection[],
): readonly WantedFloatingIp[] {
  return router.floatingIps.flatMap(({ floating, fixed, networkId }) => {
    const network = networkId?.value ?? router.externalNetworkId?.value;
    const subnet = connections.find(({ port }) =>
      port.addresses.some((each) => prefixContains(each.subnet.value, fixed.value)),
    )?.wanted.subnet;
    if (network === undefined || subnet === undefined) return [];
    const path = floating.path.slice(0, 2);
    // No entry is left out of a file without problems, so each stands at its index.
    const entry = entries.floatingIps[Number(path[1])];
    return {
      network,
      address: formatIpv4(floating.value),
      router: router.id.value,
      subnet,
      fixedIp: formatIpv4(fixed.value),
      description: entry?.value.description ?? '',
      path,
    };
  });
}

/** An agent knows them again by name, since it gives ids of its own. */
function refuseSameNames(
  noun: string,
  entries: readonly { readonly name: string; readonly path: Path }[],
  report: Report,
): void {
  const seen = new Set<string>();
  for (const { name, path } of entries) {
    if (seen.has(name)) {
      const message = `there are two ${noun}s named ${quote(name)}, and an agent knows those of a file by their names`;
      report({ code: 'BUOY_AGENT_CANNOT_SAY', path: [...path, 'name'], message });
    }
    seen.add(name);
  }
}

/**
 * An agent chooses the router of a floating IP by itself: of those that connect the subnet with the network, the one that
 * is the subnet's gateway (neutron/db/l3_db.py, get_router_for_floatingip).
 */
function refuseOtherRouters({ routers, subnets, floatingIps }: Wanted, report: Report): void {
  const gateways = new Map(subnets.map(({ key, gateway }) => [key, gateway]));
  const connecting = Map.groupBy(
    routers.flatMap((router) => router.interfaces.map((connection) => ({ router, connection }))),
    ({ router, connection }) => `${router.gateway} ${connection.subnet}`,
  );
  for (const { network, subnet, router, address, path } of floatingIps) {
    const candidates = connecting.get(`${network} ${subnet}`) ?? [];
    if (candidates.length < 2) continue;
    const chosen = candidates.find(({ connection }) => connection.address === gateways.get(subnet));
    if (chosen?.router.key === router) continue;
    const names = enumerate(candidates, (each) => quote(each.router.name));
    report({
      code: 'BUOY_AGENT_CANNOT_SAY',
      path: [...path, 'router_id'],
      message: `several routers (${names}) lead from the subnet to the network of ${address}, and an agent takes the one that is the gateway of the subnet`,
    });
  }
}
