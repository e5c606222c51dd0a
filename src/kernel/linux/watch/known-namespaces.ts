// The namespaces that are ours and that events are heard of. Each has a number (`nsid`) by which events name it.
//
// The kernel gives the number of a namespace that has ended to the next one: what is queued under a number may be of either.

import { fstatSync } from 'node:fs';
import { BuoyError } from '../../../errors.ts';
import type { NamespaceName } from '../../../model/names.ts';
import { MessageBatch } from '../../../netlink/message.ts';
import { giveNamespaceId, readNamespaceId } from '../../../netlink/route/index.ts';
import type { NetlinkSocket } from '../../../netlink/socket.ts';

/** What is known of a namespace. */
export interface Known {
  /** Of the namespace, so that a name that was given to another one shows. */
  readonly inode: number;
  readonly number: number;
  /** Addresses, neighbours and sysctls in it. */
  readonly facts: Map<string, string>;
}

export class KnownNamespaces {
  /** In the namespace that events are heard in: each has numbers of its own for all others. */
  readonly #socket: NetlinkSocket;
  readonly #request = new MessageBatch(1, 128);
  readonly #known = new Map<NamespaceName, Known>();
  readonly #names = new Map<number, NamespaceName>();

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  get names(): Iterable<NamespaceName> {
    return this.#known.keys();
  }

  get(name: NamespaceName): Known | undefined {
    return this.#known.get(name);
  }

  /** Which one has the number. */
  named(number: number): NamespaceName | undefined {
    return this.#names.get(number);
  }

  /**
   * Has the kernel number a namespace, and answers that; undefined if it is known already. From `add` on what is told under that
   * number is of it; what was told until now may be of one that had the number before. Throws NetlinkError.
   */
  number(name: NamespaceName, descriptor: number): Known | undefined {
    const inode = fstatSync(descriptor).ino;
    if (this.#known.get(name)?.inode === inode) return undefined;
    const number = readNamespaceId(this.#socket, descriptor) ?? this.#give(descriptor);
    if (number === undefined) throw new BuoyError('BUOY_INTERNAL', `namespace ${name} has got no number`);
    return { inode, number, facts: new Map() };
  }

  #give(descriptor: number): number | undefined {
    giveNamespaceId(this.#socket, this.#request, descriptor);
    return readNamespaceId(this.#socket, descriptor);
  }

  add(name: NamespaceName, known: Known): void {
    this.#known.set(name, known);
    this.#names.set(known.number, name);
  }

  forget(name: NamespaceName): void {
    const known = this.#known.get(name);
    if (known !== undefined && this.#names.get(known.number) === name) this.#names.delete(known.number);
    this.#known.delete(name);
  }
}
