// The intent of a simulated history: what a user wants, and keeps changing. Five routers and some
// fifty floating IPs on two external networks and six tenants' networks, kept in small numbers that a
// change can choose among; a Model is made of them, anew only where something changed.

import { addressAfter } from '../src/model/address.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import type { FloatingIp, Model, Network, Port, Router } from '../src/model/model.ts';
import {
  bridge,
  external,
  ip,
  ipv4,
  macvlan,
  modelOf,
  network,
  port,
  prefix,
  snatPort,
  uuid,
} from '../test/support/models.ts';
import { must } from '../test/support/must.ts';

export const ROUTERS = 5;
export const EXTERNALS = 2;
export const TENANTS = 6;
const FLOATING_IPS_A_ROUTER = 10;
/** Floating IPs of one external network. */
export const FLOATING_IPS = 60;
/** Workloads of one tenant's network. */
export const WORKLOADS = 20;

/** The ids of two of them lead to the same link-local pair, so that one has to take the next. */
const ROUTER_WORDS = ['d000004f', 'd0000001', 'd0000002', 'd000007b', 'd0000004'];
const PLUGS = [bridge('br-a'), bridge('br-b'), macvlan('eth0'), macvlan('eth1')];
const MTUS = [1280, 1500, 1450];

/** Settings of an external network. Those that choose among something may be any natural number. */
interface ExternalSettings {
  /** Which port, and so which MAC address and device name, this host has on it. */
  port: number;
  address: number;
  gateway: number;
  extraSubnets: number;
  plug: number;
  mtu: number;
}

interface TenantSettings {
  plug: number;
  mtu: number;
}

interface RouterSettings {
  external: number | undefined;
  /** Under a tenant's number: which port the router has there, and which addresses. The first one has the workloads with floating IPs. */
  readonly interfaces: Map<number, { port: number; addresses: number }>;
  hasRoutes: boolean;
  hasSnat: boolean;
  /** Last numbers of fixed IPs under those of floating IPs. */
  readonly floatingIps: Map<number, number>;
}

export class Intent {
  readonly externals: ExternalSettings[];
  readonly tenants: TenantSettings[];
  readonly routers = new Map<number, RouterSettings>();
  readonly #networks = new Map<string, Network>();
  readonly #models = new Map<number, Router>();
  #model: Model | undefined;

  constructor() {
    this.externals = Array.from({ length: EXTERNALS }, (_, number) => ({
      port: 0,
      address: 0,
      gateway: 0,
      extraSubnets: 0,
      plug: 2 * number,
      mtu: 1,
    }));
    this.tenants = Array.from({ length: TENANTS }, (_, number) => ({ plug: number, mtu: 2 }));
    for (let number = 0; number < ROUTERS; number++) this.routers.set(number, startOf(number));
  }

  /** Says that a network's settings changed. */
  touchNetwork(kind: 'external' | 'tenant', number: number): void {
    this.#networks.delete(`${kind} ${number}`);
    this.#model = undefined;
  }

  /** Says that a router's settings changed. */
  touchRouter(number: number): void {
    this.#models.delete(number);
    this.#model = undefined;
  }

  /** The same object as before unless something has changed. */
  model(): Model {
    this.#model ??= this.#make();
    return this.#model;
  }

  #make(): Model {
    const networks = [
      ...this.externals.map((_, number) => this.#network('external', number)),
      ...this.tenants.map((_, number) => this.#network('tenant', number)),
    ];
    return modelOf(
      networks,
      [...this.routers].map(([number, settings]) => this.#router(number, settings)),
    );
  }

  #network(kind: 'external' | 'tenant', number: number): Network {
    const key = `${kind} ${number}`;
    let found = this.#networks.get(key);
    if (found === undefined) {
      found =
        kind === 'external'
          ? externalNetwork(number, must(this.externals[number]))
          : tenantNetwork(number, must(this.tenants[number]));
      this.#networks.set(key, found);
    }
    return found;
  }

  #router(number: number, settings: RouterSettings): Router {
    let found = this.#models.get(number);
    if (found === undefined) {
      found = routerOf(number, settings);
      this.#models.set(number, found);
    }
    return found;
  }
}

