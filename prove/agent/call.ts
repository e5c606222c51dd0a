// What clients ask the API for, drawn at random. A call is a kind and three numbers that choose what it is about
// among what there is; some are refused, as some requests are.

import type { Collection, Networking, Resource } from '../../src/intent/store/index.ts';
import { all, make } from '../../test/support/stores.ts';
import { choose } from '../intent.ts';
import { EXTERNALS, PHYSICAL_NETWORKS, physicalNetwork } from './world.ts';

export interface Call {
  readonly kind: CallKind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

type CallKind = keyof typeof CALLS;
type Doing = (store: Networking, a: number, b: number, c: number) => void;

/** Draws a call. `random` answers a natural number below its argument. */
export function drawCall(random: (below: number) => number): Call {
  return { kind: choose(DRAWN, random(DRAWN.length)), a: random(1000), b: random(1000), c: random(1000) };
}

/** Throws what the store throws. */
export function makeCall(store: Networking, { kind, a, b, c }: Call): void {
  CALLS[kind](store, a, b, c);
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
const MTUS = [1280, 1400, 1500];

const CALLS = {
  'create a floating IP': (store, a, b) => {
    make(store, 'floatingips', { floating_network_id: external(store, a), port_id: workload(store, b) });
  },
  'create a floating IP by its address': (store, a, b, c) => {
    const floating_ip_address = `203.0.${(a % EXTERNALS) + 1}.${20 + (c % 60)}`;
    make(store, 'floatingips', { floating_network_id: external(store, a), floating_ip_address, port_id: workload(store, b) });
  },
  'create a floating IP for nobody': (store, a) => {
    make(store, 'floatingips', { floating_network_id: external(store, a) });
  },
  'create three floating IPs at once': (store, a, b, c) => {
    const floating_network_id = external(store, a);
    const bodies = [b, c, a].map((one) => ({ floating_network_id, port_id: one % 3 === 0 ? null : workload(store, one) }));
    store.create('floatingips', bodies);
  },
  'associate a floating IP': (store, a, b) => {
    store.update('floatingips', idOf(store, 'floatingips', a), { port_id: workload(store, b) });
  },
  'disassociate a floating IP': (store, a) => {
    store.update('floatingips', idOf(store, 'floatingips', a), { port_id: null });
  },
  'delete a floating IP': (store, a) => {
    store.delete('floatingips', idOf(store, 'floatingips', a));
  },
  'create a workload': (store, a) => {
    make(store, 'ports', { network_id: tenant(store, a) });
  },
  'delete a workload': (store, a) => {
    store.delete('ports', workload(store, a));
  },
  'give a workload another address': (store, a, b) => {
    const { id, fixed_ips: fixedIps } = at(all(store, 'ports', { device_owner: [''] }), a) ?? { id: NOBODY };
    const text = JSON.stringify(fixedIps ?? '');
    const network = /10\.\d+\.0\./.exec(text)?.[0] ?? '10.0.0.';
    store.update('ports', id, { fixed_ips: [{ ip_address: `${network}${100 + (b % 60)}` }] });
  },
  'create a router': (store, a, b) => {
    make(store, 'routers', b % 4 === 0 ? {} : { external_gateway_info: { network_id: external(store, a) } });
  },
  'delete a router': (store, a) => {
    const id = idOf(store, 'routers', a);
    const floatingIps = all(store, 'floatingips', { router_id: [id] });
    for (const one of floatingIps) store.update('floatingips', one.id, { port_id: null });
    for (const port of all(store, 'ports', { device_id: [id], device_owner: ['network:router_interface_distributed'] }))
      store.removeRouterInterface(id, { port_id: port.id });
    store.delete('routers', id);
  },
  'switch a router on or off': (store, a) => {
    const router = at(all(store, 'routers'), a);
    store.update('routers', router?.id ?? NOBODY, { admin_state_up: router?.['admin_state_up'] !== true });
  },
  'switch a port of a router on or off': (store, a) => {
    const port = at(all(store, 'ports', { device_owner: ['network:router_interface_distributed'] }), a);
    store.update('ports', port?.id ?? NOBODY, { admin_state_up: port?.['admin_state_up'] !== true });
  },
  'set a gateway': (store, a, b) => {
    store.update('routers', idOf(store, 'routers', a), { external_gateway_info: { network_id: external(store, b) } });
  },
  'set the address of a gateway': (store, a, b) => {
    const id = external(store, b);
    const external_fixed_ips = [{ ip_address: `203.0.${(b % EXTERNALS) + 1}.${100 + (a % 20)}` }];
    store.update('routers', idOf(store, 'routers', a), { external_gateway_info: { network_id: id, external_fixed_ips } });
  },
  'clear a gateway': (store, a) => {
    const id = idOf(store, 'routers', a);
    for (const one of all(store, 'floatingips', { router_id: [id] })) store.update('floatingips', one.id, { port_id: null });
    store.update('routers', id, { external_gateway_info: null });
  },
  'add an interface': (store, a, b) => {
    store.addRouterInterface(idOf(store, 'routers', a), { subnet_id: at(all(store, 'subnets', { network_id: [tenant(store, b)] }), b)?.id ?? NOBODY });
  },
  'add an interface by its port': (store, a, b) => {
    store.addRouterInterface(idOf(store, 'routers', a), { port_id: workload(store, b) });
  },
  'remove an interface': (store, a) => {
    const port = at(all(store, 'ports', { device_owner: ['network:router_interface_distributed'] }), a);
    store.removeRouterInterface(String(port?.['device_id'] ?? NOBODY), { port_id: port?.id ?? NOBODY });
  },
  'set or clear extra routes': (store, a, b) => {
    const routes = b % 2 === 0 ? [] : [{ destination: '192.168.0.0/16', nexthop: `10.${b % 5}.0.254` }];
    store.update('routers', idOf(store, 'routers', a), { routes });
  },
  'create a network': (store, a, b) => {
    const network = make(store, 'networks', {
      'provider:network_type': 'flat',
      'provider:physical_network': physicalNetwork(EXTERNALS + (a % (PHYSICAL_NETWORKS - EXTERNALS))),
      mtu: choose(MTUS, b),
    });
    make(store, 'subnets', { network_id: network.id, ip_version: 4, cidr: `10.${10 + (b % 50)}.0.0/24` });
  },
  'create a subnet': (store, a, b) => {
    const isIpv6 = b % 2 === 0;
    const cidr = isIpv6 ? `2001:db8:${b % 50}::/64` : `10.${60 + (b % 50)}.0.0/24`;
    make(store, 'subnets', { network_id: tenant(store, a), ip_version: isIpv6 ? 6 : 4, cidr });
  },
  'create a subnet outside': (store, a, b) => {
    const isIpv6 = b % 3 === 0;
    const cidr = isIpv6 ? `2001:db8:f${a % EXTERNALS}::/64` : `198.51.${b % 50}.0/24`;
    make(store, 'subnets', { network_id: external(store, a), ip_version: isIpv6 ? 6 : 4, cidr });
  },
  'set the gateway of a subnet outside': (store, a, b) => {
    const subnet = at(all(store, 'subnets', { network_id: [external(store, a)] }), b);
    const [, prefix] = /^(\d+\.\d+\.\d+\.)/.exec(String(subnet?.['cidr'])) ?? [];
    const gateway_ip = b % 3 === 0 || prefix === undefined ? null : `${prefix}${1 + (b % 2) * 253}`;
    store.update('subnets', subnet?.id ?? NOBODY, { gateway_ip });
  },
  'delete a subnet': (store, a) => {
    store.delete('subnets', idOf(store, 'subnets', a));
  },
  'delete a network': (store, a) => {
    store.delete('networks', idOf(store, 'networks', a));
  },
  'change an MTU': (store, a, b) => {
    store.update('networks', idOf(store, 'networks', a), { mtu: choose(MTUS, b) });
  },
  'describe something': (store, a, b) => {
    const collection = choose(['networks', 'ports', 'routers', 'floatingips'] as const, a);
    store.update(collection, idOf(store, collection, b), { description: `number ${a}` });
  },
} satisfies Record<string, Doing>;

const KINDS = Object.keys(CALLS).filter((kind): kind is CallKind => kind in CALLS);
/** What happens to floating IPs happens most often. */
const DRAWN: readonly CallKind[] = [
  ...KINDS,
  ...KINDS.filter((kind) => kind.includes('floating IP')),
  ...KINDS.filter((kind) => kind.includes('associate')),
  ...KINDS.filter((kind) => kind.includes('switch') || kind.includes('gateway')),
];

function at(resources: readonly Resource[], number: number): Resource | undefined {
  return resources.length === 0 ? undefined : choose(resources, number);
}

function idOf(store: Networking, collection: Collection, number: number): string {
  return at(all(store, collection), number)?.id ?? NOBODY;
}

function external(store: Networking, number: number): string {
  return at(all(store, 'networks', { 'router:external': ['true'] }), number)?.id ?? NOBODY;
}

function tenant(store: Networking, number: number): string {
  return at(all(store, 'networks', { 'router:external': ['false'] }), number)?.id ?? NOBODY;
}

function workload(store: Networking, number: number): string {
  const networks = all(store, 'networks', { 'router:external': ['false'] }).map(({ id }) => id);
  return at(all(store, 'ports', { device_owner: [''], network_id: networks }), number)?.id ?? NOBODY;
}
