// The other ends of veths into namespaces that were deleted. The kernel takes a namespace apart after
// its name is gone, in its own time, and the ends go with it; a run is over when they are gone, so
// that the next one finds neither their names taken nor something to do.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkName } from '../../model/names.ts';
import { MessageBatch } from '../../netlink/message.ts';
import { deleteLink, readLinkOf, readLinks } from '../../netlink/route/index.ts';
import { NetlinkError } from '../../netlink/socket.ts';
import type { Session } from './session.ts';
import { QUESTIONS } from './session.ts';

const ENODEV = 19;
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 3000;

export class VanishingLinks {
  /** For each namespace that stays, indexes under names: a link that came anew has another index. */
  readonly #links = new Map<Session, Map<LinkName, number>>();

  /** Notes an end in a namespace that stays. */
  add(session: Session, name: LinkName): void {
    const index = session.link(name)?.index;
    if (index === undefined) return;
    const links = this.#links.get(session);
    if (links === undefined) this.#links.set(session, new Map([[name, index]]));
    else links.set(name, index);
  }

  /** Whether the session is needed until `wait` has returned. */
  watches(session: Session): boolean {
    return this.#links.has(session);
  }

  /**
   * Returns when all of them are gone. Somebody's process may keep a namespace alive: after some
   * seconds the ends are deleted, since nothing of ours is to stay. Throws SystemError, NetlinkError.
   */
  async wait(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (const [session, links] of this.#links) {
      while (stillThere(session, links).length > 0) {
        if (performance.now() > deadline) {
          deleteAll(session, links);
          break;
        }
        await sleep(LOOK_EVERY_MS);
      }
    }
  }
}

function stillThere({ open }: Session, links: ReadonlyMap<LinkName, number>): number[] {
  const there =
    links.size > QUESTIONS
      ? readLinks(open.route)
      : [...links.values()].flatMap((index) => readLinkOf(open.route, index) ?? []);
  return there.filter((link) => links.get(link.name) === link.index).map((link) => link.index);
}

/** One by one: each may vanish by itself at any moment. Throws NetlinkError. */
function deleteAll(session: Session, links: ReadonlyMap<LinkName, number>): void {
  for (const index of stillThere(session, links)) {
    const batch = new MessageBatch(1, 128);
    deleteLink(batch, index);
    const [refusal] = session.open.route.exchange(batch);
    if (refusal !== undefined && refusal.errno !== ENODEV) throw new NetlinkError(refusal.errno, refusal.message);
  }
}
