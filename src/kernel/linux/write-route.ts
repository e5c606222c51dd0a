// Operations on links, addresses, routes, rules and neighbours as rtnetlink messages.

import type { Link } from '../../host/state.ts';
import type { Operation } from '../../host/plan.ts';
import type { LinkName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { LinkChange } from '../../netlink/route/index.ts';
import { addAddress, addRule, changeLink, createMacvlan, createVeth, deleteAddress, deleteLink, deleteNeighbour, deleteRoute, deleteRule, setNeighbour, setRoute } from '../../netlink/route/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import type { Queue } from './queue.ts';
import type { KnownLink, Session } from './session.ts';

const ENODEV = 19;

export type RouteOperation = Exclude<
  Extract<Operation, { kind: `${'link' | 'address' | 'route' | 'rule' | 'neighbour'}.${string}` }>,
  { kind: 'address.announce' }
>;

/** Finds the session of a namespace that an operation touches. Throws SystemError when it could not be opened. */
type Sessions = (name: Session['name']) => Session;

/** Writes the operation's messages to the queue. Throws SystemError: ENODEV for a link that is not there. */
export function writeRouteOperation(operation: RouteOperation, sessions: Sessions, queue: Queue): void {
  const session = sessions(operation.namespace);
  const index = (link: LinkName) => known(session, link).index;
  switch (operation.kind) {
    case 'link.create':
      return writeLinkCreate(operation, sessions, queue);
    case 'link.change':
      return changeLink(queue.batchFor(session, operation), operation.link.name, changeOf(operation.link, operation.before, session));
    case 'link.delete':
      session.forget(operation.link);
      return deleteLink(queue.batchFor(session, operation), operation.link);
    case 'address.add':
      return addAddress(queue.batchFor(session, operation), { ...operation.address, index: index(operation.address.link) });
    case 'address.delete':
      return deleteAddress(queue.batchFor(session, operation), { ...operation.address, index: index(operation.address.link) });
    case 'route.set': {
      const { table, destination, hop } = operation;
      return setRoute(queue.batchFor(session, operation), { table, destination, ...hop, index: index(hop.link) });
    }
    case 'route.delete': {
      const { table, destination, hop } = operation;
      return deleteRoute(queue.batchFor(session, operation), { table, destination, ...hop, index: session.link(hop.link)?.index ?? 0 });
    }
    case 'rule.add':
      return addRule(queue.batchFor(session, operation), operation.rule);
    case 'rule.delete':
      return deleteRule(queue.batchFor(session, operation), operation.rule);
    case 'neighbour.set':
      return setNeighbour(queue.batchFor(session, operation), { ...operation.neighbour, index: index(operation.neighbour.link) });
    case 'neighbour.delete':
      return deleteNeighbour(queue.batchFor(session, operation), { ...operation.neighbour, index: index(operation.neighbour.link) });
  }
}

type LinkCreate = Extract<Operation, { kind: 'link.create' }>;

function writeLinkCreate(operation: LinkCreate, sessions: Sessions, queue: Queue): void {
  const { link, peer } = operation;
  const session = sessions(operation.namespace);
  if (link.kind.type === 'macvlan') {
    const parent = link.kind.parent;
    const host = sessions(HOST);
    if (parent === undefined) throw new SystemError('macvlan without a parent', ENODEV);
    const created = newLink(session, link);
    createMacvlan(queue.batchFor(host, operation), created, known(host, parent).index, session.open.descriptor.number);
    finish(session, link, created.index, queue, operation, true);
  } else if (link.kind.type === 'veth' && link.kind.peer !== undefined && peer !== undefined) {
    const peerSession = sessions(link.kind.peer.namespace);
    // The end in HOST is the one the pair is made from, as its master and up can ride along.
    if (operation.namespace !== HOST && peerSession.name === HOST) createPair(peerSession, peer, session, link, queue, operation);
    else createPair(session, link, peerSession, peer, queue, operation);
  } else {
    throw new SystemError(`link of kind ${link.kind.type}`, ENODEV);
  }
}

function createPair(near: Session, nearLink: Link, far: Session, farLink: Link, queue: Queue, operation: LinkCreate): void {
  const master = nearLink.master === undefined ? 0 : known(near, nearLink.master).index;
  const nearEnd = newLink(near, nearLink);
  const farEnd = newLink(far, farLink);
  const namespace = far === near ? undefined : far.open.descriptor.number;
  createVeth(queue.batchFor(near, operation), nearEnd, nearLink.up, master, farEnd, namespace);
  if (nearLink.alias !== undefined) changeLink(queue.batchFor(near, operation), nearLink.name, { alias: nearLink.alias });
  finish(far, farLink, farEnd.index, queue, operation, farLink.up);
}

/** What cannot ride in the message that creates a link elsewhere. */
function finish(session: Session, link: Link, index: number, queue: Queue, operation: LinkCreate, up: boolean): void {
  const change: LinkChange = {
    ...(link.alias !== undefined && { alias: link.alias }),
    ...(link.master !== undefined && { master: known(session, link.master).index }),
    ...(up && link.up && { up: true }),
  };
  if (Object.keys(change).length > 0) changeLink(queue.batchFor(session, operation), index, change);
}

function newLink(session: Session, link: Link): { name: LinkName; index: number; mac: Link['mac']; mtu: Link['mtu'] } {
  const { name, mac, mtu } = link;
  const index = session.chooseIndex(name);
  session.learn(name, { index, mac, lower: 0 });
  return { name, index, mac, mtu };
}

function changeOf(link: Link, before: Link, session: Session): LinkChange {
  const master = link.master === undefined ? 0 : known(session, link.master).index;
  return {
    ...(link.mac !== undefined && link.mac !== before.mac && { mac: link.mac }),
    ...(link.mtu !== undefined && link.mtu !== before.mtu && { mtu: link.mtu }),
    ...(link.alias !== before.alias && { alias: link.alias ?? '' }),
    ...(link.master !== before.master && { master }),
    ...(link.up !== before.up && { up: link.up }),
  };
}

function known(session: Session, name: LinkName): KnownLink {
  const link = session.link(name);
  if (link === undefined) throw new SystemError(`device ${name}`, ENODEV);
  return link;
}
