// The machines at the two ends of a floating IP, as namespaces of the playground.

import { networkOf } from '../src/model/address.ts';
import type { Machine, Workload } from '../src/playground/machine.ts';
import { machineNamespace } from '../src/playground/machine.ts';
import { Playground } from '../src/playground/playground.ts';
import type { Served } from './models.ts';
import {
  EXTERNAL_BRIDGE,
  EXTERNAL_LENGTH,
  EXTERNAL_NETWORK,
  MTU,
  OUTSIDE,
  TENANT_GATEWAY,
  TENANT_LENGTH,
} from './models.ts';

/** The gateway of the external network. */
export const OUTSIDE_MACHINE: Machine = {
  name: 'outside',
  namespace: machineNamespace('outside'),
  networkId: EXTERNAL_NETWORK,
  bridge: EXTERNAL_BRIDGE,
  mtu: MTU,
  address: OUTSIDE,
  addresses: [{ address: OUTSIDE, length: EXTERNAL_LENGTH }],
  behind: [],
  routes: [],
};

/** The workload that a floating IP leads to; `name` is short and unique. */
export function workloadOf(
  name: string,
  {
    router,
    networkId,
    bridge,
    fixed,
  }: Pick<Served, 'networkId' | 'bridge' | 'fixed'> & { readonly router: { id: string } },
): Workload {
  return {
    name,
    namespace: machineNamespace(name),
    networkId,
    routerId: router.id,
    bridge,
    mtu: MTU,
    address: fixed,
    addresses: [{ address: fixed, length: TENANT_LENGTH }],
    behind: [],
    routes: [{ destination: { address: networkOf(fixed, 0), length: 0 }, gateway: TENANT_GATEWAY }],
  };
}

/** Plugs the outside and workloads into the bridges, which are there. */
export async function plugMachines(workloads: readonly Workload[]): Promise<Playground> {
  return Playground.build(
    { wires: [], outside: [OUTSIDE_MACHINE], workloads, nexthops: [] },
    { host: '/proc/self/ns/net', directory: '/run/netns' },
  );
}
