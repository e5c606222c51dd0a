// The namespaces that are ours and that events are heard of. Each has a number (`nsid`) by which events name it.
//
// The kernel gives the number of a namespace that has ended to the next one, and may tell of its end only after that
// (unhash_nsid() in net/core/net_namespace.c): whether a namespace has ended is looked at, and not believed.

import { fstatSync } from 'node:fs';
import { join } from 'node:path';
import { BuoyError } from '../../../errors.ts';
import type { NamespaceName } from '../../../model/names.ts';
import { MessageBatch } from '../../../netlink/message.ts';
import { giveNamespaceId, readNamespaceId } from '../../../netlink/route/index.ts';
import type { NetlinkSocket } from '../../../netlink/socket.ts';
import { NetlinkError } from '../../../netlink/socket.ts';
import { Descriptor, O } from '../../../sys/descriptor.ts';
import { SystemError } from '../../../sys/system-error.ts';

/** What is known of a namespace. */
export interface Known {
  /** Of the namespace, so that a name that was given to another one shows. */
  readonly inode: number;
  readonly number: number;
  /** Addresses, neighbours and sysctls in it. */
  readonly facts: Map<string, string>;
}

export class KnownNamespaces {
  readonly #directory: string;
  /** In the namespace that events are heard in: each has numbers of its own for all others. */
  readonly #socket: NetlinkSocket;
  readonly #request = new MessageBatch(1, 128);
  readonly #known = new Map<NamespaceName, Known>();
  readonly #names = new Map<number, NamespaceName>();

  constructor(directory: string, socket: NetlinkSocket) {
    this.#directory = directory;
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

  /** Whether a namespace has the name still, and the number. */
  isThere(name: NamespaceName): boolean {
    try {
      using descriptor = Descriptor.open(join(this.#directory, name), O.RDONLY | O.NONBLOCK);
      return readNamespaceId(this.#socket, descriptor.number) === this.#known.get(name)?.number;
    } catch (error) {
      // There is nothing, or it is no namespace.
      if (error instanceof SystemError || error instanceof NetlinkError) return false;
      throw error;
    }
  }
}
