// The nftables side of a namespace: what our table `ip buoy` contains, in statements on the level
// that nft(8) writes. How they become kernel expressions is the business of src/netlink/nftables.

import type { Ipv4Address } from '../model/address.ts';
import type { LinkName } from '../model/names.ts';

/** The table that marks a namespace as ours and holds its rules; its comment names the instance. */
export const TABLE_NAME = 'buoy';

export interface Ruleset {
  /** Under their names. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Under their names. */
  readonly sets: ReadonlyMap<string, AddressSet>;
}

/** A base chain with policy accept. */
export interface Chain {
  readonly type: 'filter' | 'nat';
  readonly hook: 'prerouting' | 'postrouting';
  readonly priority: number;
  readonly rules: readonly (readonly Statement[])[];
}

/**
 * A set of IPv4 addresses, or a map from one to another. `counters` is a set that counts, for each of its
 * addresses, the packets that are found in it; what it has counted is no part of a state (see counters.ts).
 */
export type AddressSet =
  | { readonly kind: 'set' | 'counters'; readonly elements: ReadonlySet<Ipv4Address> }
  | { readonly kind: 'map'; readonly elements: ReadonlyMap<Ipv4Address, Ipv4Address> };

export type Statement =
  /** `iifname "rfp-…"` or `oifname "rfp-…"` */
  | { readonly kind: 'interface'; readonly direction: 'in' | 'out'; readonly name: LinkName }
  /** `ip saddr @marked` or `ip daddr @received` */
  | { readonly kind: 'source-in-set' | 'destination-in-set'; readonly set: string }
  /** `meta mark set meta mark & ~bits | bits` */
  | { readonly kind: 'set-mark-bits'; readonly bits: number }
  /** `dnat to ip daddr map @floating`; an address that is not in the map goes on to the next rule. */
  | { readonly kind: 'destination-nat'; readonly map: string }
  /** `snat to ip saddr map @fixed` */
  | { readonly kind: 'source-nat'; readonly map: string }
  | { readonly kind: 'notrack' }
  /** What Buoy never makes, as the kernel's expression names. Only in a read state. */
  | { readonly kind: 'unknown'; readonly text: string };
