// What a file wants of an agent, in the words of the agent's API. Keys are the ids of the file, by which its parts refer to
// each other; the agent gives its own.

import type { Path } from '../../model/problem.ts';

export interface Wanted {
  readonly networks: readonly WantedNetwork[];
  readonly subnets: readonly WantedSubnet[];
  readonly routers: readonly WantedRouter[];
  readonly floatingIps: readonly WantedFloatingIp[];
}

export interface WantedNetwork {
  readonly key: string;
  readonly name: string;
  readonly isExternal: boolean;
  readonly mtu: number;
  /** What the agent calls the bridge or NIC. There is one network on each, so this tells networks apart. */
  readonly physicalNetwork: string;
  readonly path: Path;
}

export interface WantedSubnet {
  readonly key: string;
  readonly network: string;
  readonly name: string;
  readonly cidr: string;
  readonly gateway: string | null;
  /** Without the gateway; in their order. */
  readonly pools: readonly Pool[];
  readonly path: Path;
}

export interface Pool {
  readonly start: string;
  readonly end: string;
}

export interface WantedRouter {
  readonly key: string;
  readonly name: string;
  /** The external network of its gateway. */
  readonly gateway: string | undefined;
  readonly interfaces: readonly WantedInterface[];
  readonly routes: readonly Route[];
  readonly path: Path;
}

export interface WantedInterface {
  readonly subnet: string;
  readonly address: string;
  /** Undefined: any. */
  readonly mac: string | undefined;
  readonly path: Path;
}

export interface Route {
  readonly destination: string;
  readonly nexthop: string;
}

export interface WantedFloatingIp {
  readonly network: string;
  readonly address: string;
  readonly router: string;
  /** The subnet of the fixed IP, which the router has an interface on. */
  readonly subnet: string;
  readonly fixedIp: string;
  readonly description: string;
  readonly path: Path;
}