/** At the beginning every router has its own floating IPs, and two of them share a tenant's network. */
function startOf(number: number): RouterSettings {
  const externalNumber = number % EXTERNALS;
  const first = Math.floor(number / EXTERNALS) * FLOATING_IPS_A_ROUTER;
  const floatingIps = Array.from({ length: FLOATING_IPS_A_ROUTER }, (_, index) => [first + index, index] as const);
  return {
    external: externalNumber,
    interfaces: new Map([[number % (ROUTERS - 1), { port: 0, addresses: 0 }]]),
    hasRoutes: false,
    hasSnat: false,
    floatingIps: new Map(floatingIps),
  };
}

function externalNetwork(number: number, settings: ExternalSettings): Network {
  const n = number + 1;
  const addresses = [[`203.0.${n}.10/24`], [`203.0.${n}.11/24`], [`203.0.${n}.10/24`, `2001:db8:f${n}::10/64`]];
  const gateways = [[`203.0.${n}.1`], [`203.0.${n}.2`], ['192.0.2.1'], [], [`203.0.${n}.1`, `2001:db8:f${n}::1`]];
  const extraSubnets = [[], [`198.51.${n}.0/24`], [`198.51.${n}.0/24`, `198.52.${n}.0/24`]];
  return external(
    `a000000${n}`,
    {
      port: `f${settings.port % 2}00000${n}`,
      addresses: choose(addresses, settings.address),
      gateways: choose(gateways, settings.gateway),
      extraSubnets: choose(extraSubnets, settings.extraSubnets),
    },
    { plug: choose(PLUGS, settings.plug), mtu: choose(MTUS, settings.mtu) },
  );
}

function tenantNetwork(number: number, { plug, mtu }: TenantSettings): Network {
  return network(tenantWord(number), { plug: choose(PLUGS, plug), mtu: choose(MTUS, mtu) });
}

function routerOf(number: number, settings: RouterSettings): Router {
  const { external: externalNumber, interfaces, floatingIps, hasRoutes, hasSnat } = settings;
  const ports = [...interfaces].map(([tenant, choice]) => portOf(number, tenant, choice));
  const [first] = interfaces.keys();
  const router = {
    id: uuid(choose(ROUTER_WORDS, number)),
    interfaces: ports,
    routes: hasRoutes ? [{ destination: prefix('192.168.0.0/16'), nexthop: ip('10.0.0.254') }] : [],
    floatingIps:
      externalNumber === undefined || first === undefined
        ? new Map<Ipv4Address, FloatingIp>()
        : floatingIpsOf(externalNumber, first, floatingIps),
    snatPorts: externalNumber !== undefined && hasSnat ? [snatPort('c0000000', '10.0.0.200', 'fa:16:3e:00:00:c8')] : [],
  };
  return externalNumber === undefined ? router : { ...router, externalNetworkId: uuid(`a000000${externalNumber + 1}`) };
}

function portOf(router: number, tenant: number, choice: { port: number; addresses: number }): Port {
  const own = `10.${tenant}.0.${router + 1}`;
  const addresses = [[`${own}/24`], [`${own}/16`], [`${own}/24`, `2001:db8:${tenant}::${router + 1}/64`]];
  return port(`b${router}${choice.port % 2}0000${tenant}`, tenantWord(tenant), {
    addresses: choose(addresses, choice.addresses),
  });
}

function tenantWord(number: number): string {
  return `c000000${number}`;
}

function floatingIpsOf(
  externalNumber: number,
  tenant: number,
  lasts: ReadonlyMap<number, number>,
): Map<Ipv4Address, FloatingIp> {
  const floatingIps = new Map<Ipv4Address, FloatingIp>();
  for (const [last, workload] of lasts) {
    const floating = addressAfter(choose(FLOATING_BASES, externalNumber), last);
    floatingIps.set(floating, { floating, fixed: addressAfter(choose(FIXED_BASES, tenant), workload) });
  }
  return floatingIps;
}

const FLOATING_BASES = Array.from({ length: EXTERNALS }, (_, number) => ipv4(`203.0.${number + 1}.20`));
const FIXED_BASES = Array.from({ length: TENANTS }, (_, number) => ipv4(`10.${number}.0.20`));

/** One of several, by any natural number. */
export function choose<T>(from: readonly T[], number: number): T {
  return must(from[number % from.length]);
}
