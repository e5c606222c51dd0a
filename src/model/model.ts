// What a host shall serve, in the terms of OpenStack Networking and free of any source's format:
// intents (a YAML file, Neutron's router payload) are parsed into it, layouts are computed from it.
// A Model is valid by construction: only `src/intent` makes one, after `validate`.

import type { IpAddress, Ipv4Address, MacAddress, Prefix } from './address.ts';
import type { LinkName } from './names.ts';

export interface Model {
  readonly networks: ReadonlyMap<string, Network>;
  readonly routers: ReadonlyMap<string, Router>;
}

/** A layer-2 network as this host reaches it. */
export interface Network {
  readonly id: string;
  /** `router:external` of OpenStack Networking: floating IPs come from it. */
  readonly external: boolean;
  /** Bytes; 68 to 65535. */
  readonly mtu: number;
  readonly plug: Plug;
  /**
   * This host's own port on an external network (Neutron's `network:floatingip_agent_gateway`):
   * it becomes `fg-`. Present exactly when the network is external and some router has its gateway there.
   */
  readonly agentGateway?: Port;
}

/** How a port is connected to a network on this host. */
export type Plug =
  | { readonly driver: 'bridge'; readonly bridge: LinkName }
  | { readonly driver: 'macvlan'; readonly parent: LinkName };

/** A port of a router or of this host on a network. */
export interface Port {
  readonly id: string;
  readonly networkId: string;
  readonly mac: MacAddress;
  readonly addresses: readonly PortAddress[];
  /** Gateways of the port's subnets; one outside of them gets an on-link route first. */
  readonly gateways: readonly IpAddress[];
  /** Further subnets of the network that are reachable on the link without an address in them. */
  readonly extraSubnets: readonly Prefix[];
}

/** An address on a port with the length of its subnet: 10.0.0.1/24. */
export interface PortAddress {
  readonly address: IpAddress;
  readonly length: number;
}

export interface Router {
  readonly id: string;
  /** The external network of `external_gateway_info`; floating IPs need one. */
  readonly externalNetworkId?: string;
  readonly interfaces: readonly Port[];
  readonly routes: readonly ExtraRoute[];
  readonly floatingIps: ReadonlyMap<Ipv4Address, FloatingIp>;
  /** Where tenants' packets without a floating IP go: the centralized SNAT ports of a distributed router. */
  readonly snatPorts: readonly SnatPort[];
}

/** Maps one public address 1:1 to a workload's address. */
export interface FloatingIp {
  readonly floating: Ipv4Address;
  readonly fixed: Ipv4Address;
}

/** One of `routes` of OpenStack Networking's extraroute extension. */
export interface ExtraRoute {
  readonly destination: Prefix;
  readonly nexthop: IpAddress;
}

/** A `network:router_centralized_snat` port, which may be on another host. */
export interface SnatPort {
  readonly networkId: string;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
}
