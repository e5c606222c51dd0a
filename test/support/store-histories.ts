// Random histories of API calls in a small world, so that calls meet: few networks, subnets that
// overlap, tiny pools, addresses that are gateways elsewhere. Most calls are refused by somebody.

import fc from 'fast-check';
import type { Collection, Networking } from '../../src/intent/store/index.ts';
import { NetworkingError } from '../../src/intent/store/index.ts';
import { all, make, world } from './stores.ts';

/** A call; resources are meant by their number among those that there are. */
export type Call = (store: Networking) => void;

const nat = fc.nat(5);
const cidrs = fc.constantFrom(
  '10.0.0.0/29',
  '10.0.0.0/28',
  '10.0.1.0/29',
  '203.0.113.0/28',
  '2001:db8::/125',
  '169.254.64.0/24',
);
const addresses = fc.constantFrom(
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.5',
  '10.0.0.9',
  '10.0.1.1',
  '10.0.1.3',
  '203.0.113.1',
  '203.0.113.4',
  '203.0.113.9',
  '2001:db8::1',
  '2001:db8::4',
  '192.0.2.1',
);
const pools = fc.constantFrom(
  [{ start: '10.0.0.2', end: '10.0.0.3' }],
  [
    { start: '10.0.0.4', end: '10.0.0.6' },
    { start: '10.0.0.2', end: '10.0.0.2' },
  ],
  [{ start: '203.0.113.3', end: '203.0.113.8' }],
  [],
);
const mostly = fc.integer({ min: 0, max: 9 }).map((number) => number > 0);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

function idAt(store: Networking, collection: Collection, number: number, filters = {}): string {
  const resources = all(store, collection, filters);
  return resources[number % Math.max(resources.length, 1)]?.id ?? '00000000-0000-4000-8000-000000000000';
}

function create(collection: Collection, body: (store: Networking) => object): Call {
  return (store) => void store.create(collection, [body(store)]);
}

const networks = fc
  .tuple(fc.boolean(), maybe(fc.constantFrom('physnet1', 'physnet2')), fc.constantFrom(1280, 1500))
  .map(([external, physical, mtu]) =>
    create('networks', () => ({ 'router:external': external, 'provider:physical_network': physical, mtu })),
  );
const subnets = fc
  .tuple(nat, cidrs, maybe(addresses), maybe(pools))
  .map(([network, cidr, gateway_ip, allocation_pools]) =>
    create('subnets', (store) => ({
      network_id: idAt(store, 'networks', network),
      ip_version: cidr.includes(':') ? 6 : 4,
      cidr,
      gateway_ip,
      allocation_pools,
    })),
  );
const fixedIps = fc.option(
  fc.array(
    fc.oneof(
      addresses.map((ip_address) => () => ({ ip_address })),
      nat.map((number) => (store: Networking) => ({ subnet_id: idAt(store, 'subnets', number) })),
    ),
    { maxLength: 2 },
  ),
  { nil: undefined, freq: 1 },
);
const ports = fc.tuple(nat, fixedIps).map(([network, wishes]) =>
  create('ports', (store) => ({
    network_id: idAt(store, 'networks', network),
    fixed_ips: wishes?.map((wish) => wish(store)),
  })),
);
const gateways = fc.oneof(
  nat.map((number) => (store: Networking) => ({
    network_id: idAt(store, 'networks', number, { 'router:external': ['true'] }),
  })),
  fc.tuple(nat, addresses).map(([number, ip_address]) => (store: Networking) => ({
    network_id: idAt(store, 'networks', number, { 'router:external': ['true'] }),
    external_fixed_ips: [{ ip_address }],
  })),
  fc.constant(() => null),
);
const routers = fc
  .tuple(mostly, gateways)
  .map(([admin_state_up, gateway]) =>
    create('routers', (store) => ({ admin_state_up, external_gateway_info: gateway(store) })),
  );
const floatingIps = fc
  .tuple(nat, maybe(fc.nat(30)), fc.option(addresses, { nil: undefined, freq: 1 }))
  .map(([network, port, floating_ip_address]) =>
    create('floatingips', (store) => ({
      floating_network_id: idAt(store, 'networks', network, { 'router:external': ['true'] }),
      floating_ip_address,
      port_id: port === undefined ? null : idAt(store, 'ports', port, { device_owner: [''] }),
    })),
  );
const routes = fc.array(
  fc.record({ destination: fc.constantFrom('192.168.0.0/16', '10.9.0.0/16', '2001:db8:9::/48'), nexthop: addresses }),
  { maxLength: 2 },
);

