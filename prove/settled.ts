// What holds when a run is over in which nothing went wrong. It follows from what the user wants, whatever
// the layout makes of it.

import { floatingIpPath, trace } from '../src/host/trace/index.ts';
import type { HostState, LinkEnd } from '../src/host/state.ts';
import { neighbourKey } from '../src/host/state.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import { addressAfter, formatIpv4, isIpv4 } from '../src/model/address.ts';
import type { Model, Network, Router } from '../src/model/model.ts';
import {
  fipGatewayName,
  fipNamespace,
  fipToRouterName,
  HOST,
  routerNamespace,
  routerPortName,
  routerToFipName,
  tapName,
} from '../src/model/names.ts';
import { ipv4 } from '../test/support/models.ts';
import { must } from '../test/support/must.ts';
import { choose } from './intent.ts';
import { linkAt } from './question.ts';
import { mappingOf } from './watch.ts';

/** From a router's own address on to one that no workload has. */
const BEYOND_WORKLOADS = 100;
const OUTSIDE = ipv4('192.0.2.200');

/** What is amiss; undefined if all is well. Packets are walked for one router, chosen by any natural number. */
export function amiss(state: HostState, model: Model, choice: number): string | undefined {
  if (model.routers.size === 0) return undefined;
  const routers = [...model.routers.values()];
  const pairs = new Set<Ipv4Address>();
  for (const router of routers) {
    const trouble = withPorts(state, model, router) ?? withNeighbours(state, router);
    if (trouble !== undefined) return trouble;
    const own = ipv4On(state, { namespace: routerNamespace(router.id), link: routerToFipName(router.id) });
    if (own !== undefined && pairs.has(own)) return `two routers have ${formatIpv4(own)}`;
    if (own !== undefined) pairs.add(own);
  }
  const router = choose(routers, choice);
  return withFloatingIp(state, model, router, Math.floor(choice / routers.length)) ?? withoutFloatingIp(state, router);
}

/** Every floating IP works. */
function withFloatingIp(state: HostState, model: Model, router: Router, choice: number): string | undefined {
  if (router.floatingIps.size === 0) return undefined;
  const mapping = mappingOf(model, router, choose([...router.floatingIps.values()], choice));
  const trouble = floatingIpPath(state, mapping);
  return trouble === undefined ? undefined : `${formatIpv4(mapping.floating)} does not work: ${trouble}`;
}

/** A workload without a floating IP gets nowhere by the fip namespace, but to the snat port where there is one. */
function withoutFloatingIp(state: HostState, router: Router): string | undefined {
  for (const { id, networkId, addresses } of router.interfaces) {
    const own = addresses.map(({ address }) => address).find((address) => isIpv4(address));
    if (own === undefined) continue;
    const packet = { source: addressAfter(own, BEYOND_WORKLOADS), destination: OUTSIDE };
    const port = { namespace: routerNamespace(router.id), link: routerPortName(id) };
    const { outcome } = trace(state, packet, { kind: 'link', ...port });
    const snat = router.snatPorts.find((snatPort) => snatPort.networkId === networkId);
    const isSent = outcome.kind === 'sent';
    const isRight =
      snat === undefined ? !isSent : isSent && outcome.to === snat.address && outcome.from.link === port.link;
    if (!isRight)
      return `a packet from ${formatIpv4(packet.source)}, which has no floating IP, is ${JSON.stringify(outcome)}`;
  }
  return undefined;
}

/** Links are plugged into their network and have its MTU; that to the fip namespace has the external network's. */
function withPorts(
  state: HostState,
  { networks }: Model,
  { id, interfaces, externalNetworkId = '' }: Router,
): string | undefined {
  const external = networks.get(externalNetworkId);
  if (external !== undefined) {
    const wrong = linkOf(id, external.id).find((end) => linkAt(state, end)?.mtu !== external.mtu);
    if (wrong !== undefined) return `${wrong.link} has not the MTU of its network`;
    const port = external.agentGateway;
    const end = port && { namespace: fipNamespace(external.id), link: fipGatewayName(port.id) };
    const trouble = end && withPort(state, external, end, port.id);
    if (trouble !== undefined) return trouble;
  }
  for (const port of interfaces) {
    const end = { namespace: routerNamespace(id), link: routerPortName(port.id) };
    const trouble = withPort(state, must(networks.get(port.networkId)), end, port.id);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function withPort(state: HostState, { plug, mtu }: Network, end: LinkEnd, portId: string): string | undefined {
  const port = linkAt(state, end);
  const hostLink = linkAt(state, { namespace: HOST, link: tapName(portId) });
  const wire = port?.kind.type === 'macvlan' ? port.kind.parent : hostLink?.master;
  if (wire !== (plug.driver === 'macvlan' ? plug.parent : plug.bridge)) return `${end.link} is not on its network`;
  if (port?.mtu !== mtu || (hostLink !== undefined && hostLink.mtu !== mtu))
    return `${end.link} has not the MTU of its network`;
  return undefined;
}

/** Both ends of a link to a fip namespace know each other, so that nobody has to ask. */
function withNeighbours(state: HostState, { id, externalNetworkId }: Router): string | undefined {
  if (externalNetworkId === undefined) return undefined;
  const [near, far] = linkOf(id, externalNetworkId);
  const doesKnow = (end: LinkEnd, other: LinkEnd): boolean => {
    const neighbours = state.namespaces.get(end.namespace)?.neighbours;
    const address = ipv4On(state, other);
    const known = address && neighbours?.get(neighbourKey({ link: end.link, address }));
    return known !== undefined && known.mac === linkAt(state, other)?.mac;
  };
  return doesKnow(near, far) && doesKnow(far, near) ? undefined : `${near.link} and ${far.link} do not know each other`;
}

function linkOf(routerId: string, externalNetworkId: string): readonly [LinkEnd, LinkEnd] {
  return [
    { namespace: routerNamespace(routerId), link: routerToFipName(routerId) },
    { namespace: fipNamespace(externalNetworkId), link: fipToRouterName(routerId) },
  ];
}

function ipv4On(state: HostState, end: LinkEnd): Ipv4Address | undefined {
  for (const { link, address } of state.namespaces.get(end.namespace)?.addresses.values() ?? [])
    if (link === end.link && isIpv4(address)) return address;
  return undefined;
}
