// What calls answer, and what they do to other resources.

import { expect, test } from 'vitest';
import { z } from 'zod';
import { RESOURCES, routerInterfaceShown } from '../../../src/intent/store/index.ts';
import type { Change, Collection, Resource, Store } from '../../../src/intent/store/index.ts';
import { all, HOST, make, memoryStore, refusal, world } from '../../support/stores.ts';
import type { World } from '../../support/stores.ts';

const addressesOf = (store: Store, owner: string) =>
  all(store, 'ports', { device_owner: [owner] }).map(({ fixed_ips: fixedIps }) => fixedIps);

test('everything that is shown is as its schema says', () => {
  const { store } = memoryStore();
  const ids = world(store);
  make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  store.setRouterStatus(ids.router, { status: 'ERROR', error: { code: 'BUOY_BRIDGE_MISSING', message: 'no bridge' } });
  for (const collection of ['networks', 'subnets', 'ports', 'routers', 'floatingips'] as const) {
    const { shown, attributes } = RESOURCES[collection];
    for (const resource of all(store, collection)) {
      expect(shown.strict().parse(resource)).toEqual(resource);
      expect(Object.keys(resource).toSorted()).toEqual([...attributes.keys()].toSorted());
    }
  }
});

test('a floating IP shows the port that it leads to', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const { id, port_details: none } = make(store, 'floatingips', { floating_network_id: ids.public });
  expect(none).toBeNull();
  store.update('ports', ids.workload, { name: 'server', device_id: 'vm', device_owner: 'compute:nova' });
  const shown = ({ port_details: details }: Resource) => details;
  const expected = {
    name: 'server',
    network_id: ids.blue,
    mac_address: store.show('ports', ids.workload)['mac_address'],
    admin_state_up: true,
    status: 'ACTIVE',
    device_id: 'vm',
    device_owner: 'compute:nova',
  };
  expect(shown(store.update('floatingips', id, { port_id: ids.workload }))).toEqual(expected);
  store.update('ports', ids.workload, { admin_state_up: false });
  expect(shown(store.show('floatingips', id))).toEqual({ ...expected, admin_state_up: false, status: 'DOWN' });
});

test('schemas say in JSON Schema what a body needs', () => {
  const requiredOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }).required ?? [];
  const required = Object.values(RESOURCES).map(({ create }) => requiredOf(create));
  expect(required).toEqual([[], ['network_id', 'ip_version', 'cidr'], ['network_id'], [], ['floating_network_id']]);
  expect(Object.values(RESOURCES).flatMap(({ update }) => requiredOf(update))).toEqual([]);
  for (const { shown, attributes } of Object.values(RESOURCES)) {
    expect(requiredOf(shown)).toHaveLength(attributes.size);
  }
});

test('a subnet has the gateway and the pools that Neutron would give it', () => {
  const { store } = memoryStore();
  const network = make(store, 'networks', {}).id;
  const made = (body: object) => make(store, 'subnets', { network_id: network, ip_version: 4, ...body });
  expect(made({ cidr: '10.0.0.0/24' })).toMatchObject({
    gateway_ip: '10.0.0.1',
    allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
    enable_dhcp: true,
  });
  expect(made({ cidr: '10.1.0.0/24', gateway_ip: '10.1.0.99' })).toMatchObject({
    allocation_pools: [
      { start: '10.1.0.1', end: '10.1.0.98' },
      { start: '10.1.0.100', end: '10.1.0.254' },
    ],
  });
  expect(made({ cidr: '10.2.0.0/31', gateway_ip: null })).toMatchObject({
    gateway_ip: null,
    allocation_pools: [{ start: '10.2.0.0', end: '10.2.0.1' }],
  });
  expect(made({ ip_version: 6, cidr: '2001:DB8:0::/64' })).toMatchObject({
    cidr: '2001:db8::/64',
    gateway_ip: '2001:db8::1',
    allocation_pools: [{ start: '2001:db8::2', end: '2001:db8::ffff:ffff:ffff:ffff' }],
  });
  const one = made({ cidr: '10.3.0.0/24', allocation_pools: [{ start: '10.3.0.5', end: '10.3.0.5' }] });
  const ports = { network_id: network, fixed_ips: [{ subnet_id: one.id }] };
  expect(make(store, 'ports', ports)['fixed_ips']).toEqual([{ subnet_id: one.id, ip_address: '10.3.0.5' }]);
});

test('a port has an address of each IP version', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const six = make(store, 'subnets', { network_id: ids.blue, ip_version: 6, cidr: '2001:db8::/64' }).id;
  expect(make(store, 'ports', { network_id: ids.blue })).toMatchObject({
    mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
    fixed_ips: [
      { subnet_id: ids.blueSubnet, ip_address: '10.0.0.2' },
      { subnet_id: six, ip_address: '2001:db8::2' },
    ],
  });
});

