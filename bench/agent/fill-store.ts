// A store with routers that are all alike, filled by the API's own operations but without HTTP.

import type { Store } from '../../src/intent/store/index.ts';
import type { Size } from '../models.ts';

/** Of one transaction. */
const AT_ONCE = 1000;

export interface Filled {
  readonly externalNetwork: string;
  readonly routers: readonly FilledRouter[];
}

export interface FilledRouter {
  readonly id: string;
  readonly network: string;
  readonly subnet: string;
}

/** Routers with a tenant network each, and floating IPs that lead to ports on it. */
export function fillStore(store: Store, { routers: count, floatingIps }: Size): Filled {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const flat = { 'provider:network_type': 'flat', 'provider:physical_network': 'public' };
  const [externalNetwork = ''] = make(store, 'networks', [{ name: 'public', 'router:external': true, ...flat }]);
  make(store, 'subnets', [{ network_id: externalNetwork, cidr: '198.18.0.0/15', gateway_ip: '198.18.0.1' }]);
  const gateway = { network_id: externalNetwork };
  const ids = make(
    store,
    'routers',
    numbers.map((number) => ({ name: `r${number}`, external_gateway_info: gateway })),
  );
  const networks = make(
    store,
    'networks',
    numbers.map((number) => ({ name: `n${number}` })),
  );
  const cidr = '10.0.0.0/16';
  const subnets = make(
    store,
    'subnets',
    networks.map((network_id) => ({ network_id, cidr })),
  );
  const routers = numbers.map((number) => ({
    id: ids[number] ?? '',
    network: networks[number] ?? '',
    subnet: subnets[number] ?? '',
  }));
  for (const { id, subnet } of routers) store.addRouterInterface(id, { subnet_id: subnet });
  const ports = make(
    store,
    'ports',
    routers.flatMap(({ network }) => Array.from({ length: floatingIps }, () => ({ network_id: network }))),
  );
  make(
    store,
    'floatingips',
    ports.map((port_id) => ({ floating_network_id: externalNetwork, port_id })),
  );
  return { externalNetwork, routers };
}

function make(store: Store, collection: Parameters<Store['create']>[0], bodies: readonly object[]): string[] {
  const ids: string[] = [];
  const whole = collection === 'subnets' ? bodies.map((body) => ({ ip_version: 4, ...body })) : bodies;
  for (let start = 0; start < whole.length; start += AT_ONCE)
    ids.push(...store.create(collection, whole.slice(start, start + AT_ONCE)).map(({ id }) => id));
  return ids;
}
