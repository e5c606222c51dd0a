// From a model to the state that the kernel should have: the layout of Neutron's distributed
// routers, with its names, numbers and addresses, but NAT in maps and one rule for all marked
// packets. docs/architecture.md has a picture.

import { BuoyError } from '../errors.ts';
import type { Ipv4Address } from '../model/address.ts';
import type { Model, Network, Port, Router } from '../model/model.ts';
import type { HostState } from '../host/state.ts';
import type { FipNamespace } from './fip-namespace.ts';
import { addFipNamespace, addFipNamespacePart } from './fip-namespace.ts';
import { HostDraft } from './host-draft.ts';
import { assignPairs } from './link-local.ts';
import type { WayOut } from './router-namespace.ts';
import { addRouterNamespace } from './router-namespace.ts';

export { firstFree, livePairs } from './link-local.ts';

export interface LayoutOptions {
  /** The name of this Buoy, which is on all that it owns. */
  readonly instance: string;
}

/**
 * The wanted state for a model. `pairs` are the link-local pairs that routers on this host hold
 * already (`livePairs`); with the same ones, the same model always gives the same state. Throws
 * BUOY_LINK_LOCAL_EXHAUSTED.
 */
export function compile(model: Model, pairs: ReadonlyMap<string, Ipv4Address>, options: LayoutOptions): HostState {
  const draft = new HostDraft(options.instance);
  const routers = [...model.routers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const linked = routers.filter((router) => router.externalNetworkId !== undefined);
  const assigned = assignPairs(
    linked.map(({ id }) => id),
    pairs,
  );
  const networkOf = networksOf(model);

  const fips = new Map<string, FipNamespace>();
  const fipOf = (networkId: string): FipNamespace => {
    let fip = fips.get(networkId);
    if (fip === undefined) {
      const network = networkOf(networkId);
      fip = addFipNamespace(draft, network, gatewayPortOn(network));
      fips.set(networkId, fip);
    }
    return fip;
  };
  for (const router of routers) {
    const { id, externalNetworkId } = router;
    const wayOut: WayOut | undefined =
      externalNetworkId === undefined
        ? undefined
        : { fip: fipOf(externalNetworkId), pair: known(assigned.get(id), `pair for router ${id}`) };
    addRouterNamespace(draft, router, networkOf, wayOut);
  }
  return draft;
}

/** What the routers of an external network share, alone: `compile` without its routers. */
export function compileNetwork(network: Network, options: LayoutOptions): HostState {
  const draft = new HostDraft(options.instance);
  addFipNamespace(draft, network, gatewayPortOn(network));
  return draft;
}

/**
 * What a single router has, in its own namespace and in that of its external network, alone. With `compileNetwork` of all
 * external networks, all of these together are `compile`. `pair` is there when the router has an external network.
 */
export function compileRouter(
  router: Router,
  model: Pick<Model, 'networks'>,
  pair: Ipv4Address | undefined,
  options: LayoutOptions,
): HostState {
  const draft = new HostDraft(options.instance);
  const networkOf = networksOf(model);
  const external = router.externalNetworkId === undefined ? undefined : networkOf(router.externalNetworkId);
  const wayOut: WayOut | undefined =
    external === undefined
      ? undefined
      : {
          fip: addFipNamespacePart(draft, external, gatewayPortOn(external)),
          pair: known(pair, `pair for router ${router.id}`),
        };
  addRouterNamespace(draft, router, networkOf, wayOut);
  return draft;
}

function networksOf({ networks }: Pick<Model, 'networks'>): (id: string) => Network {
  return (id) => known(networks.get(id), `network ${id}`);
}

function gatewayPortOn({ id, agentGateway }: Network): Port {
  return known(agentGateway, `gateway port on network ${id}`);
}

/** What a valid model has. */
function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new BuoyError('BUOY_INTERNAL', `the model has no ${what}`);
  return value;
}
