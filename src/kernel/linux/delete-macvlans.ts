import { MessageBatch } from '../../netlink/message.ts';
import { deleteLink } from '../../netlink/route/index.ts';
import type { Session } from './session.ts';

/**
 * Deletes the macvlans in a namespace that is about to be deleted. The kernel takes a namespace
 * apart in its own time, and until then they would hold their MAC addresses on their parents, where
 * a next one could not have them (EADDRINUSE). One that is gone already is no error.
 */
export function deleteMacvlans(session: Session): void {
  const batch = new MessageBatch(1);
  for (const [name, { kind }] of session.links()) if (kind === 'macvlan') deleteLink(batch, name);
  if (batch.count > 0) session.open.route.exchange(batch);
}
