// What waits to be sent over rtnetlink, as the real kernel room has it: the operations themselves are
// done at once, in the order in which the kernel would do them, but a refusal is known only when
// the batch is sent.

import type { Link } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { Operation } from '../../host/plan.ts';
import type { RouteOperation } from '../operation-kinds.ts';
import { isDoneAlready } from '../operation-kinds.ts';
import { Device } from './device.ts';
import { changeDevice, insertMacvlan, insertPair } from './perform/devices.ts';
import type { Errno } from './perform/errno.ts';
import { lacksLink, performLocal } from './perform/route-operation.ts';
import type { Session } from './session.ts';

type LinkCreate = Extract<RouteOperation, { kind: 'link.create' }>;

/** A new link, or the end of one. */
interface End {
  readonly session: Session;
  readonly device: Device;
  readonly operation: LinkCreate;
}

/** A new link that is still down. */
interface Waiting extends End {
  readonly link: Link;
}

export interface RouteQueueListener {
  /** An operation is refused. */
  readonly refused: (operation: Operation, errno: Errno) => void;
  /** An operation has changed the host. */
  readonly changed: (operation: RouteOperation) => void;
}

const MESSAGES_AT_ONCE = 200;
const SETTLED_AT_ONCE = 64;

export class RouteQueue {
  readonly #session: (name: NamespaceName) => Session | Errno;
  readonly #listener: RouteQueueListener;
  /** Whose messages wait. */
  #current: Session | undefined;
  #messages = 0;
  #refused: { readonly operation: RouteOperation; readonly errno: Errno }[] = [];
  #waiting: Waiting[] = [];
  #nearEnds: End[] = [];

  constructor(session: (name: NamespaceName) => Session | Errno, listener: RouteQueueListener) {
    this.#session = session;
    this.#listener = listener;
  }

  /** `fault`: what the kernel shall refuse it with, without doing it. */
  add(operation: RouteOperation, fault: Errno | undefined): void {
    const session = this.#session(operation.namespace);
    if (typeof session === 'string') return this.#listener.refused(operation, session);
    if (operation.kind === 'link.create') return this.#create(operation, session, fault);
    if (operation.kind === 'address.add') this.#noteAnnounced(operation, session);
    else this.bringUp();
    this.#batchFor(session);
    if (lacksLink(operation, session)) return this.#listener.refused(operation, 'ENODEV');
    if (fault !== undefined) this.#note(session, operation, fault);
    else this.#tell(session, operation, performLocal(operation, session));
    if (operation.kind === 'link.delete') session.forget(operation.link);
  }

  /** Sends what waits and tells of refusals. */
  send(): void {
    this.#flush();
  }

