// What belongs to others on the simulated host, and must be the same in the end.

import { listing } from '../src/host/listing.ts';
import type { HostState } from '../src/host/state.ts';
import { EMPTY_NAMESPACE } from '../src/host/state.ts';
import type { SimulatedHost } from '../src/kernel/simulated/index.ts';
import type { NamespaceName } from '../src/model/names.ts';
import { HOST, parseNamespaceName } from '../src/model/names.ts';
import { link } from '../test/support/models.ts';
import { must } from '../test/support/must.ts';

/** Bridges and network cards that networks are plugged into, another agent's device and its router. */
const LINKS: ReadonlyMap<string, string> = new Map([
  ['br-a', 'bridge'],
  ['br-b', 'bridge'],
  ['eth0', 'device'],
  ['eth1', 'device'],
  ['tap0f0f0f0f-0f', 'veth'],
]);
const ROUTER: NamespaceName = must(parseNamespaceName('qrouter-0f0f0f0f-0000-0000-0000-000000000000'));

/** The state of a host that has nothing of Buoy's. */
export function strangers(): HostState {
  return {
    namespaces: new Map([[HOST, EMPTY_NAMESPACE]]),
    foreign: {
      namespaces: new Map([[ROUTER, 'a namespace without our mark']]),
      links: new Map([...LINKS].map(([name, word]) => [link(name), word])),
    },
  };
}

/** All that is foreign on the host, as text. */
export function foreignText(host: SimulatedHost, mark: string): string {
  const { foreign } = host.read(mark);
  const router = host.namespace(ROUTER)?.state();
  const inside = listing({ namespaces: new Map(router && [[ROUTER, router]]), foreign });
  return [...[...foreign.namespaces].map(String), ...[...foreign.links].map(String).sort(), inside].join('\n');
}
