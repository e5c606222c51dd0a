// What an agent has.

import type { AgentClient } from '../agent/agent-client.ts';
import type { FloatingIp, Network, Port, Resource, Router, Subnet } from '../agent/resource-types.ts';
import { FLOATING_IPS, NETWORKS, PORTS, ROUTERS, SUBNETS } from '../agent/resource-types.ts';
import { FILE_TAG } from './call.ts';

export interface Stored {
  readonly networks: readonly Network[];
  readonly subnets: readonly Subnet[];
  readonly ports: readonly Port[];
  /** Those made from a file only: no other is in the way of one. */
  readonly routers: readonly Router[];
  readonly floatingIps: readonly FloatingIp[];
}

export function isOfFile({ tags }: Resource): boolean {
  return tags.includes(FILE_TAG);
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

export async function readStored(client: AgentClient): Promise<Stored> {
  const [networks, subnets, ports, routers, floatingIps] = await Promise.all([
    client.list(NETWORKS),
    client.list(SUBNETS),
    client.list(PORTS),
    client.list(ROUTERS, { tags: FILE_TAG }),
    client.list(FLOATING_IPS),
  ]);
  // Ids are random, and calls come in an order that a person can follow.
  return {
    networks: sorted(networks, ({ name }) => name),
    subnets: sorted(subnets, ({ name }) => name),
    ports: sorted(ports, (port) => port.fixed_ips.map((fixed) => fixed.ip_address).join(' ')),
    routers: sorted(routers, ({ name }) => name),
    floatingIps: sorted(floatingIps, (floatingIp) => floatingIp.floating_ip_address),
  };
}

function sorted<T>(resources: readonly T[], key: (resource: T) => string): readonly T[] {
  return resources.toSorted((a, b) => COLLATOR.compare(key(a), key(b)));
}
