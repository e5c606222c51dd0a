// Stores in memory for tests, and a small world in them.

import { DatabaseSync } from 'node:sqlite';
import type { Collection, Networking, Resource } from '../../src/intent/store/index.ts';
import { CHANCE } from '../../src/intent/store/chance.ts';
import { NetworkingError } from '../../src/intent/store/index.ts';
import { Store } from '../../src/intent/store/store.ts';
import { TABLES } from '../../src/intent/store/tables.ts';
import type { Settings } from '../../src/intent/store/transaction.ts';
import type { Plug } from '../../src/model/model.ts';
import { bridge } from './models.ts';

export const HOST = 'host-1';
export const PLUGS: ReadonlyMap<string, Plug> = new Map([['physnet1', bridge('br-ex')]]);

const NO_LOG = { sync: () => Promise.resolve(), [Symbol.dispose]: () => undefined };

export interface MemoryStore {
  readonly store: Store;
  readonly database: DatabaseSync;
  readonly settings: Settings;
}

/** A store without a file, which is made in no time; its clock stands still. */
export function memoryStore(quotas: Readonly<Record<string, number>> = {}): MemoryStore {
  const database = new DatabaseSync(':memory:');
  database.exec(TABLES);
  const settings = {
    host: HOST,
    physicalNetworks: new Set(PLUGS.keys()),
    quotas: { network: -1, subnet: -1, port: -1, router: -1, floatingip: -1, ...quotas },
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    chance: CHANCE,
  };
  return { settings, store: new Store(':memory:', { database, log: NO_LOG, isNew: true }, settings, PLUGS), database };
}

/** One resource more. */
export function make(store: Networking, collection: Collection, body: unknown): Resource {
  const [resource] = store.create(collection, [body]);
  if (resource === undefined) throw new Error('nothing was created');
  return resource;
}

/** A public network, a tenant's network with a router between the two, a workload on it, and ids of all. */
export interface World {
  readonly public: string;
  readonly publicSubnet: string;
  readonly blue: string;
  readonly blueSubnet: string;
  readonly router: string;
  readonly workload: string;
}

export function world(store: Networking): World {
  const outside = make(store, 'networks', { name: 'public', 'router:external': true });
  const publicSubnet = make(store, 'subnets', { network_id: outside.id, ip_version: 4, cidr: '203.0.113.0/24' });
  const blue = make(store, 'networks', { name: 'blue' });
  const blueSubnet = make(store, 'subnets', { network_id: blue.id, ip_version: 4, cidr: '10.0.0.0/24' });
  const router = make(store, 'routers', { name: 'blue', external_gateway_info: { network_id: outside.id } });
  store.addRouterInterface(router.id, { subnet_id: blueSubnet.id });
  const workload = make(store, 'ports', {
    network_id: blue.id,
    fixed_ips: [{ ip_address: '10.0.0.10' }],
    'binding:host_id': HOST,
  });
  return {
    public: outside.id,
    publicSubnet: publicSubnet.id,
    blue: blue.id,
    blueSubnet: blueSubnet.id,
    router: router.id,
    workload: workload.id,
  };
}

/** What an action is refused for. */
export function refusal(act: () => unknown): NetworkingError {
  try {
    act();
  } catch (error) {
    if (error instanceof NetworkingError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** All resources of a collection that fit the filters, in the order of a key. */
export function all(
  store: Networking,
  collection: Collection,
  filters: Readonly<Record<string, readonly string[]>> = {},
): readonly Resource[] {
  const query = { filters: new Map(Object.entries(filters)), sort: [], limit: undefined, marker: undefined };
  return store.list(collection, { ...query, isReverse: false }).resources;
}
