import { expect, test } from 'vitest';
import { linuxBridgeName } from '../../../src/model/names.ts';
import type { Model, Router } from '../../../src/model/model.ts';
import type { Store } from '../../../src/intent/store/index.ts';
import { bridge, ip, ipv4, prefix } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { make, memoryStore, world } from '../../support/stores.ts';
import type { World } from '../../support/stores.ts';

function associate(store: Store, ids: World, fixed: string): string {
  const port = make(store, 'ports', { network_id: ids.blue, fixed_ips: [{ ip_address: fixed }] }).id;
  return make(store, 'floatingips', { floating_network_id: ids.public, port_id: port }).id;
}

const routerOf = (model: Model, id: string): Router => must(model.routers.get(id));
const served = (model: Model, id: string) => [...routerOf(model, id).floatingIps.values()];

test('a router with all that it has', () => {
  const { store } = memoryStore();
  const ids = world(store);
  make(store, 'subnets', { network_id: ids.public, ip_version: 4, cidr: '198.51.100.0/24' });
  make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload });
  make(store, 'floatingips', { floating_network_id: ids.public });
  store.update('routers', ids.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '10.0.0.5' }] });
  const { networks, routers } = store.model();
  expect([...networks.keys()]).toEqual([ids.public, ids.blue]);
  expect(networks.get(ids.public)).toMatchObject({
    external: true,
    mtu: 1500,
    plug: { driver: 'bridge', bridge: linuxBridgeName(ids.public) },
    agentGateway: {
      addresses: [{ address: ip('203.0.113.253'), length: 24 }],
      gateways: [ip('203.0.113.1')],
      extraSubnets: [prefix('198.51.100.0/24')],
    },
  });
  expect(networks.get(ids.blue)?.agentGateway).toBeUndefined();
  expect([...routers.values()]).toMatchObject([
    {
      id: ids.router,
      externalNetworkId: ids.public,
      interfaces: [
        {
          networkId: ids.blue,
          addresses: [{ address: ip('10.0.0.1'), length: 24 }],
          gateways: [ip('10.0.0.1')],
          extraSubnets: [],
        },
      ],
      routes: [{ destination: prefix('192.168.0.0/16'), nexthop: ip('10.0.0.5') }],
      snatPorts: [],
    },
  ]);
  expect(served(store.model(), ids.router)).toEqual([{ floating: ipv4('203.0.113.2'), fixed: ipv4('10.0.0.10') }]);
});

test('a flat network is plugged as its physical network, any other by a bridge of its own', () => {
  const { store } = memoryStore();
  const flat = make(store, 'networks', { 'provider:physical_network': 'physnet1' });
  expect(flat['provider:network_type']).toBe('flat');
  const vlan = {
    'provider:network_type': 'vlan',
    'provider:physical_network': 'physnet1',
    'provider:segmentation_id': 100,
  };
  const tagged = make(store, 'networks', vlan).id;
  const { networks } = store.model();
  expect(networks.get(flat.id)?.plug).toEqual(bridge('br-ex'));
  expect(networks.get(tagged)?.plug).toEqual({ driver: 'bridge', bridge: linuxBridgeName(tagged) });
});

test('what is switched off is not served, and nothing that leads over it', () => {
  const { store } = memoryStore();
  const ids = world(store);
  associate(store, ids, '10.0.0.20');
  store.update('routers', ids.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '10.0.0.5' }] });
  const whole = store.model();
  const port = must(routerOf(whole, ids.router).interfaces[0]).id;
  store.update('ports', port, { admin_state_up: false });
  expect(routerOf(store.model(), ids.router)).toMatchObject({ interfaces: [], routes: [], floatingIps: new Map() });
  // One that comes meanwhile waits as the others do.
  const late = associate(store, ids, '10.0.0.21');
  expect(served(store.model(), ids.router)).toEqual([]);
  store.delete('floatingips', late);
  store.update('ports', port, { admin_state_up: true });
  expect(store.model()).toEqual(whole);

  store.update('routers', ids.router, { admin_state_up: false });
  expect(store.model().routers.size).toBe(0);
  expect(store.model().networks.get(ids.public)?.agentGateway).toBeUndefined();
  store.update('routers', ids.router, { admin_state_up: true });
  expect(store.model()).toEqual(whole);
});

test('what has not changed is the same object', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const other = make(store, 'routers', { external_gateway_info: { network_id: ids.public } }).id;
  associate(store, ids, '10.0.0.20');
  const before = store.model();
  expect(store.model()).toBe(before);

  associate(store, ids, '10.0.0.21');
  const after = store.model();
  expect(after).not.toBe(before);
  expect(after.networks).toBe(before.networks);
  expect(after.routers.get(other)).toBe(before.routers.get(other));
  const [router, former] = [routerOf(after, ids.router), routerOf(before, ids.router)];
  expect(router).not.toBe(former);
  expect(router.interfaces).toBe(former.interfaces);
  // The Model of before is what it was.
  expect([former.floatingIps.size, router.floatingIps.size]).toEqual([1, 2]);

  store.update('networks', ids.blue, { mtu: 1400 });
  const last = store.model();
  expect(last.routers).toBe(after.routers);
  expect(last.networks.get(ids.public)).toBe(after.networks.get(ids.public));
  expect(last.networks.get(ids.blue)?.mtu).toBe(1400);
});

test('a refused call leaves the Model as it is', () => {
  const { store } = memoryStore();
  const ids = world(store);
  const before = store.model();
  expect(() =>
    store.update('routers', ids.router, { name: 'new', routes: [{ destination: '0.0.0.0/0', nexthop: '10.9.9.9' }] }),
  ).toThrow();
  expect(() => store.create('floatingips', [{ floating_network_id: ids.public }, {}])).toThrow();
  expect(store.model()).toBe(before);
  expect(store.show('routers', ids.router)['name']).toBe('blue');
});
