// What the API shows of what became of routers and floating IPs.

import { expect, test } from 'vitest';
import type { Store } from '../../../src/intent/store/index.ts';
import type { Router } from '../../../src/model/model.ts';
import { must } from '../../support/must.ts';
import { all, make, memoryStore, world } from '../../support/stores.ts';
import type { World } from '../../support/stores.ts';

const ACTIVE = { status: 'ACTIVE' } as const;

const routerOf = (store: Store, { router }: World): Router => must(store.model().routers.get(router));

/** The agent has brought the host to what is wanted. */
function settle(store: Store, ids: World): void {
  store.setRouterStatus(ids.router, ACTIVE, routerOf(store, ids));
}

/** Statuses of a router and of its ports. */
function shown(store: Store, { router }: World): readonly unknown[] {
  const owners = ['network:router_interface_distributed', 'network:router_gateway'];
  const ports = all(store, 'ports', { device_id: [router], device_owner: owners });
  return [...new Set([store.show('routers', router), ...ports].map(({ status }) => status))];
}

function interfaceOf(store: Store): string {
  return must(all(store, 'ports', { device_owner: ['network:router_interface_distributed'] })[0]).id;
}

function addInterface(store: Store, { router }: World): void {
  const green = make(store, 'networks', {}).id;
  const subnet = make(store, 'subnets', { network_id: green, ip_version: 4, cidr: '10.1.0.0/24' }).id;
  store.addRouterInterface(router, { subnet_id: subnet });
}

const CHANGES: readonly (readonly [string, (store: Store, ids: World) => unknown])[] = [
  ['an interface is added', addInterface],
  ['an interface is removed', (store, ids) => store.removeRouterInterface(ids.router, { subnet_id: ids.blueSubnet })],
  [
    'its gateway gets another address',
    (store, { router, public: outside }) => {
      const external_fixed_ips = [{ ip_address: '203.0.113.77' }];
      store.update('routers', router, { external_gateway_info: { network_id: outside, external_fixed_ips } });
    },
  ],
  [
    'its gateway is taken away',
    (store, { router }) => store.update('routers', router, { external_gateway_info: null }),
  ],
  [
    'a route is set',
    (store, { router }) =>
      store.update('routers', router, { routes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.5' }] }),
  ],
  [
    'a route is added',
    (store, { router }) =>
      store.changeExtraRoutes(router, 'add', { routes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.5' }] }),
  ],
  [
    'the gateway of a subnet behind it is taken away',
    (store, ids) => {
      store.removeRouterInterface(ids.router, { subnet_id: ids.blueSubnet });
      const [port] = store.create('ports', [{ network_id: ids.blue, fixed_ips: [{ ip_address: '10.0.0.50' }] }]);
      store.addRouterInterface(ids.router, { port_id: port?.id });
      settle(store, ids);
      store.update('subnets', ids.blueSubnet, { gateway_ip: null });
    },
  ],
];

test.each(CHANGES)('when %s, a router and its ports are DOWN until the host has it so', (_, change) => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  expect(shown(store, ids)).toEqual(['ACTIVE']);
  const before = routerOf(store, ids);
  change(store, ids);
  expect(shown(store, ids)).toEqual(['DOWN']);
  expect(all(store, 'routers', { status: ['ACTIVE'] })).toEqual([]);
  // A round that began before, whether or not anybody has looked at the Model since.
  store.setRouterStatus(ids.router, ACTIVE, before);
  expect(shown(store, ids)).toEqual(['DOWN']);
  const now = routerOf(store, ids);
  store.setRouterStatus(ids.router, ACTIVE, before);
  expect(shown(store, ids)).toEqual(['DOWN']);
  store.setRouterStatus(ids.router, ACTIVE, now);
  expect(shown(store, ids)).toEqual(['ACTIVE']);
});

test('the answer to a change shows it as pending already', () => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  expect(store.update('routers', ids.router, { external_gateway_info: null })['status']).toBe('DOWN');
});

test('a router stays ACTIVE when nothing is to be done for it, and when floating IPs come and go', () => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  store.update('routers', ids.router, { name: 'azure', description: 'sky', admin_state_up: true });
  store.update('routers', ids.router, { external_gateway_info: { network_id: ids.public } });
  store.update('ports', interfaceOf(store), { name: 'inside', admin_state_up: true });
  store.update('subnets', ids.blueSubnet, { name: 'web', gateway_ip: '10.0.0.1' });
  const before = routerOf(store, ids);
  const { id } = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  expect(shown(store, ids)).toEqual(['ACTIVE']);
  store.setRouterStatus(ids.router, ACTIVE, before);
  expect([shown(store, ids), store.show('floatingips', id)['status']]).toEqual([['ACTIVE'], 'DOWN']);
  settle(store, ids);
  expect(store.show('floatingips', id)['status']).toBe('ACTIVE');
  store.delete('floatingips', id);
  expect(shown(store, ids)).toEqual(['ACTIVE']);
});

test('a router that was changed becomes ACTIVE though floating IPs come all the time', () => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  addInterface(store, ids);
  const applied = routerOf(store, ids);
  make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  store.model();
  store.setRouterStatus(ids.router, ACTIVE, applied);
  expect(shown(store, ids)).toEqual(['ACTIVE']);
});

