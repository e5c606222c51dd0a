// What is told of a packet's path.

import type { IpAddress, Ipv4Address, MacAddress, Prefix } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { LinkEnd, Neighbour, NextHop, Rule } from '../state.ts';
import type { Packet, Wire } from './packet.ts';

export interface Trace {
  readonly steps: readonly Step[];
  /** As it was in the end, with its addresses translated. */
  readonly packet: Packet;
  readonly outcome: Outcome;
  /** What namespaces that track connections remember of it, in the order of its path. */
  readonly connections: readonly Connection[];
}

export type Step =
  /** Who answers when a MAC address is asked for on a link or wire: the owner of the address, or who proxies for it. */
  | {
      readonly kind: 'answer';
      readonly where: LinkName;
      readonly address: IpAddress;
      readonly port: LinkEnd;
      readonly as: Answer;
    }
  | { readonly kind: 'arrival'; readonly at: LinkEnd; readonly packet: Packet }
  | { readonly kind: 'notrack'; readonly chain: string }
  /** `mark` is that of the packet afterwards. */
  | { readonly kind: 'mark'; readonly chain: string; readonly mark: number }
  /** `by`: a chain, or the connection that the packet belongs to and is not the first of. */
  | {
      readonly kind: 'translation';
      readonly by: string | Connection;
      readonly what: 'source' | 'destination';
      readonly before: Ipv4Address;
      readonly after: Ipv4Address;
    }
  /** The rule by which the route was found. */
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'route'; readonly table: number; readonly destination: Prefix; readonly hop: NextHop }
  /** A permanent entry. */
  | { readonly kind: 'neighbour'; readonly neighbour: Neighbour };

export type Answer = 'owner' | 'proxy';

/** A connection in a namespace, by the addresses of its two directions. */
export interface Connection {
  readonly namespace: NamespaceName;
  readonly original: Addresses;
  readonly reply: Addresses;
}

export interface Addresses {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
}

export type Outcome =
  /** It has left, from `from`, for whoever has the address `to` on the wire (or the MAC address of a permanent entry). */
  | { readonly kind: 'sent'; readonly wire: Wire; readonly from: LinkEnd; readonly to: IpAddress }
  /** It is for a namespace itself. */
  | { readonly kind: 'local'; readonly namespace: NamespaceName }
  | { readonly kind: 'dropped'; readonly where: NamespaceName | undefined; readonly why: Drop }
  /** What the state says does not decide it. */
  | { readonly kind: 'unclear'; readonly where: NamespaceName | undefined; readonly why: Doubt };

export type Drop =
  | Cut
  | { readonly kind: 'no answer'; readonly where: LinkName; readonly address: IpAddress }
  | { readonly kind: 'wrong mac'; readonly port: LinkEnd; readonly mac: MacAddress }
  | { readonly kind: 'too big'; readonly port: LinkEnd; readonly mtu: number }
  /** The source is an address of the namespace, or broadcast. */
  | { readonly kind: 'martian source'; readonly source: IpAddress }
  /** `rp_filter`: answers would not go out where it came in (1), or nowhere (2). */
  | { readonly kind: 'reverse path'; readonly link: LinkName }
  | { readonly kind: 'broadcast'; readonly address: IpAddress }
  | { readonly kind: 'not forwarding' }
  /** `tables` were asked, in this order. */
  | { readonly kind: 'no route'; readonly destination: IpAddress; readonly tables: readonly number[] }
  /** A route of another type: `blackhole`, `unreachable`, `prohibit`, … */
  | { readonly kind: 'refused'; readonly destination: IpAddress; readonly type: string }
  /** It comes where it was before. */
  | { readonly kind: 'loop' };

/** Why nothing passes between a link and what it is connected with. */
export type Cut =
  | { readonly kind: 'no link'; readonly port: LinkEnd }
  | { readonly kind: 'down'; readonly port: LinkEnd }
  /** The host's end of a veth is no port of a bridge. */
  | { readonly kind: 'no bridge'; readonly port: LinkEnd }
  /** What it is connected with is neither ours nor a wire. */
  | { readonly kind: 'leads elsewhere'; readonly port: LinkEnd };

export type Doubt =
  /** Several ports answer for one address, or have one MAC address. */
  | { readonly kind: 'conflict'; readonly address: IpAddress; readonly ports: readonly LinkEnd[] }
  | { readonly kind: 'foreign rule'; readonly rule: Rule }
  | { readonly kind: 'foreign statement'; readonly chain: string; readonly text: string };