test('a router’s gateway brings a port of its own and one of this host, and takes them away', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const second = make(store, 'routers', { external_gateway_info: { network_id: ids.public } });
  expect(second['external_gateway_info']).toEqual({
    network_id: ids.public,
    enable_snat: false,
    external_fixed_ips: [{ subnet_id: ids.publicSubnet, ip_address: '203.0.113.252' }],
  });
  expect(addressesOf(store, 'network:router_gateway')).toHaveLength(2);
  expect(all(store, 'ports', { device_owner: ['network:floatingip_agent_gateway'] })).toMatchObject([
    { network_id: ids.public, 'binding:host_id': HOST, fixed_ips: [{ ip_address: '203.0.113.253' }] },
  ]);
  store.update('routers', ids.router, { external_gateway_info: null });
  expect(addressesOf(store, 'network:floatingip_agent_gateway')).toHaveLength(1);
  store.delete('routers', second.id);
  expect(addressesOf(store, 'network:floatingip_agent_gateway')).toHaveLength(0);
  expect(addressesOf(store, 'network:router_gateway')).toHaveLength(0);
});

test('a gateway gets the address that is asked for, keeps it, and may change it', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const gateway = (address?: string) => {
    const external_fixed_ips = address === undefined ? undefined : [{ ip_address: address }];
    const info = { network_id: ids.public, external_fixed_ips };
    return store.update('routers', ids.router, { external_gateway_info: info })['external_gateway_info'];
  };
  expect(gateway('203.0.113.200')).toMatchObject({ external_fixed_ips: [{ ip_address: '203.0.113.200' }] });
  expect(gateway()).toMatchObject({ external_fixed_ips: [{ ip_address: '203.0.113.200' }] });
  expect(gateway('203.0.113.201')).toMatchObject({ external_fixed_ips: [{ ip_address: '203.0.113.201' }] });
});

test('an interface is added and removed as Neutron answers it', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const green = make(store, 'networks', {}).id;
  const subnet = make(store, 'subnets', { network_id: green, ip_version: 4, cidr: '10.5.0.0/24' }).id;
  const port = make(store, 'ports', { network_id: green, fixed_ips: [{ ip_address: '10.5.0.77' }] }).id;
  const shown = {
    id: ids.router,
    project_id: '',
    tenant_id: '',
    port_id: port,
    network_id: green,
    subnet_id: subnet,
    subnet_ids: [subnet],
  };
  const before = store.show('routers', ids.router)['revision_number'];
  const answer = store.addRouterInterface(ids.router, { port_id: port });
  expect(answer).toEqual(shown);
  expect(routerInterfaceShown.strict().parse(answer)).toEqual(shown);
  expect(store.show('routers', ids.router)['revision_number']).toBe(Number(before) + 1);
  expect(store.show('ports', port)).toMatchObject({
    device_id: ids.router,
    device_owner: 'network:router_interface_distributed',
  });
  expect(store.removeRouterInterface(ids.router, { subnet_id: subnet })).toEqual(shown);
  expect(all(store, 'ports', { id: [port] })).toEqual([]);
});

test('the life of a floating IP', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const free = make(store, 'floatingips', { floating_network_id: ids.public, description: 'www' });
  expect(free).toMatchObject({ port_id: null, router_id: null, fixed_ip_address: null, status: 'DOWN' });
  expect(store.show('ports', String(free['floating_port_id']))).toMatchObject({
    device_id: free.id,
    device_owner: 'network:floatingip',
    status: 'N/A',
  });
  const associated = store.update('floatingips', free.id, { port_id: ids.workload });
  expect(associated).toMatchObject({ router_id: ids.router, fixed_ip_address: '10.0.0.10', description: 'www' });
  // What does not change it has no new revision.
  expect(store.update('floatingips', free.id, { port_id: ids.workload })).toEqual(associated);

  const other = make(store, 'ports', { network_id: ids.blue, fixed_ips: [{ ip_address: '10.0.0.20' }] }).id;
  expect(store.update('floatingips', free.id, { port_id: other })).toMatchObject({ fixed_ip_address: '10.0.0.20' });
  store.delete('ports', other);
  expect(store.show('floatingips', free.id)).toMatchObject({ port_id: null, router_id: null, fixed_ip_address: null });

  const wanted = { floating_network_id: ids.public, floating_ip_address: '203.0.113.77', subnet_id: ids.publicSubnet };
  expect(make(store, 'floatingips', wanted)['floating_ip_address']).toBe('203.0.113.77');
  store.delete('floatingips', free.id);
  expect(all(store, 'ports', { device_id: [free.id] })).toEqual([]);
  const again = make(store, 'floatingips', { floating_network_id: ids.public });
  expect(again['floating_ip_address']).toBe(free['floating_ip_address']);
});

