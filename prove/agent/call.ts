// What clients ask the API for, drawn at random. A call is a kind and three numbers that choose what it is about
// among what there is; some are refused, as some requests are.

import type { Collection, Networking } from '../../src/intent/store/index.ts';
import { make } from '../../test/support/stores.ts';
import { choose } from '../intent.ts';
import { EXTERNALS, PHYSICAL_NETWORKS, physicalNetwork } from './world.ts';

export interface Call {
  readonly kind: CallKind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

type CallKind = keyof typeof CALLS;
type Doing = (api: Api, a: number, b: number, c: number) => void;

/** The store, and what is in it. */
export interface Api {
  readonly store: Networking;
  /** The first column of what is asked for, as text. */
  readonly find: (query: string, ...values: string[]) => readonly string[];
}

/** Draws a call. `random` answers a natural number below its argument. */
export function drawCall(random: (below: number) => number): Call {
  return { kind: choose(DRAWN, random(DRAWN.length)), a: random(1000), b: random(1000), c: random(1000) };
}

/** Throws what the store throws. */
export function makeCall(api: Api, { kind, a, b, c }: Call): void {
  CALLS[kind](api, a, b, c);
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
const MTUS = [1280, 1400, 1500];

const CALLS = {
  'create a floating IP': (api, a, b) => {
    make(api.store, 'floatingips', { floating_network_id: external(api, a), port_id: workload(api, b) });
  },
  'create a floating IP by its address': (api, a, b, c) => {
    const floating_ip_address = `203.0.${(a % EXTERNALS) + 1}.${20 + (c % 60)}`;
    make(api.store, 'floatingips', {
      floating_network_id: external(api, a),
      floating_ip_address,
      port_id: workload(api, b),
    });
  },
  'create a floating IP for nobody': (api, a) => {
    make(api.store, 'floatingips', { floating_network_id: external(api, a) });
  },
  'create three floating IPs at once': (api, a, b, c) => {
    const floating_network_id = external(api, a);
    const bodies = [b, c, a].map((one) => ({
      floating_network_id,
      port_id: one % 3 === 0 ? null : workload(api, one),
    }));
    api.store.create('floatingips', bodies);
  },
  'associate a floating IP': (api, a, b) => {
    api.store.update('floatingips', idOf(api, 'floatingips', a), { port_id: workload(api, b) });
  },
  'disassociate a floating IP': (api, a) => {
    api.store.update('floatingips', idOf(api, 'floatingips', a), { port_id: null });
  },
  'delete a floating IP': (api, a) => {
    api.store.delete('floatingips', idOf(api, 'floatingips', a));
  },
  'create a workload': (api, a) => {
    make(api.store, 'ports', { network_id: tenant(api, a) });
  },
  'delete a workload': (api, a) => {
    api.store.delete('ports', workload(api, a));
  },
  'give a workload another address': (api, a, b) => {
    const id = workload(api, a);
    const [address = ''] = api.find('SELECT ip_address FROM fixed_ips WHERE port_id = ? ORDER BY position', id);
    const network = /^10\.\d+\.0\./.exec(address)?.[0] ?? '10.0.0.';
    api.store.update('ports', id, { fixed_ips: [{ ip_address: `${network}${150 + (b % 60)}` }] });
  },
  'create a router': (api, a, b) => {
    make(api.store, 'routers', b % 4 === 0 ? {} : { external_gateway_info: { network_id: external(api, a) } });
  },
  'delete a router': (api, a) => {
    const id = idOf(api, 'routers', a);
    disassociateAll(api, id);
    for (const port of api.find(INTERFACES_OF, id)) api.store.removeRouterInterface(id, { port_id: port });
    api.store.delete('routers', id);
  },
  'switch a router on or off': (api, a) => {
    const id = idOf(api, 'routers', a);
    api.store.update('routers', id, { admin_state_up: !isUp(api, 'routers', id) });
  },
  'switch a port of a router on or off': (api, a) => {
    const id = oneOf(api.find(INTERFACES), a);
    api.store.update('ports', id, { admin_state_up: !isUp(api, 'ports', id) });
  },
  'set a gateway': (api, a, b) => {
    api.store.update('routers', idOf(api, 'routers', a), { external_gateway_info: { network_id: external(api, b) } });
  },
  'set the address of a gateway': (api, a, b) => {
    const id = external(api, b);
    const external_fixed_ips = [{ ip_address: `203.0.${(b % EXTERNALS) + 1}.${100 + (a % 20)}` }];
    api.store.update('routers', idOf(api, 'routers', a), {
      external_gateway_info: { network_id: id, external_fixed_ips },
    });
  },
  'clear a gateway': (api, a) => {
    const id = idOf(api, 'routers', a);
    disassociateAll(api, id);
    api.store.update('routers', id, { external_gateway_info: null });
  },
  'add an interface': (api, a, b) => {
    api.store.addRouterInterface(idOf(api, 'routers', a), { subnet_id: subnetOf(api, tenant(api, b), b) });
  },
  'add an interface by its port': (api, a, b) => {
    api.store.addRouterInterface(idOf(api, 'routers', a), { port_id: workload(api, b) });
  },
  'remove an interface': (api, a) => {
    const port = oneOf(api.find(INTERFACES), a);
    const [router = NOBODY] = api.find('SELECT device_id FROM ports WHERE id = ?', port);
    api.store.removeRouterInterface(router, { port_id: port });
  },
  'set or clear extra routes': (api, a, b) => {
    const routes = b % 2 === 0 ? [] : [{ destination: '192.168.0.0/16', nexthop: `10.${b % 5}.0.254` }];
    api.store.update('routers', idOf(api, 'routers', a), { routes });
  },
  'create a network without a bridge': (api, a, b) => {
    const network = make(api.store, 'networks', { mtu: choose(MTUS, a) });
    make(api.store, 'subnets', { network_id: network.id, ip_version: 4, cidr: `10.${110 + (b % 50)}.0.0/24` });
    api.store.addRouterInterface(idOf(api, 'routers', a), { subnet_id: subnetOf(api, network.id, 0) });
  },
  'create a network': (api, a, b) => {
    const network = make(api.store, 'networks', {
      'provider:network_type': 'flat',
      'provider:physical_network': physicalNetwork(EXTERNALS + (a % (PHYSICAL_NETWORKS - EXTERNALS))),
      mtu: choose(MTUS, b),
    });
    make(api.store, 'subnets', { network_id: network.id, ip_version: 4, cidr: `10.${10 + (b % 50)}.0.0/24` });
  },
  'create a subnet': (api, a, b) => {
    const isIpv6 = b % 2 === 0;
    const cidr = isIpv6 ? `2001:db8:${b % 50}::/64` : `10.${60 + (b % 50)}.0.0/24`;
    make(api.store, 'subnets', { network_id: tenant(api, a), ip_version: isIpv6 ? 6 : 4, cidr });
  },
  'create a subnet outside': (api, a, b) => {
    const isIpv6 = b % 3 === 0;
    const cidr = isIpv6 ? `2001:db8:f${a % EXTERNALS}::/64` : `198.51.${b % 50}.0/24`;
    make(api.store, 'subnets', { network_id: external(api, a), ip_version: isIpv6 ? 6 : 4, cidr });
  },
  'set the gateway of a subnet outside': (api, a, b) => {
    const subnet = subnetOf(api, external(api, a), b);
    const [cidr = ''] = api.find('SELECT cidr FROM subnets WHERE id = ?', subnet);
    const [, prefix] = /^(\d+\.\d+\.\d+\.)/.exec(cidr) ?? [];
    const gateway_ip = b % 3 === 0 || prefix === undefined ? null : `${prefix}${1 + (b % 2) * 253}`;
    api.store.update('subnets', subnet, { gateway_ip });
  },
  'delete a subnet': (api, a) => {
    api.store.delete('subnets', idOf(api, 'subnets', a));
  },
  'delete a network': (api, a) => {
    api.store.delete('networks', idOf(api, 'networks', a));
  },
  'change an MTU': (api, a, b) => {
    api.store.update('networks', idOf(api, 'networks', a), { mtu: choose(MTUS, b) });
  },
  'describe something': (api, a, b) => {
    const collection = choose(['networks', 'ports', 'routers', 'floatingips'] as const, a);
    api.store.update(collection, idOf(api, collection, b), { description: `number ${a}` });
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

const INTERFACES = `SELECT id FROM ports WHERE device_owner = 'network:router_interface_distributed' ORDER BY rowid`;
const INTERFACES_OF = 'SELECT DISTINCT port_id FROM router_interfaces WHERE router_id = ?';

function disassociateAll({ store, find }: Api, routerId: string): void {
  for (const id of find('SELECT id FROM floatingips WHERE router_id = ?', routerId))
    store.update('floatingips', id, { port_id: null });
}

function isUp({ find }: Api, collection: 'routers' | 'ports', id: string): boolean {
  return find(`SELECT id FROM ${collection} WHERE id = ? AND admin_state_up`, id).length > 0;
}

function oneOf(ids: readonly string[], number: number): string {
  return ids.length === 0 ? NOBODY : choose(ids, number);
}

function idOf({ find }: Api, collection: Collection, number: number): string {
  return oneOf(find(`SELECT id FROM ${collection} ORDER BY rowid`), number);
}

function external({ find }: Api, number: number): string {
  return oneOf(find('SELECT id FROM networks WHERE "router:external" ORDER BY rowid'), number);
}

function tenant({ find }: Api, number: number): string {
  return oneOf(find('SELECT id FROM networks WHERE NOT "router:external" ORDER BY rowid'), number);
}

function subnetOf({ find }: Api, networkId: string, number: number): string {
  return oneOf(find('SELECT id FROM subnets WHERE network_id = ? ORDER BY rowid', networkId), number);
}

function workload({ find }: Api, number: number): string {
  const query = `SELECT ports.id FROM ports JOIN networks ON networks.id = network_id
    WHERE device_owner = '' AND NOT "router:external" ORDER BY ports.rowid`;
  return oneOf(find(query), number);
}
