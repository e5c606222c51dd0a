// What a transaction changed: resources, for those who listen, and parts of the Model, which are
// made anew.

import type { Change, Collection } from './networking.ts';

type Action = Change['resources'][number]['action'];

export interface ResourceChange {
  readonly collection: Collection;
  readonly id: string;
  readonly action: Action;
}

export class Changes {
  readonly #resources = new Map<string, ResourceChange>();
  /** Routers and networks whose part of the Model may be another. */
  readonly routers = new Set<string>();
  readonly networks = new Set<string>();
  /** Of routers, the floating IPs (addresses) that have come, gone, or got another fixed IP. */
  readonly floatingIps = new Map<string, Set<string>>();

  /** Whether it is the first change of that resource. */
  note(collection: Collection, id: string, action: Action): boolean {
    const key = `${collection}/${id}`;
    const earlier = this.#resources.get(key);
    if (earlier === undefined || action === 'delete') {
      // What has come and gone in one transaction was never there.
      if (earlier?.action === 'create') this.#resources.delete(key);
      else this.#resources.set(key, { collection, id, action });
    }
    return earlier === undefined;
  }

  floatingIp(routerId: string, address: string): void {
    const addresses = this.floatingIps.get(routerId);
    if (addresses === undefined) this.floatingIps.set(routerId, new Set([address]));
    else addresses.add(address);
  }

  get resources(): readonly ResourceChange[] {
    return [...this.#resources.values()];
  }
}
