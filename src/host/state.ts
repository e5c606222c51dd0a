// The state of a host's kernel as far as floating IPs go: plain data, the same type for what is
// wanted and for what was read. Collections are Maps under a canonical key, so that two states are
// compared by walking one and looking up in the other.
//
// What the kernel makes by itself (local routes, kernel routes, IPv6 link-local addresses, the
// three default rules, 127.0.0.1) is in neither.

import type { IpAddress, Ipv4Address, MacAddress, Prefix } from '../model/address.ts';
import { formatAddress, formatPrefix, isIpv4 } from '../model/address.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import type { Ruleset } from './ruleset.ts';

export interface HostState {
  /** Namespaces that are ours, and HOST with the links in it that are ours. */
  readonly namespaces: ReadonlyMap<NamespaceName, NamespaceState>;
  /** What is on the host and not ours, as far as it can stand in our way. Empty in a wanted state. */
  readonly foreign: Foreign;
  /**
   * In a read state: a run has begun and not ended well, so what it should have announced may not have been, and
   * connections that it should have ended may live. Of that the kernel itself keeps no trace.
   */
  readonly isUnfinished?: boolean;
}

export interface Foreign {
  /** Names in /run/netns with our prefixes that are not ours, and what they are ("a file", "a namespace without our mark"). */
  readonly namespaces: ReadonlyMap<NamespaceName, string>;
  /** Devices in the host's own namespace that are not ours, with their kind ("bridge", "device", …). */
  readonly links: ReadonlyMap<LinkName, string>;
}

export interface NamespaceState {
  readonly links: ReadonlyMap<LinkName, Link>;
  /** Under `addressKey`. */
  readonly addresses: ReadonlyMap<string, Address>;
  /** Under the table's number; 254 is `main`. */
  readonly routes: ReadonlyMap<number, RouteTable>;
  /** Under `ruleKey`. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** Rules that every namespace is born with, and somebody has deleted here. Only in a read state. */
  readonly lostRules?: readonly Rule[] | undefined;
  /** Permanent neighbours under `neighbourKey`. */
  readonly neighbours: ReadonlyMap<string, Neighbour>;
  /** Values under the name that sysctl(8) knows: `net.ipv4.ip_forward`. A wanted state names those it cares for. */
  readonly sysctls: ReadonlyMap<string, string>;
  /** The contents of our nftables table `ip buoy`; undefined in HOST. */
  readonly ruleset: Ruleset | undefined;
  /** Further nftables tables in a namespace that is ours, as `family name`. Never wanted. */
  readonly otherTables: ReadonlySet<string>;
  /**
   * Addresses that neighbours on a link are told of by gratuitous ARP once they work. The kernel
   * keeps no trace of that, so a read state has none and two states do not differ by it.
   */
  readonly announcements: ReadonlyMap<LinkName, Announced>;
}

/** What is needed of a set of addresses here, so that ten thousand need not be copied into one. */
export type Announced = Iterable<Ipv4Address> & Pick<ReadonlySet<Ipv4Address>, 'has'>;

export interface Link {
  readonly name: LinkName;
  readonly kind: LinkKind;
  readonly mac: MacAddress | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  readonly up: boolean;
  /** The bridge it is a port of. */
  readonly master: LinkName | undefined;
  /** Free text shown by `ip link`; in HOST it is the mark that a link is ours. */
  readonly alias: string | undefined;
}

export type LinkKind =
  | { readonly type: 'loopback' }
  /** `peer` is undefined only in a read state, when the other end is in no namespace of ours. */
  | { readonly type: 'veth'; readonly peer: LinkEnd | undefined }
  /** On a device of HOST, in bridge mode. */
  | { readonly type: 'macvlan'; readonly parent: LinkName | undefined }
  /** Any other kind, by the kernel's word for it. Never wanted. */
  | { readonly type: 'other'; readonly word: string };

/** A link in a namespace. */
export interface LinkEnd {
  readonly namespace: NamespaceName;
  readonly link: LinkName;
}

