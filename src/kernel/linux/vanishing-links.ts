// The host's ends of veths into namespaces that were deleted. The kernel takes a namespace apart
// after its name is gone, in its own time, and the ends go with it; a run is over when they are
// gone, so that a next one can use their names.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkName } from '../../model/names.ts';
import { MessageBatch } from '../../netlink/message.ts';
import { deleteLink, readLinks } from '../../netlink/route/index.ts';
import type { Session } from './session.ts';

const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 3000;

export class VanishingLinks {
  /** Indexes under names: a link that came anew has another index. */
  readonly #links = new Map<LinkName, number>();

  /** Notes the host's ends of the veths in a namespace that is about to be deleted. */
  add(namespace: Session, host: Session): void {
    const inside = new Map([...namespace.links().values()].map(({ index, lower }) => [index, lower]));
    for (const [name, { index, lower }] of host.links()) if (lower !== 0 && inside.get(lower) === index) this.#links.set(name, index);
  }

  /**
   * Returns when all of them are gone. Somebody's process may keep a namespace alive: after some
   * seconds the ends are deleted, since nothing of ours is to stay. Throws SystemError, NetlinkError.
   */
  async wait(host: Session): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#stillThere(host).length > 0) {
      if (performance.now() > deadline) {
        this.#delete(host);
        return;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  #stillThere(host: Session): LinkName[] {
    if (this.#links.size === 0) return [];
    return readLinks(host.open.route)
      .filter((link) => this.#links.get(link.name) === link.index)
      .map((link) => link.name);
  }

  /** One by one: each may vanish by itself at any moment. */
  #delete(host: Session): void {
    for (const name of this.#stillThere(host)) {
      const batch = new MessageBatch(1, 128);
      deleteLink(batch, name);
      host.open.route.exchange(batch);
    }
  }
}