test('a port that loses an address loses its floating IP, and keeps what it is asked to keep', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const floating = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload }).id;
  const wish = [{ ip_address: '10.0.0.10' }, { subnet_id: ids.blueSubnet }];
  const { fixed_ips: both } = store.update('ports', ids.workload, { fixed_ips: wish });
  expect(both).toMatchObject([{ ip_address: '10.0.0.10' }, { ip_address: '10.0.0.2' }]);
  expect(store.show('floatingips', floating)['port_id']).toBe(ids.workload);
  store.update('ports', ids.workload, { fixed_ips: [{ ip_address: '10.0.0.2' }] });
  expect(store.show('floatingips', floating)['port_id']).toBe(null);
});

test('of two routers on a subnet, a floating IP belongs to the one that is its gateway', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const other = make(store, 'routers', { external_gateway_info: { network_id: ids.public } }).id;
  store.addRouterInterface(other, { port_id: make(store, 'ports', { network_id: ids.blue }).id });
  const floating = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  expect(floating['router_id']).toBe(ids.router);
});

test('extra routes are added and removed one by one', () => {
  const { store } = memoryStore();
  const { router } = world(store);
  const route = (n: number) => ({ destination: `192.168.${n}.0/24`, nexthop: '10.0.0.5' });
  const routes = () => store.show('routers', router)['routes'];
  store.changeExtraRoutes(router, 'add', { routes: [route(1), route(2)] });
  store.changeExtraRoutes(router, 'add', { routes: [route(2), route(3)] });
  expect(routes()).toEqual([route(1), route(2), route(3)]);
  store.changeExtraRoutes(router, 'remove', { routes: [route(1), route(9)] });
  expect(routes()).toEqual([route(2), route(3)]);
});

test('tags are a set, and a change of them is a revision', () => {
  const { store } = memoryStore();
  const { router } = world(store);
  const before = Number(store.show('routers', router)['revision_number']);
  expect(store.setTags('routers', router, ['b', 'a', 'b'])).toEqual(['a', 'b']);
  expect(store.show('routers', router)).toMatchObject({ tags: ['a', 'b'], revision_number: before + 1 });
  store.update('routers', router, { name: 'still there' }, before + 1);
  expect(store.tags('routers', router)).toEqual(['a', 'b']);
});

test.each<[Collection, (ids: World) => object]>([
  ['networks', () => ({})],
  ['subnets', ({ blue }) => ({ network_id: blue, ip_version: 4, cidr: '10.7.0.0/24' })],
  ['ports', ({ blue }) => ({ network_id: blue })],
  ['routers', () => ({})],
  ['floatingips', (ids) => ({ floating_network_id: ids.public })],
])('one of %s is created with its tags', (collection, body) => {
  const { store } = memoryStore();
  const attributes = body(world(store));
  const made = make(store, collection, { ...attributes, tags: ['b', 'a', 'b'] });
  expect(made).toMatchObject({ tags: ['a', 'b'], revision_number: 1 });
  expect(all(store, collection, { tags: ['a'] })).toEqual([made]);
  const before = all(store, collection);
  expect(refusal(() => make(store, collection, { ...attributes, tags: ['a,b'] })).message).toBe(
    'Invalid input for tags[0]. Reason: "a,b" has a comma or a slash.',
  );
  const many = Array.from({ length: 51 }, (_, index) => `t${index}`);
  expect(refusal(() => make(store, collection, { ...attributes, tags: many })).status).toBe(400);
  expect(all(store, collection)).toEqual(before);
});

test('listeners hear what a transaction did to every resource, once it is done', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const heard: Change[] = [];
  const seen: string[][] = [];
  const routers: unknown[] = [];
  const stop = store.onChange((change) => {
    heard.push(change);
    const resources = change.resources.map((one) => ({ ...one, resource: one.resource() }));
    seen.push(
      resources.map((one) => `${one.action} ${one.collection} ${one.resource === undefined ? 'gone' : 'there'}`),
    );
    routers.push(resources[1]?.resource?.['router_id']);
  });
  const { id } = make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  store.delete('floatingips', id);
  expect(seen).toEqual([
    ['create ports there', 'create floatingips there'],
    ['delete floatingips gone', 'delete ports gone'],
  ]);
  expect(routers[0]).toBe(ids.router);
  stop();
  make(store, 'networks', {});
  expect(heard).toHaveLength(2);
});
