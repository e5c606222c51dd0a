// The links of the host and of all namespaces that are ours, and which of them are two ends of a veth.
//
// Each end tells the index of the other, so two ends belong together when each names the other's
// index. That says something only of indexes that Buoy chose: they are hashes of names, and found
// nowhere else. Low ones, which the kernel hands out, are the same in every namespace, so a pair that has one is
// of somebody else's making.

import type { LinkEnd, LinkKind } from '../../host/state.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { KernelLink } from '../../netlink/route/index.ts';
import { FIRST_CHOSEN } from './session.ts';

export class LinkEnds {
  readonly #links = new Map<NamespaceName, Map<number, KernelLink>>();
  /** Under both indexes, its own first. */
  readonly #veths = new Map<string, LinkEnd>();
  /** Ends of which the kernel told before it joined them: it tells nobody when it does. */
  readonly #loose = new Map<number, NamespaceName>();

  /** The links of a namespace under their indexes. */
  links(namespace: NamespaceName): ReadonlyMap<number, KernelLink> {
    return this.#links.get(namespace) ?? NONE;
  }

  namespaces(): IterableIterator<NamespaceName> {
    return this.#links.keys();
  }

  /** Takes these for all links of a namespace. */
  replace(namespace: NamespaceName, links: Iterable<KernelLink>): void {
    this.drop(namespace);
    this.#links.set(namespace, new Map());
    for (const link of links) this.set(namespace, link);
  }

  /** Forgets a namespace. */
  drop(namespace: NamespaceName): void {
    for (const index of this.links(namespace).keys()) this.delete(namespace, index);
    this.#links.delete(namespace);
  }

  /** A new link, or what has become of one. */
  set(namespace: NamespaceName, link: KernelLink): void {
    this.delete(namespace, link.index);
    const links = this.#links.get(namespace) ?? new Map<number, KernelLink>();
    this.#links.set(namespace, links.set(link.index, link));
    if (link.kind === 'veth' && link.lower === 0 && link.index >= FIRST_CHOSEN) this.#loose.set(link.index, namespace);
    if (!isChosenPair(link)) return;
    this.#veths.set(`${link.index} ${link.lower}`, { namespace, link: link.name });
    const elsewhere = this.#loose.get(link.lower);
    const loose = elsewhere === undefined ? undefined : this.links(elsewhere).get(link.lower);
    if (elsewhere !== undefined && loose !== undefined) this.set(elsewhere, { ...loose, lower: link.index });
  }

  delete(namespace: NamespaceName, index: number): void {
    const link = this.links(namespace).get(index);
    if (link === undefined) return;
    this.#links.get(namespace)?.delete(index);
    if (this.#loose.get(index) === namespace) this.#loose.delete(index);
    const key = `${link.index} ${link.lower}`;
    if (this.#veths.get(key)?.namespace === namespace) this.#veths.delete(key);
  }

  /** The name of a device of the host. */
  hostName(index: number): LinkName | undefined {
    return this.links(HOST).get(index)?.name;
  }

  /** The other end of a veth, if it is known. */
  otherEnd(link: KernelLink): LinkEnd | undefined {
    return isChosenPair(link) ? this.#veths.get(`${link.lower} ${link.index}`) : undefined;
  }

  kindOf(link: KernelLink): LinkKind {
    if (link.kind === 'loopback') return { type: 'loopback' };
    if (link.kind === 'veth') return { type: 'veth', peer: this.otherEnd(link) };
    if (link.kind === 'macvlan') return { type: 'macvlan', parent: this.hostName(link.lower) };
    return { type: 'other', word: link.kind };
  }

  /** Whether a link of the host is ours: it has our mark, or is the other end of a veth in a namespace of ours. */
  isOurs(link: KernelLink, mark: string): boolean {
    const end = this.otherEnd(link);
    // A pair of which both ends are in the host's own namespace is somebody else's.
    return link.alias === mark || (end !== undefined && end.namespace !== HOST);
  }
}

const NONE: ReadonlyMap<number, KernelLink> = new Map();

function isChosenPair({ kind, index, lower }: KernelLink): boolean {
  return kind === 'veth' && index >= FIRST_CHOSEN && lower >= FIRST_CHOSEN;
}

/** In what HostState tells. */
export function isSameLink(one: KernelLink, other: KernelLink): boolean {
  return (
    one.name === other.name &&
    one.mac === other.mac &&
    one.mtu === other.mtu &&
    one.up === other.up &&
    one.master === other.master &&
    one.alias === other.alias &&
    one.kind === other.kind &&
    one.lower === other.lower
  );
}
