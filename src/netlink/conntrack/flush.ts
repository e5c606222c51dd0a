// Ending the connections of floating IPs that have gone: the kernel translates a connection as it
// did its first packet, for as long as it lives, whatever the NAT maps say by then.

import type { Ipv4Address } from '../../model/address.ts';
import { MessageBatch } from '../message.ts';
import { NetlinkError, type NetlinkSocket } from '../socket.ts';
import { deleteConnection, readConnections, STATUS, type Connection } from './connection.ts';

const ENOENT = 2;

/** If all of them ended meanwhile, as many refusals come back, and the smallest receive buffer holds no more. */
const DELETES_AT_ONCE = 200;

/** Fixed addresses, and the floating one as which each may have connections; undefined if as none. */
type Fixed = ReadonlyMap<Ipv4Address, Ipv4Address | undefined>;

/**
 * Ends every connection that a fixed address began under another address than the given one, and every one
 * that was led to a fixed address from another than that; with `others`, also all that were translated for any
 * other address. Answers how many there were; one that ends by
 * itself meanwhile does not count. All others go on. Throws NetlinkError, SystemError, MalformedReply.
 */
export function flushTranslated(socket: NetlinkSocket, fixed: Fixed, others: boolean): number {
  const found = findTranslated(socket, fixed, others);
  let ended = found.length;
  for (let start = 0; start < found.length; start += DELETES_AT_ONCE) {
    ended -= endConnections(socket, found.slice(start, start + DELETES_AT_ONCE));
  }
  return ended;
}

function findTranslated(socket: NetlinkSocket, fixed: Fixed, others: boolean): readonly Connection[] {
  let found: Connection[] = [];
  readConnections(
    socket,
    (connection) => {
      if (!isStale(connection, fixed, others)) return;
      const { original } = connection;
      found.push({ ...connection, original: { ...original, bytes: Buffer.from(original.bytes) } });
    },
    () => (found = []),
  );
  return found;
}

function isStale({ original, reply, status }: Connection, fixed: Fixed, others: boolean): boolean {
  const isOld = (address: Ipv4Address, floating: Ipv4Address): boolean =>
    fixed.has(address) ? fixed.get(address) !== floating : others;
  return (
    ((status & STATUS.SOURCE_NAT) !== 0 && isOld(original.source, reply.destination)) ||
    ((status & STATUS.DESTINATION_NAT) !== 0 && isOld(reply.source, original.destination))
  );
}

/** Answers how many were no longer there. */
function endConnections(socket: NetlinkSocket, connections: readonly Connection[]): number {
  const batch = new MessageBatch(1, connections.length * 128);
  for (const connection of connections) deleteConnection(batch, connection);
  const refusals = socket.exchange(batch);
  const refusal = refusals.find(({ errno }) => errno !== ENOENT);
  if (refusal !== undefined) throw new NetlinkError(refusal.errno, refusal.message);
  return refusals.length;
}
