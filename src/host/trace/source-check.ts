// Whether a namespace takes packets from a source: fib_validate_source() in net/ipv4/fib_frontend.c.

import { isIpv4 } from '../../model/address.ts';
import { LOOPBACK } from '../../model/names.ts';
import type { NamespaceState } from '../state.ts';
import type { Decision, Flow } from './decision.ts';
import { decide, ownDecision } from './decision.ts';
import type { Drop } from './result.ts';
import { linkSetting } from './settings.ts';

/** Why it does not, having decided where such a packet goes. IPv6 has no such check. */
export function sourceTrouble(namespace: NamespaceState, flow: Flow, onward: Decision): Drop | undefined {
  const { source, destination, incoming } = flow;
  if (!isIpv4(source)) return undefined;
  if (ownDecision(namespace, source) !== undefined) return { kind: 'martian source', source };
  const filter = linkSetting(namespace, incoming, 'rp_filter');
  if (filter === 0) return undefined;
  // The way of an answer that comes in where this goes out. It has no mark (src_valid_mark).
  const answering = onward.kind === 'route' ? onward.hop.link : LOOPBACK;
  const back = decide(namespace, { source: destination, destination: source, incoming: answering, mark: 0 });
  const isWayBack = back.kind === 'route' && (filter > 1 || back.hop.link === incoming);
  return isWayBack ? undefined : { kind: 'reverse path', link: incoming };
}
