import type { HostState } from '../state.ts';
import type { Packet, Place } from './packet.ts';
import type { Trace } from './result.ts';
import { Walk } from './walk.ts';

/** The path of the first packet of a connection. */
export function trace(state: HostState, packet: Packet, from: Place): Trace {
  return new Walk(state, packet, []).run(from);
}

/**
 * The path of an answer to a packet that was sent on. Namespaces that tracked its connection
 * translate the answer back, also if their maps have changed since then. Without `from`, it comes
 * back to the link that the packet was sent from. Undefined for a packet that never left.
 */
export function answer(state: HostState, asked: Trace, from?: Place): Trace | undefined {
  const { outcome, packet, connections } = asked;
  if (outcome.kind !== 'sent') return undefined;
  const { source, destination } = packet;
  const answering = { ...packet, source: destination, destination: source };
  return new Walk(state, answering, connections).run(from ?? { kind: 'link', ...outcome.from });
}
