// Router dicts to a draft, with the choices that Neutron's L3 agent makes for one host in mode
// `dvr` (neutron/agent/l3/dvr_local_router.py).

import { isIpv4, networkOf } from '../../model/address.ts';
import type { At, Draft, DraftFloatingIp, DraftPort, DraftRouter } from '../../model/draft.ts';
import type { SnatPort } from '../../model/model.ts';
import type { LinkName } from '../../model/names.ts';
import { enumerate, quote } from '../../model/problem.ts';
import type { Report } from '../../model/problem.ts';
import { PrefixIndex } from '../../model/prefix-index.ts';
import { NetworkGatherer } from './networks.ts';
import type { NeutronPort, NeutronRouter } from './schema.ts';

export interface HostOptions {
  /** This host's name in Neutron: `host` in its neutron.conf. */
  readonly host: string;
  readonly bridges: ReadonlyMap<string, LinkName>;
}

export function draftOf(list: readonly NeutronRouter[], { host, bridges }: HostOptions, report: Report): Draft {
  const networks = new NetworkGatherer();
  const routers: DraftRouter[] = [];
  for (const [index, value] of list.entries()) {
    const router = { value, path: [index] };
    if (!value.admin_state_up || !isSupported(router, report)) continue;
    routers.push(draftRouter(router, host, networks));
    connectGateway(router, host, networks);
  }
  const draft = { networks: networks.networks(bridges), routers };
  reportMissingHost(draft, list, host, report);
  return draft;
}

function isSupported({ value, path }: At<NeutronRouter>, report: Report): boolean {
  const key = value.ha ? 'ha' : 'distributed';
  if (value.distributed && !value.ha) return true;
  const kind = value.ha ? 'highly available' : 'not distributed';
  report({
    code: 'BUOY_ROUTER_UNSUPPORTED',
    path: [...path, key],
    message: `the router ${quote(value.name)} (${value.id}) is ${kind}`,
  });
  return false;
}

function draftRouter({ value, path }: At<NeutronRouter>, host: string, networks: NetworkGatherer): DraftRouter {
  const gateway = value.gw_port;
  const ports = portsAt(value._interfaces, [...path, '_interfaces']);
  for (const port of ports) networks.see(port);
  return {
    id: { value: value.id, path: [...path, 'id'] },
    externalNetworkId: gateway ? { value: gateway.network_id, path: [...path, 'gw_port', 'network_id'] } : undefined,
    interfaces: ports.filter((port) => port.value.admin_state_up).map(draftPort),
    routes: value.routes.map(({ destination, nexthop }, index) => ({
      destination: { value: destination, path: [...path, 'routes', index, 'destination'] },
      nexthop: { value: nexthop, path: [...path, 'routes', index, 'nexthop'] },
    })),
    floatingIps: floatingIpsOn(host, { value, path }),
    snatPorts: value._snat_router_interfaces.flatMap(snatPorts),
    complete: true,
  };
}

/** Floating IPs whose workload is on this host or moving to it, less those behind an interface that is switched off. */
function floatingIpsOn(host: string, { value, path }: At<NeutronRouter>): readonly DraftFloatingIp[] {
  const switchedOff = new PrefixIndex<true>();
  for (const port of value._interfaces) {
    if (!port.admin_state_up) for (const subnet of port.subnets) switchedOff.add(subnet.cidr, true);
  }
  return value._floatingips.flatMap((floatingIp, index) => {
    const fixed = floatingIp.fixed_ip_address;
    const isHere = floatingIp.host === host || floatingIp.dest_host === host;
    if (fixed === null || !isHere || switchedOff.find(fixed) === true) return [];
    const at = [...path, '_floatingips', index];
    return {
      floating: { value: floatingIp.floating_ip_address, path: [...at, 'floating_ip_address'] },
      fixed: { value: fixed, path: [...at, 'fixed_ip_address'] },
      networkId: { value: floatingIp.floating_network_id, path: [...at, 'floating_network_id'] },
    };
  });
}

/** Notes the external network of a router and this host's own port on it. */
function connectGateway({ value, path }: At<NeutronRouter>, host: string, networks: NetworkGatherer): void {
  const gateway = value.gw_port;
  if (!gateway) return;
  const network = networks.see({ value: gateway, path: [...path, 'gw_port'] });
  network.external = true;
  const agentPorts = portsAt(value._floatingip_agent_interfaces, [...path, '_floatingip_agent_interfaces']);
  const own = agentPorts.find(
    (port) => port.value['binding:host_id'] === host && port.value.network_id === gateway.network_id,
  );
  if (own === undefined) return;
  networks.see(own);
  network.agentGateway ??= { ...draftPort(own), extraSubnets: own.value.extra_subnets.map((subnet) => subnet.cidr) };
}

function reportMissingHost({ networks }: Draft, list: readonly NeutronRouter[], host: string, report: Report): void {
  const hosts = new Set(
    list.flatMap((router) => router._floatingip_agent_interfaces.map((port) => port['binding:host_id'])),
  );
  for (const { id, external, agentGateway } of networks) {
    if (!external || agentGateway !== undefined) continue;
    report({
      code: 'BUOY_HOST_UNKNOWN',
      path: id.path.slice(0, 1),
      message: `there is no gateway port on the external network ${id.value} for the host ${quote(host)}`,
      remedy: () =>
        `Give this host's name in Neutron with \`--host\`. The list has ports for: ${enumerate([...hosts], quote)}.`,
    });
  }
}

function portsAt(ports: readonly NeutronPort[], path: At<unknown>['path']): readonly At<NeutronPort>[] {
  return ports.map((value, index) => ({ value, path: [...path, index] }));
}

/** A port as the agent plugs it: of a router's interfaces it leaves the network's other subnets aside (router_info.py). */
function draftPort({ value, path }: At<NeutronPort>): DraftPort {
  return {
    id: { value: value.id, path: [...path, 'id'] },
    networkId: value.network_id,
    mac: { value: value.mac_address, path: [...path, 'mac_address'] },
    addresses: value.fixed_ips.map(({ ip_address: address, prefixlen: length }, index) => {
      const at = [...path, 'fixed_ips', index, 'ip_address'];
      return {
        address: { value: address, path: at },
        subnet: { value: { address: networkOf(address, length), length }, path: at },
      };
    }),
    gateways: value.subnets.flatMap((subnet) => subnet.gateway_ip ?? []),
    extraSubnets: [],
  };
}

function snatPorts({ network_id: networkId, mac_address: mac, fixed_ips: fixedIps }: NeutronPort): readonly SnatPort[] {
  return fixedIps.flatMap(({ ip_address: address }) => (isIpv4(address) ? { networkId, address, mac } : []));
}
