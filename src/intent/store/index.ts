// The embedded store: networks, subnets, ports, routers and floating IPs in one SQLite file, with the
// semantics of OpenStack Networking v2.0 (docs/api-store.md).

import type { Plug } from '../../model/model.ts';
import { CHANCE } from './chance.ts';
import { openFile } from './open-file.ts';
import { Store } from './store.ts';

export { agentId } from './agent-gateway.ts';
export { NetworkingError } from './networking.ts';
export type { Change, Collection, Listing, ListQuery, Networking, Resource } from './networking.ts';
export { quotaBody } from './quotas.ts';
export { RESOURCES } from './resources/index.ts';
export { extraRoutesBody, routerInterfaceBody, routerInterfaceShown } from './resources/router.ts';
export type { Store } from './store.ts';
export { tagsBody } from './tags.ts';

/** What a project may have that has no quota of its own. One host has one operator, so Neutron's 10 routers and 50 floating IPs would be in the way. */
const NO_LIMITS = { network: -1, subnet: -1, port: -1, router: -1, floatingip: -1 };

export interface StoreOptions {
  /** This host's name, which is `binding:host_id` of its own ports. */
  readonly host: string;
  /** How flat networks are reached on this host, under the names that `provider:physical_network` may have. */
  readonly physicalNetworks?: ReadonlyMap<string, Plug>;
  /** Limits of projects that have set none, under `network`, `subnet`, `port`, `router`, `floatingip`. Default: -1, none. */
  readonly quotas?: Readonly<Partial<Record<keyof typeof NO_LIMITS, number>>>;
  /** The clock for `created_at` and `updated_at`. */
  readonly now?: () => Date;
}

/**
 * Opens the store in a file, or makes it (0600). One process has it at a time; disposing lets go of it.
 * @throws BuoyError BUOY_STORE_FOREIGN, _NEWER, _CORRUPT, _LOCKED, _FULL, _UNUSABLE; the file is as it was then.
 */
export function openStore(path: string, options: StoreOptions): Store {
  const { host, physicalNetworks = new Map<string, Plug>(), quotas, now = () => new Date() } = options;
  const { database, log, isNew } = openFile(path);
  const settings = {
    host,
    physicalNetworks: new Set(physicalNetworks.keys()),
    quotas: { ...NO_LIMITS, ...quotas },
    now,
    chance: CHANCE,
  };
  try {
    return new Store(path, { database, log, isNew }, settings, physicalNetworks);
  } catch (error) {
    database.close();
    log[Symbol.dispose]();
    throw error;
  }
}
