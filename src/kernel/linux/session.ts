// A namespace while a plan is applied to it: its sockets, and the indexes of its links.

import type { IpAddress, MacAddress } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { LOOPBACK } from '../../model/names.ts';
import type { KernelLink } from '../../netlink/route/index.ts';
import { readLinks } from '../../netlink/route/index.ts';
import type { Descriptor } from '../../sys/descriptor.ts';
import { closePacketSocket, openPacketSocket } from './announce.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';

export interface KnownLink {
  readonly index: number;
  readonly alias?: string | undefined;
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

export class Session implements Disposable {
  readonly open: OpenNamespace;
  readonly #links = new Map<LinkName, KnownLink>();
  readonly #used = new Set<number>();
  readonly #announced = new Map<LinkName, Set<IpAddress>>();
  #packet: Promise<Descriptor> | undefined;

  /** Reads the namespace's links, unless it is new or they are known. Throws NetlinkError, SystemError, MalformedReply. */
  constructor(open: OpenNamespace, known: Iterable<KernelLink> | undefined) {
    this.open = open;
    if (open.isNew) this.learn(LOOPBACK, NEW_LOOPBACK);
    else for (const link of known ?? readLinks(open.route)) this.learn(link.name, link);
  }

  get name(): NamespaceName {
    return this.open.name;
  }

  link(name: LinkName): KnownLink | undefined {
    return this.#links.get(name);
  }

  links(): ReadonlyMap<LinkName, KnownLink> {
    return this.#links;
  }

  learn(name: LinkName, link: KnownLink): void {
    this.#links.set(name, link);
    this.#used.add(link.index);
  }

  forget(name: LinkName): void {
    this.#links.delete(name);
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
   * the peer only if the near end has one too (veth_newlink()).
   */
  chooseIndex(name: LinkName): number {
    let index = FIRST_CHOSEN + (hash(`${this.name} ${name}`) % CHOICES);
    while (this.#used.has(index)) index++;
    this.#used.add(index);
    return index;
  }

  [Symbol.dispose](): void {
    this.open[Symbol.dispose]();
    // One that could not be opened has been reported by the announcement that asked for it.
    this.#packet?.then(closePacketSocket, () => undefined);
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
