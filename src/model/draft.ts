// What a source of intent says, before anyone has checked that it makes sense. A draft looks like
// a Model, but every value that could be wrong still knows where it was written, so that `validate`
// (pure, and the same for all sources) can point at it. A draft without problems becomes a Model.

import type { IpAddress, Ipv4Address, MacAddress, Prefix } from './address.ts';
import type { Plug, SnatPort } from './model.ts';
import type { Path } from './problem.ts';

/** A value and the place in its source that it comes from. */
export interface At<T> {
  readonly value: T;
  readonly path: Path;
}

export interface Draft {
  readonly networks: readonly DraftNetwork[];
  readonly routers: readonly DraftRouter[];
}

export interface DraftNetwork {
  readonly id: At<string>;
  readonly external: boolean;
  /** Bytes. */
  readonly mtu: number;
  readonly plug: Plug;
  readonly subnets: readonly DraftSubnet[];
  readonly agentGateway: DraftPort | undefined;
  /** False when a subnet may be missing here because it could not be read. Then absence proves nothing. */
  readonly complete: boolean;
}

export interface DraftSubnet {
  readonly id: At<string>;
  readonly cidr: At<Prefix>;
  readonly gateway: At<IpAddress> | undefined;
}

export interface DraftPort {
  readonly id: At<string>;
  readonly networkId: string;
  /** Undefined: to be derived from the id. */
  readonly mac: At<MacAddress> | undefined;
  readonly addresses: readonly DraftAddress[];
  readonly gateways: readonly IpAddress[];
  readonly extraSubnets: readonly Prefix[];
}

/** An address of a port and the subnet it is said to be in. */
export interface DraftAddress {
  readonly address: At<IpAddress>;
  readonly subnet: At<Prefix>;
}

export interface DraftRouter {
  readonly id: At<string>;
  readonly externalNetworkId: At<string> | undefined;
  readonly interfaces: readonly DraftPort[];
  readonly routes: readonly DraftRoute[];
  readonly floatingIps: readonly DraftFloatingIp[];
  readonly snatPorts: readonly SnatPort[];
  /** False when a gateway or interface is missing here because it could not be read. */
  readonly complete: boolean;
}

export interface DraftRoute {
  readonly destination: At<Prefix>;
  readonly nexthop: At<IpAddress>;
}

export interface DraftFloatingIp {
  readonly floating: At<Ipv4Address>;
  readonly fixed: At<Ipv4Address>;
  /** The network it is said to be of; undefined: that of its router's gateway. */
  readonly networkId: At<string> | undefined;
}

/** This host's own ports and those of all routers. */
export function portsOf({ networks, routers }: Draft): readonly DraftPort[] {
  const gateways = networks.flatMap((network) => network.agentGateway ?? []);
  return [...gateways, ...routers.flatMap((router) => router.interfaces)];
}
