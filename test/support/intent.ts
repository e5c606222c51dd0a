// Intents for tests, as a YAML file would have them, in few words.

import { parseYaml } from '../../src/intent/index.ts';
import type { Model } from '../../src/model/model.ts';

/** Entries of an intent, with the keys of the YAML format. */
export type Entry = Readonly<Record<string, unknown>>;

export interface IntentText {
  readonly networks: readonly Entry[];
  readonly subnets: readonly Entry[];
  readonly routers: readonly Entry[];
  readonly floatingips?: readonly Entry[];
}

/** Throws BuoyErrors. */
export function modelOf(intent: IntentText): Model {
  // JSON is YAML.
  return parseYaml(JSON.stringify(intent, null, 1), 'test.yaml');
}

export function external(name: string, bridge: string, more: Entry = {}): Entry {
  return { name, 'router:external': true, bridge, ...more };
}

export function tenant(name: string, more: Entry = {}): Entry {
  return { name, bridge: `br-${name}`, ...more };
}

/** A subnet that is called like its network and its first address: `blue-10.0.0.0`. */
export function subnet(network: string, cidr: string, more: Entry = {}): Entry {
  return { name: `${network}-${cidr.split('/')[0]}`, network_id: network, cidr, ...more };
}

export function router(
  name: string,
  network: string | undefined,
  subnets: readonly (string | Entry)[],
  more: Entry = {},
): Entry {
  const interfaces = subnets.map((one) => (typeof one === 'string' ? { subnet_id: one } : one));
  return {
    name,
    ...(network !== undefined && { external_gateway_info: { network_id: network } }),
    interfaces,
    ...more,
  };
}

export function floatingIp(floating: string, routerName: string, fixed: string): Entry {
  return { floating_ip_address: floating, router_id: routerName, fixed_ip_address: fixed };
}

/** Two tenants with the same prefix, each with a router on one external network. */
export const TWO_TENANTS = {
  networks: [external('public', 'br-ex'), tenant('blue'), tenant('green')],
  subnets: [
    subnet('public', '203.0.113.0/24'),
    subnet('blue', '10.0.0.0/24'),
    subnet('blue', '10.0.1.0/24'),
    subnet('green', '10.0.0.0/24'),
  ],
  routers: [
    router('blue', 'public', ['blue-10.0.0.0', 'blue-10.0.1.0']),
    router('green', 'public', ['green-10.0.0.0']),
  ],
} satisfies IntentText;

/** Of the two tenants: on two networks of the one, on one of the other. */
export const THREE_FLOATING_IPS = [
  floatingIp('203.0.113.11', 'blue', '10.0.0.10'),
  floatingIp('203.0.113.12', 'blue', '10.0.1.10'),
  floatingIp('203.0.113.21', 'green', '10.0.0.10'),
];
