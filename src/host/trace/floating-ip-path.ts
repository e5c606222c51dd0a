// Whether a floating IP works, found out by walking packets: the oracle of tests and of whoever
// wants to know.

import type { Ipv4Address } from '../../model/address.ts';
import { addressAfter, formatIpv4, isIpv4, networkOf } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST, LOOPBACK } from '../../model/names.ts';
import { isHostAddress } from '../../model/subnet.ts';
import type { HostState, LinkEnd, NamespaceState } from '../state.ts';
import { MAIN_TABLE } from '../state.ts';
import { hasLinkSysctls } from '../sysctls.ts';
import { cableOf } from './cables.ts';
import { decide } from './decision.ts';
import type { Packet, Wire } from './packet.ts';
import type { Trace } from './result.ts';
import { outcomeText, packetText } from './text.ts';
import { answer, trace } from './trace.ts';

export interface FloatingIpQuery {
  readonly router: NamespaceName;
  readonly floating: Ipv4Address;
  readonly fixed: Ipv4Address;
  /**
   * With whom packets are exchanged. By default the gateway of the external network, as far as the
   * state has one, or else a neighbour of the gateway port; neither needs the default route, as
   * somebody beyond the gateway does.
   */
  readonly outside?: Ipv4Address;
  /** By which port of the fip namespace; by default any. */
  readonly port?: LinkName;
}

/** Where a router's floating IPs meet the outside. */
interface WayOut {
  readonly port: LinkEnd;
  readonly wire: Wire;
  readonly outside: Ipv4Address;
}

/**
 * What is wrong with a floating IP, in words; undefined if all is well. All is well if a packet from
 * outside reaches the fixed IP and the answer comes back from the floating IP; and a packet from the
 * fixed IP arrives outside as from the floating IP, and the answer reaches the fixed IP.
 */
export function floatingIpPath(state: HostState, query: FloatingIpQuery): string | undefined {
  const out = wayOut(state, query);
  return typeof out === 'string' ? out : (inward(state, query, out) ?? outward(state, query, out));
}

function inward(state: HostState, { router, floating, fixed }: FloatingIpQuery, out: WayOut): string | undefined {
  const { port, wire, outside } = out;
  const asked = trace(state, { source: outside, destination: floating }, { kind: 'wire', wire, nexthop: floating });
  const received = { source: outside, destination: fixed };
  return (
    amiss('a packet from outside', asked, received, (from) => from.namespace === router, fixed) ??
    amiss('its answer', answer(state, asked), { source: floating, destination: outside }, isIn(port.namespace))
  );
}

function outward(state: HostState, { router, floating, fixed }: FloatingIpQuery, out: WayOut): string | undefined {
  const { port, wire, outside } = out;
  const link = linkTowards(state.namespaces.get(router), fixed);
  if (link === undefined) return `there is no route to ${formatIpv4(fixed)} in ${router}`;
  const tenants = { namespace: router, link };
  const asked = trace(state, { source: fixed, destination: outside }, { kind: 'link', ...tenants });
  const back = answer(state, asked, { kind: 'wire', wire, nexthop: floating });
  return (
    amiss('a packet from the workload', asked, { source: floating, destination: outside }, isIn(port.namespace)) ??
    amiss('its answer', back, { source: outside, destination: fixed }, isAt(tenants), fixed)
  );
}

/** Says what became of a packet, unless it was sent from where it should, to whom it should, with the addresses it should have. */
function amiss(
  what: string,
  walked: Trace | undefined,
  { source, destination }: Packet,
  isRight: (from: LinkEnd) => boolean,
  nexthop?: Ipv4Address,
): string | undefined {
  if (walked === undefined) return `${what}: there is none`;
  const { outcome, packet } = walked;
  const arrives =
    outcome.kind === 'sent' &&
    isRight(outcome.from) &&
    (nexthop === undefined || outcome.to === nexthop) &&
    packet.source === source &&
    packet.destination === destination;
  return arrives ? undefined : `${what}: ${outcomeText(outcome)}: ${packetText(packet)}`;
}

function isAt({ namespace, link }: LinkEnd): (from: LinkEnd) => boolean {
  return (from) => from.namespace === namespace && from.link === link;
}

/** A namespace may have several ports outside, of which one is about to go. */
function isIn(namespace: NamespaceName): (from: LinkEnd) => boolean {
  return (from) => from.namespace === namespace;
}

function linkTowards(namespace: NamespaceState | undefined, fixed: Ipv4Address): LinkName | undefined {
  if (namespace === undefined) return undefined;
  const decision = decide(namespace, { source: fixed, destination: fixed, incoming: LOOPBACK, mark: 0 });
  return decision.kind === 'route' ? decision.hop.link : undefined;
}

/** The gateway port at the other end of the router's link to a fip namespace; or why there is no way. */
function wayOut(state: HostState, { router, outside, port: name }: FloatingIpQuery): WayOut | string {
  for (const { kind } of state.namespaces.get(router)?.links.values() ?? []) {
    const peer = kind.type === 'veth' ? kind.peer : undefined;
    const fip = peer === undefined || peer.namespace === HOST ? undefined : state.namespaces.get(peer.namespace);
    const link = fip?.links.keys().find((one) => (name === undefined ? hasLinkSysctls(one) : one === name));
    if (peer === undefined || fip === undefined || link === undefined) continue;
    const port = { namespace: peer.namespace, link };
    const cable = cableOf(state, port);
    if (cable.kind === 'cut') return outcomeText({ kind: 'dropped', where: peer.namespace, why: cable.cut });
    const somebody = outside ?? gatewayOn(fip, link) ?? neighbourOn(fip, link);
    if (somebody === undefined) return `there is nobody outside of ${peer.namespace}`;
    if (cable.kind === 'wire') return { port, wire: cable.wire, outside: somebody };
  }
  return `${router} has no link to a fip namespace`;
}

function gatewayOn({ routes }: NamespaceState, link: LinkName): Ipv4Address | undefined {
  for (const { prefixes } of routes.values()) {
    for (const { hop } of prefixes.values())
      if (hop.link === link && hop.gateway !== undefined && isIpv4(hop.gateway)) return hop.gateway;
  }
  return undefined;
}

/** The first address in the port's subnet that is neither its own nor a floating IP. */
function neighbourOn({ addresses, routes }: NamespaceState, link: LinkName): Ipv4Address | undefined {
  const hosts = routes.get(MAIN_TABLE)?.hosts;
  for (const { link: on, address: own, length } of addresses.values()) {
    if (on !== link || !isIpv4(own)) continue;
    const subnet = { address: networkOf(own, length), length };
    let address = subnet.length < 31 ? addressAfter(subnet.address, 1) : subnet.address;
    while (address === own || hosts?.has(address) === true) address = addressAfter(address, 1);
    if (isHostAddress(subnet, address)) return address;
  }
  return undefined;
}