const interfaces = fc
  .tuple(nat, fc.nat(20), fc.boolean(), mostly)
  .map(([router, other, isPort, isAdded]): Call => (store) => {
    const owner = { device_owner: [isAdded ? '' : 'network:router_interface_distributed'] };
    const body = isPort
      ? { port_id: idAt(store, 'ports', other, owner) }
      : { subnet_id: idAt(store, 'subnets', other) };
    const id = idAt(store, 'routers', router);
    if (isAdded) store.addRouterInterface(id, body);
    else store.removeRouterInterface(id, body);
  });

function update(collection: Collection, number: number, body: (store: Networking) => object): Call {
  return (store) => void store.update(collection, idAt(store, collection, number), body(store));
}

const updates = fc.oneof(
  fc.tuple(nat, fc.boolean()).map(([n, external]) => update('networks', n, () => ({ 'router:external': external }))),
  fc
    .tuple(nat, maybe(fc.oneof(addresses, fc.constant(null))), maybe(pools))
    .map(([n, gateway_ip, allocation_pools]) => update('subnets', n, () => ({ gateway_ip, allocation_pools }))),
  fc.tuple(fc.nat(20), mostly).map(([n, admin_state_up]) => update('ports', n, () => ({ admin_state_up }))),
  fc
    .tuple(fc.nat(20), fixedIps)
    .map(([n, wishes]) => update('ports', n, (store) => ({ fixed_ips: wishes?.map((wish) => wish(store)) }))),
  fc.tuple(nat, mostly).map(([n, admin_state_up]) => update('routers', n, () => ({ admin_state_up }))),
  fc
    .tuple(nat, gateways)
    .map(([n, gateway]) => update('routers', n, (store) => ({ external_gateway_info: gateway(store) }))),
  fc.tuple(nat, routes).map(([n, list]) => update('routers', n, () => ({ routes: list }))),
  fc.tuple(fc.nat(9), maybe(fc.nat(30))).map(([n, port]) =>
    update('floatingips', n, (store) => ({
      port_id: port === undefined ? null : idAt(store, 'ports', port, { device_owner: [''] }),
    })),
  ),
);

const deletions = fc
  .tuple(fc.constantFrom<Collection>('networks', 'subnets', 'ports', 'ports', 'routers', 'floatingips'), fc.nat(20))
  .map(
    ([collection, number]): Call =>
      (store) =>
        store.delete(collection, idAt(store, collection, number)),
  );

const calls: fc.Arbitrary<Call> = fc.oneof(
  { weight: 2, arbitrary: networks },
  { weight: 3, arbitrary: subnets },
  { weight: 4, arbitrary: ports },
  { weight: 2, arbitrary: routers },
  { weight: 5, arbitrary: floatingIps },
  { weight: 5, arbitrary: interfaces },
  { weight: 6, arbitrary: updates },
  { weight: 2, arbitrary: deletions },
);

export const histories: fc.Arbitrary<readonly Call[]> = fc.array(calls, { minLength: 10, maxLength: 40 });

/** Something that histories can go on from: two tenants with floating IPs on one network, one of them with IPv6, and a second way out. */
export function crowdedWorld(store: Networking): void {
  const first = world(store);
  const associated = { floating_network_id: first.public, port_id: first.workload };
  make(store, 'floatingips', associated);
  const other = make(store, 'networks', { 'router:external': true, 'provider:physical_network': 'physnet1' });
  make(store, 'subnets', { network_id: other.id, ip_version: 4, cidr: '198.51.100.0/29' });
  const green = make(store, 'networks', {});
  const subnet = make(store, 'subnets', { network_id: green.id, ip_version: 4, cidr: '10.0.0.0/28' });
  const subnet6 = make(store, 'subnets', { network_id: green.id, ip_version: 6, cidr: '2001:db8::/125' });
  const router = make(store, 'routers', { external_gateway_info: { network_id: first.public } });
  for (const { id } of [subnet, subnet6]) store.addRouterInterface(router.id, { subnet_id: id });
  store.update('routers', router.id, { routes: [{ destination: '192.168.0.0/16', nexthop: '10.0.0.5' }] });
  for (let count = 0; count < 3; count++) {
    const port = make(store, 'ports', { network_id: green.id });
    make(store, 'floatingips', { floating_network_id: first.public, port_id: port.id });
  }
}

/** Whether it was done; false when it was refused as Networking refuses. */
export function isDone(store: Networking, call: Call): boolean {
  try {
    call(store);
    return true;
  } catch (error) {
    if (error instanceof NetworkingError && error.status !== 503) return false;
    throw error;
  }
}
