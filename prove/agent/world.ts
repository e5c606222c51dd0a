// What a history of the agent begins with, as a store's file: two external networks, five tenants' networks, four routers between
// them with a floating IP for most of their workloads, and a router without a way out.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile } from '../../src/intent/store/open-file.ts';
import { Store } from '../../src/intent/store/store.ts';
import { randomSource } from '../../src/kernel/simulated/index.ts';
import type { Plug } from '../../src/model/model.ts';
import { bridge, macvlan } from '../../test/support/models.ts';
import { make } from '../../test/support/stores.ts';

type Settings = ConstructorParameters<typeof Store>[2];

export const EXTERNALS = 2;
/** Of tenants' networks, with those that come in a history. */
export const PHYSICAL_NETWORKS = 10;
const TENANTS = 5;
const ROUTERS = 4;
const WORKLOADS = 4;

/** How the flat networks of the simulated host are reached. */
export const PLUGS: ReadonlyMap<string, Plug> = new Map(
  Array.from({ length: PHYSICAL_NETWORKS }, (_, number) => [
    physicalNetwork(number),
    [bridge('br-a'), macvlan('eth0'), bridge('br-b'), macvlan('eth1')][number % 4] ?? bridge('br-a'),
  ]),
);

export function physicalNetwork(number: number): string {
  return `physnet${number}`;
}

/** Settings of a store in which the same calls make the same ids. */
export function settingsFor(seed: number): Settings {
  const random = randomSource(seed);
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
  return {
    host: 'host-1',
    physicalNetworks: new Set(PLUGS.keys()),
    quotas: { network: -1, subnet: -1, port: -1, router: -1, floatingip: -1 },
    now: () => new Date('2026-01-02T03:04:05Z'),
    chance: { id: () => uuidOf(bytes(16)), macBytes: () => bytes(3) },
  };
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** The bytes of the file; made once. */
export function beginning(): Uint8Array {
  return (begun ??= makeBeginning());
}

let begun: Uint8Array | undefined;

function makeBeginning(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'buoy-prove-'));
  try {
    const path = join(folder, 'store.db');
    {
      using store = new Store(path, openFile(path), settingsFor(0), PLUGS);
      fill(store);
    }
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fill(store: Store): void {
  const externals = Array.from({ length: EXTERNALS }, (_, number) => {
    const network = make(store, 'networks', {
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': physicalNetwork(number),
    });
    make(store, 'subnets', { network_id: network.id, ip_version: 4, cidr: `203.0.${number + 1}.0/24` });
    return network.id;
  });
  const tenants = Array.from({ length: TENANTS }, (_, number) => {
    const network = make(store, 'networks', {
      'provider:network_type': 'flat',
      'provider:physical_network': physicalNetwork(EXTERNALS + number),
    });
    const subnet = make(store, 'subnets', { network_id: network.id, ip_version: 4, cidr: `10.${number}.0.0/24` });
    return { network: network.id, subnet: subnet.id };
  });
  for (let number = 0; number < ROUTERS; number++) {
    const external = externals[number % EXTERNALS];
    const router = make(store, 'routers', { external_gateway_info: { network_id: external } });
    const tenant = tenants[number % TENANTS];
    store.addRouterInterface(router.id, { subnet_id: tenant?.subnet });
    for (let count = 0; count < WORKLOADS; count++) {
      const port = make(store, 'ports', { network_id: tenant?.network });
      if (count > 0) make(store, 'floatingips', { floating_network_id: external, port_id: port.id });
    }
  }
  make(store, 'ports', { network_id: tenants[0]?.network, fixed_ips: [{ ip_address: '10.0.0.90' }] });
  store.addRouterInterface(make(store, 'routers', {}).id, { subnet_id: tenants.at(-1)?.subnet });
}
