import { MessageBatch } from '../../netlink/message.ts';
import { deleteLink } from '../../netlink/route/index.ts';
import { NetlinkError } from '../../netlink/socket.ts';
import type { Session } from './session.ts';

const ENODEV = 19;

/**
 * Deletes the macvlans in a namespace that is about to be deleted. The kernel takes a namespace
 * apart in its own time, and until then they would hold their MAC addresses on their parents, where
 * a next one could not have them (EADDRINUSE). One that is gone already is no error. Throws NetlinkError.
 */
export function deleteMacvlans(session: Session): void {
  const batch = new MessageBatch(1);
  for (const { kind, index } of session.links()) if (kind === 'macvlan') deleteLink(batch, index);
  if (batch.count === 0) return;
  const refusal = session.open.route.exchange(batch).find(({ errno }) => errno !== ENODEV);
  if (refusal !== undefined) throw new NetlinkError(refusal.errno, refusal.message);
}
