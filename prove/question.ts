// What somebody outside asks for: who has this floating IP?

import type { Trace } from '../src/host/trace/index.ts';
import { trace } from '../src/host/trace/index.ts';
import type { HostState, Link, LinkEnd } from '../src/host/state.ts';
import { hasLinkSysctls } from '../src/host/sysctls.ts';
import { FLOATING } from '../src/host/translation.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import { addressAfter, isIpv4, networkOf } from '../src/model/address.ts';
import type { LinkName, NamespaceName } from '../src/model/names.ts';

/** The last byte of a neighbour's address outside, which is no floating IP and no gateway. */
const LAST_NEIGHBOUR = 250;

/** Somebody on a wire outside who has something for an address. */
export interface Question {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly wire: LinkName;
  /** The port that is to answer, and its namespace. */
  readonly port: LinkName;
  readonly namespace: NamespaceName;
}

export function questionFor(
  state: HostState,
  namespace: NamespaceName,
  destination: Ipv4Address,
): Question | undefined {
  const port = state.namespaces
    .get(namespace)
    ?.links.values()
    .find(({ name }) => hasLinkSysctls(name));
  const wire = port && wireOf(state, port);
  return wire && { source: neighbourOf(destination), destination, wire, port: port.name, namespace };
}

export function ask(state: HostState, { source, destination, wire }: Question): Trace {
  return trace(state, { source, destination }, { kind: 'wire', wire, nexthop: destination });
}

/** Whether somebody answers for the address, and what is sent to it does not arrive anywhere. */
export function isLost({ steps, outcome, packet }: Trace, { destination }: Question): boolean {
  const arrives = outcome.kind === 'sent' && packet.destination !== destination;
  return steps.some(({ kind }) => kind === 'answer') && !arrives;
}

/** Whether the namespace at the other end of a link translates an address. */
export function isTranslated(state: HostState, address: Ipv4Address, end: LinkEnd): boolean {
  const kind = linkAt(state, end)?.kind;
  const peer = kind?.type === 'veth' ? kind.peer : undefined;
  return (
    peer !== undefined &&
    state.namespaces.get(peer.namespace)?.ruleset?.sets.get(FLOATING)?.elements.has(address) === true
  );
}

export function linkAt(state: HostState, { namespace, link }: LinkEnd): Link | undefined {
  return state.namespaces.get(namespace)?.links.get(link);
}

/** Somebody on the external network that a floating IP is of. */
export function neighbourOf(floating: Ipv4Address): Ipv4Address {
  const network = networkOf(floating, 24);
  return isIpv4(network) ? addressAfter(network, LAST_NEIGHBOUR) : floating;
}

/** The bridge, or the parent of macvlans, that a port is on. */
function wireOf(state: HostState, { kind }: Link): LinkName | undefined {
  if (kind.type === 'macvlan') return kind.parent;
  return kind.type === 'veth' && kind.peer !== undefined ? linkAt(state, kind.peer)?.master : undefined;
}