test('floating IPs serve on while their router is changed', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const { id } = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  settle(store, ids);
  addInterface(store, ids);
  expect([shown(store, ids), store.show('floatingips', id)['status']]).toEqual([['DOWN'], 'ACTIVE']);
});

test('a change that is taken back leaves the status as it was', () => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  const routes = [{ destination: '192.0.2.0/24', nexthop: '198.51.100.1' }];
  expect(() => store.update('routers', ids.router, { admin_state_up: false, routes })).toThrow('not connected');
  expect(shown(store, ids)).toEqual(['ACTIVE']);
});

test('an ERROR is shown while something else is wanted of the router, until it works as it is wanted', () => {
  const { store } = memoryStore();
  const ids = world(store);
  settle(store, ids);
  addInterface(store, ids);
  store.setRouterStatus(ids.router, { status: 'ERROR', error: { code: 'BUOY_BRIDGE_MISSING', message: 'no bridge' } });
  expect(shown(store, ids)).toEqual(['ERROR', 'DOWN']);
  const before = routerOf(store, ids);
  store.update('routers', ids.router, { external_gateway_info: null });
  expect(shown(store, ids)).toEqual(['ERROR', 'DOWN']);
  store.setRouterStatus(ids.router, ACTIVE, before);
  expect(shown(store, ids)).toEqual(['DOWN']);
  expect(store.show('routers', ids.router)['buoy:error']).toBeNull();
  settle(store, ids);
  expect(shown(store, ids)).toEqual(['ACTIVE']);
});

test('a router’s status is that of the floating IPs that were there when it was reached', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const status = (id: string) => store.show('floatingips', id)['status'];
  const first = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload }).id;
  const unused = make(store, 'floatingips', { floating_network_id: ids.public }).id;
  const applied = store.model().routers.get(ids.router);
  const port = make(store, 'ports', { network_id: ids.blue }).id;
  const second = make(store, 'floatingips', { floating_network_id: ids.public, port_id: port }).id;
  expect([first, second, unused].map(status)).toEqual(['DOWN', 'DOWN', 'DOWN']);
  store.setRouterStatus(ids.router, { status: 'ACTIVE' }, applied);
  expect([first, second, unused].map(status)).toEqual(['ACTIVE', 'DOWN', 'DOWN']);
  expect(all(store, 'floatingips', { status: ['ACTIVE'] }).map(({ id }) => id)).toEqual([first]);
  const error = { code: 'BUOY_BRIDGE_MISSING', message: 'there is no bridge br-blue' };
  store.setRouterStatus(ids.router, { status: 'ERROR', error });
  expect([first, second, unused].map(status)).toEqual(['ERROR', 'ERROR', 'DOWN']);
  expect(store.show('floatingips', second)['buoy:error']).toEqual(error);
  expect(store.show('routers', ids.router)).toMatchObject({ status: 'ERROR', 'buoy:error': error });
  store.setRouterStatus('12345678-1234-4321-8765-123456789abc', { status: 'ACTIVE' });
  store.setRouterStatus(ids.router, { status: 'ACTIVE' });
  expect([first, second, unused].map(status)).toEqual(['ACTIVE', 'ACTIVE', 'DOWN']);
});

test('a floating IP behind an interface that is switched off does not work, though its router does', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const { id } = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  const inside = interfaceOf(store);
  const statuses = () => [
    store.show('floatingips', id)['status'],
    store.show('ports', inside)['status'],
    store.show('routers', ids.router)['status'],
  ];
  settle(store, ids);
  expect(statuses()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
  store.update('ports', inside, { admin_state_up: false });
  expect(statuses()).toEqual(['DOWN', 'DOWN', 'DOWN']);
  settle(store, ids);
  expect(statuses()).toEqual(['DOWN', 'DOWN', 'ACTIVE']);
  store.update('ports', inside, { admin_state_up: true });
  expect(statuses()).toEqual(['DOWN', 'DOWN', 'DOWN']);
  settle(store, ids);
  expect(statuses()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
});
