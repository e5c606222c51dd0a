// The Model of what is in the store. Routers and networks are kept from one Model to the next, and
// only those that a transaction changed are made anew.

import type { Model, Network, Plug, Router } from '../../model/model.ts';
import type { Changes } from './changes.ts';
import { networkModel } from './model-network.ts';
import { floatingIpModel, routerModel } from './model-router.ts';
import { textOf } from './row.ts';
import type { Sql } from './sql.ts';

export class ModelCache {
  readonly #sql: Sql;
  readonly #plugs: ReadonlyMap<string, Plug>;
  readonly #staleRouters = new Set<string>();
  readonly #staleNetworks = new Set<string>();
  readonly #staleFloatingIps = new Map<string, Set<string>>();
  #model: Model = { networks: new Map(), routers: new Map() };

  constructor(sql: Sql, plugs: ReadonlyMap<string, Plug>) {
    this.#sql = sql;
    this.#plugs = plugs;
    for (const row of sql.all('SELECT id FROM routers ORDER BY rowid')) this.#staleRouters.add(textOf(row, 'id'));
    for (const row of sql.all('SELECT id FROM networks ORDER BY rowid')) this.#staleNetworks.add(textOf(row, 'id'));
  }

  /** Takes note of what a transaction changed, when it is done. */
  note(changes: Changes): void {
    for (const id of changes.routers) this.#staleRouters.add(id);
    for (const id of changes.networks) this.#staleNetworks.add(id);
    for (const [routerId, addresses] of changes.floatingIps) {
      const stale = this.#staleFloatingIps.get(routerId) ?? new Set<string>();
      for (const address of addresses) stale.add(address);
      this.#staleFloatingIps.set(routerId, stale);
    }
  }

  /** Whether a router of a Model is to be the same still, but for its floating IPs. */
  isCurrent(router: Router): boolean {
    const newest = this.#model.routers.get(router.id);
    // These are made anew with all of the router, and are the same objects when its floating IPs alone are others.
    return newest?.interfaces === router.interfaces && !this.#staleRouters.has(router.id);
  }

  model(): Model {
    const { networks, routers } = this.#model;
    const changesNetworks = this.#staleNetworks.size > 0;
    const changesRouters = this.#staleRouters.size + this.#staleFloatingIps.size > 0;
    if (changesNetworks || changesRouters) {
      this.#model = {
        networks: changesNetworks ? this.#freshNetworks(networks) : networks,
        routers: changesRouters ? this.#freshRouters(routers) : routers,
      };
      // Not before all of it was read: whoever could not read it reads all of that again.
      for (const stale of [this.#staleNetworks, this.#staleRouters, this.#staleFloatingIps]) stale.clear();
    }
    return this.#model;
  }

  #freshNetworks(former: ReadonlyMap<string, Network>): ReadonlyMap<string, Network> {
    const networks = new Map(former);
    for (const id of this.#staleNetworks) setOrDelete(networks, id, networkModel(this.#sql, this.#plugs, id));
    return networks;
  }

  #freshRouters(former: ReadonlyMap<string, Router>): ReadonlyMap<string, Router> {
    const routers = new Map(former);
    for (const [id, addresses] of this.#staleFloatingIps) {
      const router = routers.get(id);
      if (router !== undefined && !this.#staleRouters.has(id))
        routers.set(id, this.#withFloatingIps(router, addresses));
    }
    for (const id of this.#staleRouters) setOrDelete(routers, id, routerModel(this.#sql, id));
    return routers;
  }

  /** A router whose floating IPs are others and nothing else: of ten thousand only those are read. */
  #withFloatingIps(router: Router, addresses: ReadonlySet<string>): Router {
    const floatingIps = new Map(router.floatingIps);
    for (const text of addresses) {
      const { floating, entry } = floatingIpModel(this.#sql, router, text);
      setOrDelete(floatingIps, floating, entry);
    }
    return { ...router, floatingIps };
  }
}

function setOrDelete<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
