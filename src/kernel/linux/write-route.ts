// Operations on links, addresses, routes, rules and neighbours as rtnetlink messages.

import type { Link } from '../../host/state.ts';
import type { Operation } from '../../host/plan.ts';
import type { LinkName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { LinkChange, NewLink } from '../../netlink/route/index.ts';
import {
  addAddress,
  addRule,
  changeLink,
  createMacvlan,
  createVeth,
  deleteAddress,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  setNeighbour,
  setRoute,
  settleLink,
} from '../../netlink/route/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { RouteOperation } from '../operation-kinds.ts';
import type { Queue } from './queue.ts';
import type { KnownLink, Session } from './session.ts';

const ENODEV = 19;

/** Finds the session of a namespace that an operation touches. Throws SystemError when it could not be opened. */
type Sessions = (name: Session['name']) => Session;
type LinkCreate = Extract<Operation, { kind: 'link.create' }>;

/** A new link that is still down. */
interface Waiting extends End {
  readonly link: LinkName;
  readonly mac: Link['mac'];
}

/** A new link, or the end of one. */
interface End {
  readonly session: Session;
  readonly index: number;
  readonly operation: LinkCreate;
}

/** Each is answered with a link, and the smallest receive buffer holds no more. */
const SETTLED_AT_ONCE = 64;

export class RouteWriter {
  readonly #sessions: Sessions;
  readonly #queue: Queue;
  /** New links come up after their sysctls are set and their addresses are on them. */
  #waiting: Waiting[] = [];
  /** The other ends of those that are veths, which have nobody to announce. */
  #nearEnds: End[] = [];

  constructor(sessions: Sessions, queue: Queue) {
    this.#sessions = sessions;
    this.#queue = queue;
  }

  /**
   * Writes the operation's messages to the queue; none to delete something from a link that is gone, as it is
   * gone with it. Throws SystemError: ENODEV for a link that is not there.
   */
  write(operation: RouteOperation): void {
    const session = this.#sessions(operation.namespace);
    if (operation.kind === 'link.create') return this.#create(operation, session);
    if (operation.kind === 'address.add') return this.#addAddress(operation, session);
    this.bringUp();
    const batch = this.#queue.batchFor(session, operation);
    const index = (link: LinkName) => known(session, link).index;
    switch (operation.kind) {
      case 'link.change': {
        const change = changeOf(operation.link, operation.before, session);
        const link = known(session, operation.link.name);
        // What is announced afterwards carries the new one.
        if (change.mac !== undefined) session.learn(operation.link.name, { ...link, mac: change.mac });
        return changeLink(batch, link.index, change);
      }
      case 'link.delete': {
        const link = session.link(operation.link);
        session.learn(operation.link, undefined);
        return link === undefined ? undefined : deleteLink(batch, link.index);
      }
      case 'address.delete':
        if (session.link(operation.address.link) === undefined) return undefined;
        return deleteAddress(batch, { ...operation.address, index: index(operation.address.link) });
      case 'route.set': {
        const { table, destination, hop } = operation;
        return setRoute(batch, { table, destination, ...hop, index: index(hop.link) });
      }
      case 'route.delete': {
        const { table, destination, hop } = operation;
        return deleteRoute(batch, { table, destination, ...hop, index: session.link(hop.link)?.index ?? 0 });
      }
      case 'rule.add':
        return addRule(batch, operation.rule);
      case 'rule.delete':
        return deleteRule(batch, operation.rule);
      case 'neighbour.set':
        return setNeighbour(batch, { ...operation.neighbour, index: index(operation.neighbour.link) });
      case 'neighbour.delete':
        if (session.link(operation.neighbour.link) === undefined) return undefined;
        return deleteNeighbour(batch, { ...operation.neighbour, index: index(operation.neighbour.link) });
    }
  }

  /**
   * Brings up what waits for it, until packets pass, and has the kernel announce the addresses: where
   * `arp_notify` is set it does when a link comes up, which may be too early to be heard, and when
   * its MAC address is set (inetdev_event() in net/ipv4/devinet.c). A packet socket could do it only
   * at some 10 ms for each namespace.
   */
  bringUp(): void {
    const waiting = this.#waiting;
    const ends = [...this.#nearEnds, ...waiting];
    [this.#waiting, this.#nearEnds] = [[], []];
    for (const { session, index, operation } of ends)
      changeLink(this.#queue.batchFor(session, operation), index, { up: true });
    for (const [position, { session, index, operation }] of ends.entries()) {
      if (position % SETTLED_AT_ONCE === 0) this.#queue.flush();
      settleLink(this.#queue.batchFor(session, operation), index);
    }
    for (const { session, index, operation, mac } of waiting) {
      if (mac !== undefined) changeLink(this.#queue.batchFor(session, operation), index, { mac });
    }
  }

  #addAddress(operation: Extract<Operation, { kind: 'address.add' }>, session: Session): void {
    const { link, address } = operation.address;
    addAddress(this.#queue.batchFor(session, operation), { ...operation.address, index: known(session, link).index });
    if (this.#waiting.some((waiting) => waiting.session === session && waiting.link === link))
      session.noteAnnounced(link, address);
  }

  #create(operation: LinkCreate, session: Session): void {
    const { link, peer } = operation;
    if (link.kind.type === 'macvlan') {
      const host = this.#sessions(HOST);
      const parent = link.kind.parent === undefined ? undefined : host.link(link.kind.parent);
      if (parent === undefined) throw new SystemError(`parent of macvlan ${link.name}`, ENODEV);
      const created = newLink(session, link);
      createMacvlan(this.#queue.batchFor(host, operation), created, parent.index, session.open.descriptor.number);
      this.#finish(operation, session, link, created.index);
    } else if (link.kind.type === 'veth' && link.kind.peer !== undefined && peer !== undefined) {
      const peerSession = this.#sessions(link.kind.peer.namespace);
      // The end in HOST is the one the pair is made from, as its master can ride along.
      if (operation.namespace !== HOST && peerSession.name === HOST)
        this.#createPair(operation, peerSession, peer, session, link);
      else this.#createPair(operation, session, link, peerSession, peer);
    } else {
      throw new SystemError(`link ${link.name} of kind ${link.kind.type}`, ENODEV);
    }
  }

  #createPair(operation: LinkCreate, near: Session, nearLink: Link, far: Session, farLink: Link): void {
    const master = nearLink.master === undefined ? 0 : known(near, nearLink.master).index;
    const nearEnd = newLink(near, nearLink);
    const farEnd = newLink(far, farLink);
    const namespace = far === near ? undefined : far.open.descriptor.number;
    createVeth(this.#queue.batchFor(near, operation), nearEnd, master, farEnd, namespace);
    if (nearLink.alias !== undefined)
      changeLink(this.#queue.batchFor(near, operation), nearEnd.index, { alias: nearLink.alias });
    if (nearLink.up) this.#nearEnds.push({ session: near, index: nearEnd.index, operation });
    this.#finish(operation, far, farLink, farEnd.index);
  }

  /** What cannot ride in the message that creates a link elsewhere. */
  #finish(operation: LinkCreate, session: Session, link: Link, index: number): void {
    if (link.alias !== undefined || link.master !== undefined) {
      changeLink(this.#queue.batchFor(session, operation), index, {
        ...(link.alias !== undefined && { alias: link.alias }),
        ...(link.master !== undefined && { master: known(session, link.master).index }),
      });
    }
    if (link.up) this.#waiting.push({ session, link: link.name, mac: link.mac, index, operation });
  }
}

function newLink(session: Session, { name, kind, mac, mtu }: Link): NewLink {
  const index = session.chooseIndex(name);
  session.learn(name, { index, kind: kind.type, mac, lower: 0 });
  return { name, index, mac, mtu };
}

function changeOf(link: Link, before: Link, session: Session): LinkChange {
  return {
    ...(link.mac !== undefined && link.mac !== before.mac && { mac: link.mac }),
    ...(link.mtu !== undefined && link.mtu !== before.mtu && { mtu: link.mtu }),
    ...(link.alias !== before.alias && { alias: link.alias ?? '' }),
    ...(link.master !== before.master && { master: link.master === undefined ? 0 : known(session, link.master).index }),
    ...(link.up !== before.up && { up: link.up }),
  };
}

function known(session: Session, name: LinkName): KnownLink {
  const link = session.link(name);
  if (link === undefined) throw new SystemError(`device ${name}`, ENODEV);
  return link;
}