  #tell(session: Session, operation: RouteOperation, errno: Errno | undefined): void {
    if (errno === undefined || isDoneAlready(operation, errno)) this.#note(session, operation, undefined);
    else this.#note(session, operation, errno);
    if (errno === undefined) this.#listener.changed(operation);
  }

  /** Counts a message in the session's batch. */
  #note(session: Session, operation: RouteOperation, errno: Errno | undefined): void {
    this.#batchFor(session);
    this.#messages++;
    if (errno !== undefined) this.#refused.push({ operation, errno });
  }

  #batchFor(session: Session): void {
    if (this.#current !== session || this.#messages >= MESSAGES_AT_ONCE) this.#flush();
    this.#current = session;
  }

  #flush(): void {
    this.#current = undefined;
    this.#messages = 0;
    if (this.#refused.length === 0) return;
    for (const { operation, errno } of this.#refused.splice(0)) this.#listener.refused(operation, errno);
  }

  /** Brings up what waits for it. */
  bringUp(): void {
    if (this.#waiting.length === 0 && this.#nearEnds.length === 0) return;
    const waiting = this.#waiting;
    const ends = [...this.#nearEnds, ...waiting];
    [this.#waiting, this.#nearEnds] = [[], []];
    for (const { session, device, operation } of ends)
      this.#tell(session, operation, changeDevice(device, { up: true }));
    for (const [position, { session, device, operation }] of ends.entries()) {
      if (position % SETTLED_AT_ONCE === 0) this.#flush();
      this.#note(session, operation, device.isThere ? undefined : 'ENODEV');
    }
    for (const { session, device, operation, link } of waiting) {
      if (link.mac !== undefined) this.#note(session, operation, changeDevice(device, { mac: link.mac }));
    }
  }

  #noteAnnounced({ address }: Extract<RouteOperation, { kind: 'address.add' }>, session: Session): void {
    const device = session.link(address.link);
    if (device !== undefined && this.#waiting.some((waiting) => waiting.device === device))
      session.noteAnnounced(device, address.address);
  }

  #create(operation: LinkCreate, session: Session, fault: Errno | undefined): void {
    const { link, peer } = operation;
    const { kind } = link;
    if (kind.type === 'macvlan') return this.#createMacvlan(operation, session, fault);
    if (kind.type !== 'veth' || kind.peer === undefined || peer === undefined)
      return this.#listener.refused(operation, 'ENODEV');
    const peerSession = this.#session(kind.peer.namespace);
    if (typeof peerSession === 'string') return this.#listener.refused(operation, peerSession);
    // The end in HOST is the one the pair is made from, as its master can ride along.
    if (operation.namespace !== HOST && kind.peer.namespace === HOST)
      this.#createPair(operation, peerSession, peer, session, link, fault);
    else this.#createPair(operation, session, link, peerSession, peer, fault);
  }

  #createMacvlan(operation: LinkCreate, session: Session, fault: Errno | undefined): void {
    const { link } = operation;
    const host = this.#session(HOST);
    if (typeof host === 'string') return this.#listener.refused(operation, host);
    const parent =
      link.kind.type === 'macvlan' && link.kind.parent !== undefined ? host.link(link.kind.parent) : undefined;
    if (parent === undefined) return this.#listener.refused(operation, 'ENODEV');
    const device = new Device(session.namespace, link);
    session.learn(device);
    this.#tell(host, operation, fault ?? insertMacvlan(device, parent));
    this.#finish(operation, session, link, device);
  }

  #createPair(
    operation: LinkCreate,
    near: Session,
    nearLink: Link,
    far: Session,
    farLink: Link,
    fault: Errno | undefined,
  ): void {
    const master = nearLink.master === undefined ? undefined : near.link(nearLink.master);
    if (nearLink.master !== undefined && master === undefined) return this.#listener.refused(operation, 'ENODEV');
    const nearEnd = new Device(near.namespace, nearLink);
    const farEnd = new Device(far.namespace, farLink);
    near.learn(nearEnd);
    far.learn(farEnd);
    const refusal = fault ?? insertPair(nearEnd, farEnd, master);
    if (refusal === undefined && nearLink.alias !== undefined) nearEnd.alias = nearLink.alias;
    this.#tell(near, operation, refusal);
    if (nearLink.alias !== undefined) this.#note(near, operation, undefined);
    if (nearLink.up) this.#nearEnds.push({ session: near, device: nearEnd, operation });
    this.#finish(operation, far, farLink, farEnd);
  }

  /** What cannot ride in the message that creates a link elsewhere. */
  #finish(operation: LinkCreate, session: Session, link: Link, device: Device): void {
    const { alias, master } = link;
    const bridge = master === undefined ? undefined : session.link(master);
    if (alias !== undefined || master !== undefined) {
      this.#batchFor(session);
      if (master !== undefined && bridge === undefined) return this.#listener.refused(operation, 'ENODEV');
      const change = {
        ...(alias !== undefined && { alias: { text: alias } }),
        ...(bridge !== undefined && { master: { device: bridge } }),
      };
      this.#tell(session, operation, changeDevice(device, change));
    }
    if (link.up) this.#waiting.push({ session, device, operation, link });
  }
}
