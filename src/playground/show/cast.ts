// Who plays in the show: somebody outside, and the workloads of two tenants who both chose 10.0.0.0/24.

import { BuoyError } from '../../errors.ts';
import type { Ipv4Address } from '../../model/address.ts';
import { parseIpv4 } from '../../model/address.ts';
import type { Machine, Workload } from '../machine.ts';
import { linkName, machineNamespace } from '../machine.ts';
import type { World } from '../world.ts';

const MTU = 1500;
const EVERYWHERE = { address: ipv4('0.0.0.0'), length: 0 };

/** The first address of a tenant's subnet, which its router has. */
export const GATEWAY = ipv4('10.0.0.1');
/** The Internet, as far as it is needed: an address beyond the link (RFC 5737). */
export const FAR = ipv4('198.51.100.10');

export const OUTSIDE: Machine = {
  name: 'outside',
  namespace: machineNamespace('outside'),
  networkId: 'public',
  bridge: linkName('br-ex'),
  mtu: MTU,
  address: ipv4('203.0.113.1'),
  addresses: [{ address: ipv4('203.0.113.1'), length: 24 }],
  behind: [FAR],
  routes: [],
};

export const BLUE_1 = workload('blue-1', 'blue', '10.0.0.10');
/** Has no floating IP until one moves to it. */
export const BLUE_2 = workload('blue-2', 'blue', '10.0.0.20');
/** Another tenant's, with the fixed IP of blue-1: they never meet. */
export const GREEN_1 = workload('green-1', 'green', '10.0.0.10');

export const WORKLOADS: readonly Workload[] = [BLUE_1, BLUE_2, GREEN_1];

/** Bridges of the host under the names that the agent's configuration calls them by. */
export const PHYSICAL_NETWORKS = {
  external: { bridge: 'br-ex' },
  blue: { bridge: 'br-blue' },
  green: { bridge: 'br-green' },
};

export const CAST: World = {
  wires: Object.values(PHYSICAL_NETWORKS).map(({ bridge }) => ({
    bridge: linkName(bridge),
    mtu: MTU,
    nic: undefined,
  })),
  outside: [OUTSIDE],
  nexthops: [],
  workloads: WORKLOADS,
};

function workload(name: string, tenant: string, fixed: string): Workload {
  const address = ipv4(fixed);
  return {
    name,
    namespace: machineNamespace(name),
    networkId: tenant,
    routerId: tenant,
    bridge: linkName(`br-${tenant}`),
    mtu: MTU,
    address,
    addresses: [{ address, length: 24 }],
    behind: [],
    routes: [{ destination: EVERYWHERE, gateway: GATEWAY }],
  };
}

/** Throws BUOY_INTERNAL. */
export function ipv4(text: string): Ipv4Address {
  const address = parseIpv4(text);
  if (address === undefined) throw new BuoyError('BUOY_INTERNAL', `${text} is not an IPv4 address`);
  return address;
}
