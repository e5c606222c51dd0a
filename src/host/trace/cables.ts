// What links are connected with.

import type { LinkName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { HostState, Link, LinkEnd } from '../state.ts';
import type { Wire } from './packet.ts';
import type { Cut } from './result.ts';

/** Another link of ours, a wire, or why nothing passes. */
export type Cable =
  | { readonly kind: 'link'; readonly end: LinkEnd; readonly link: Link }
  | { readonly kind: 'wire'; readonly wire: Wire }
  | { readonly kind: 'cut'; readonly cut: Cut };

/** What is at the other side of a link; both sides have to be up. */
export function cableOf(state: HostState, port: LinkEnd): Cable {
  const link = linkAt(state, port);
  const trouble = troubleWith(link, port);
  if (link === undefined || trouble !== undefined) return cut(trouble ?? { kind: 'no link', port });
  if (link.kind.type === 'macvlan') return wire(link.kind.parent, { kind: 'leads elsewhere', port });
  const end = link.kind.type === 'veth' ? link.kind.peer : undefined;
  if (end === undefined || link.master !== undefined) return cut({ kind: 'leads elsewhere', port });
  const other = linkAt(state, end);
  const otherTrouble = troubleWith(other, end);
  if (other === undefined || otherTrouble !== undefined) return cut(otherTrouble ?? { kind: 'no link', port: end });
  return end.namespace === HOST
    ? wire(other.master, { kind: 'no bridge', port: end })
    : { kind: 'link', end, link: other };
}

/** The ports of our namespaces on a wire that packets can pass to. */
export function portsOn(state: HostState, name: Wire): LinkEnd[] {
  const ports: LinkEnd[] = [];
  const bridged = state.namespaces.get(HOST)?.links.values() ?? [];
  for (const { master, kind } of bridged) {
    if (master !== name || kind.type !== 'veth' || kind.peer === undefined || kind.peer.namespace === HOST) continue;
    if (cableOf(state, kind.peer).kind === 'wire') ports.push(kind.peer);
  }
  for (const [namespace, { links }] of state.namespaces) {
    if (namespace === HOST) continue;
    for (const { kind, up, name: link } of links.values())
      if (kind.type === 'macvlan' && kind.parent === name && up) ports.push({ namespace, link });
  }
  return ports;
}

export function linkAt(state: HostState, { namespace, link }: LinkEnd): Link | undefined {
  return state.namespaces.get(namespace)?.links.get(link);
}

function troubleWith(link: Link | undefined, port: LinkEnd): Cut | undefined {
  if (link === undefined) return { kind: 'no link', port };
  return link.up ? undefined : { kind: 'down', port };
}

function cut(why: Cut): Cable {
  return { kind: 'cut', cut: why };
}

function wire(name: LinkName | undefined, otherwise: Cut): Cable {
  return name === undefined ? cut(otherwise) : { kind: 'wire', wire: name };
}