export interface Address {
  readonly link: LinkName;
  readonly address: IpAddress;
  readonly length: number;
}

/** One routing table of a namespace, both families. */
export interface RouteTable {
  /** Under `formatPrefix`, and `routeKey` for others' routes; holds everything but the IPv4 host routes. */
  readonly prefixes: ReadonlyMap<string, Route>;
  /**
   * IPv4 /32 routes under their destination. They are as many as floating IPs, and all of one
   * router share one NextHop, so ten thousand are compared in a millisecond.
   */
  readonly hosts: ReadonlyMap<Ipv4Address, NextHop>;
}

export interface Route {
  readonly destination: Prefix;
  readonly hop: NextHop;
}

/** Where a route leads. */
export interface NextHop {
  readonly link: LinkName;
  /** None: the destination is on the link itself. */
  readonly gateway: IpAddress | undefined;
  /** Routing protocol number (linux/rtnetlink.h): 4 `static` for all that Buoy makes, as Neutron's. */
  readonly protocol: number;
  /** `unicast`, or another type in a read state: a route that is not ours to want. */
  readonly type: string;
  /** A metric or TOS that Buoy does not give its routes. Only in a read state. */
  readonly other?: { readonly metric: number; readonly tos: number };
}

/** A policy rule that looks up a table. */
export interface Rule {
  readonly family: 4 | 6;
  /** 0 to 4294967295; lower is asked first. */
  readonly priority: number;
  readonly table: number;
  readonly from?: Prefix;
  readonly incoming?: LinkName;
  readonly mark?: { readonly value: number; readonly mask: number };
  /** Selectors or actions that Buoy never makes, as text. Only in a read state. */
  readonly other?: string;
}

export interface Neighbour {
  readonly link: LinkName;
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/** `RT_TABLE_MAIN` (linux/rtnetlink.h). */
export const MAIN_TABLE = 254;
/** `RTPROT_STATIC` (linux/rtnetlink.h). */
export const PROTOCOL_STATIC = 4;

export function addressKey(address: Address): string {
  return `${address.link} ${formatAddress(address.address)}/${address.length}`;
}

export function neighbourKey(neighbour: Pick<Neighbour, 'link' | 'address'>): string {
  return `${neighbour.link} ${formatAddress(neighbour.address)}`;
}

/** Everything that tells a rule from another: two equal keys are one rule. */
export function ruleKey(rule: Rule): string {
  const words = [`ipv${rule.family}`, String(rule.priority)];
  if (rule.from !== undefined) words.push('from', formatPrefix(rule.from));
  if (rule.incoming !== undefined) words.push('iif', rule.incoming);
  if (rule.mark !== undefined)
    words.push('fwmark', `0x${rule.mark.value.toString(16)}/0x${rule.mark.mask.toString(16)}`);
  if (rule.other !== undefined) words.push(rule.other);
  words.push('lookup', String(rule.table));
  return words.join(' ');
}

/** Routes to one destination that differ in metric or TOS are different routes. */
export function routeKey({ destination, hop }: Route): string {
  const prefix = formatPrefix(destination);
  return hop.other === undefined ? prefix : `${prefix} metric ${hop.other.metric} tos ${hop.other.tos}`;
}

/** The address under which a RouteTable has the route among its `hosts`; undefined if it is one of `prefixes`. */
export function hostOf({ destination: { address, length }, hop }: Route): Ipv4Address | undefined {
  return isIpv4(address) && length === 32 && hop.other === undefined ? address : undefined;
}

export const NO_FOREIGN: Foreign = { namespaces: new Map(), links: new Map() };

/** A host on which there is nothing of ours. */
export const NO_STATE: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

/** A namespace of which nothing is told. */
export const EMPTY_NAMESPACE: NamespaceState = {
  links: new Map(),
  addresses: new Map(),
  routes: new Map(),
  rules: new Map(),
  neighbours: new Map(),
  sysctls: new Map(),
  ruleset: undefined,
  otherTables: new Set(),
  announcements: new Map(),
};
