// A namespace while a plan is applied to it: its sockets, and the indexes of its links.

import type { IpAddress, MacAddress } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { LOOPBACK } from '../../model/names.ts';
import { readLinkOf, readLinks } from '../../netlink/route/index.ts';
import type { Descriptor } from '../../sys/descriptor.ts';
import { openPacketSocket } from './announce.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';

export interface KnownLink {
  readonly index: number;
  /** The kernel's word for it: "veth", "macvlan", … */
  readonly kind: string;
  readonly mac: MacAddress | undefined;
  /** Index of a veth's peer or a macvlan's parent, 0 where there is none or it is not read back. */
  readonly lower: number;
}

/** Indexes from here on are those that Buoy chooses; the kernel counts up from 1. */
export const FIRST_CHOSEN = 1 << 16;
const CHOICES = 1 << 23;

/** What every namespace is born with (LOOPBACK_IFINDEX of net/net_namespace.h). */
const NEW_LOOPBACK: KnownLink = { index: 1, kind: 'loopback', mac: undefined, lower: 0 };

/** After so many questions for single links, all are read: a thousand of them take as long as some hundred questions. */
export const QUESTIONS = 64;

export class Session implements Disposable {
  readonly open: OpenNamespace;
  /** As they are when all that was written is done; undefined: there is none of that name. */
  readonly #links = new Map<LinkName, KnownLink | undefined>();
  readonly #used = new Set<number>();
  readonly #announced = new Map<LinkName, Set<IpAddress>>();
  #questions = 0;
  /** There are no other links. */
  #isWhole: boolean;
  #packet: Promise<Descriptor> | undefined;

  constructor(open: OpenNamespace) {
    this.open = open;
    this.#isWhole = open.isNew;
    if (open.isNew) this.learn(LOOPBACK, NEW_LOOPBACK);
  }

  get name(): NamespaceName {
    return this.open.name;
  }

  /** Throws NetlinkError, SystemError, MalformedReply. */
  link(name: LinkName): KnownLink | undefined {
    if (this.#links.has(name)) return this.#links.get(name);
    // The kernel has other bytes than these.
    if (name.includes('\ufffd')) this.#readAll();
    if (this.#mayAsk()) this.learn(name, readLinkOf(this.open.route, name));
    return this.#links.get(name);
  }

  /** Throws as `link`. */
  links(): readonly KnownLink[] {
    this.#readAll();
    return [...this.#links.values()].filter((link) => link !== undefined);
  }

  learn(name: LinkName, link: KnownLink | undefined): void {
    this.#links.set(name, link);
    if (link !== undefined) this.#used.add(link.index);
  }

  /** Whether a single link can be asked for; else all are known. */
  #mayAsk(): boolean {
    if (!this.#isWhole && ++this.#questions > QUESTIONS) this.#readAll();
    return !this.#isWhole;
  }

  /** What was written may not be done yet. */
  #readAll(): void {
    if (this.#isWhole) return;
    for (const link of readLinks(this.open.route)) {
      this.#used.add(link.index);
      if (!this.#links.has(link.name)) this.#links.set(link.name, link);
    }
    this.#isWhole = true;
  }

  /** Notes an address that the kernel announces by itself. */
  noteAnnounced(link: LinkName, address: IpAddress): void {
    const addresses = this.#announced.get(link);
    if (addresses === undefined) this.#announced.set(link, new Set([address]));
    else addresses.add(address);
  }

  isAnnounced(link: LinkName, address: IpAddress): boolean {
    return this.#announced.get(link)?.has(address) ?? false;
  }

  /** The packet socket for announcements, opened when it is first asked for. Rejects with SystemError. */
  packetSocket(namespaces: Namespaces): Promise<Descriptor> {
    this.#packet ??= openPacketSocket(namespaces, this.name);
    return this.#packet;
  }

  /**
   * An index for a new link. Chosen here, so that the message that creates a link and those that
   * use it can go in one batch; a hash of the name, so that the two indexes of a veth pair are
   * found nowhere else on the host (see read-host.ts). Both ends need one: the kernel heeds that of
   * the peer only if the near end has one too (veth_newlink()). Throws as `link`.
   */
  chooseIndex(name: LinkName): number {
    let index = FIRST_CHOSEN + (hash(`${this.name} ${name}`) % CHOICES);
    while (this.#isUsed(index)) index++;
    this.#used.add(index);
    return index;
  }

  #isUsed(index: number): boolean {
    return this.#used.has(index) || (this.#mayAsk() && readLinkOf(this.open.route, index) !== undefined);
  }

  [Symbol.dispose](): void {
    this.open.closeAside();
    // The kernel waits for a grace period (packet_release() in net/packet/af_packet.c). One that could not be opened has been
    // reported by the announcement that asked for it.
    this.#packet?.then(
      (packet) => packet.closeAside(),
      () => undefined,
    );
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
