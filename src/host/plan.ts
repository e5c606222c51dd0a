// A plan: the operations that turn one HostState into another, in the order they are to be done.
// Operations name links and namespaces, never indexes or descriptors: those are the kernel room's.

import type { Ipv4Address, Prefix } from '../model/address.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import type { Chain, AddressSet } from './ruleset.ts';
import type { Address, Link, LinkEnd, Neighbour, NextHop, Rule } from './state.ts';

export interface Plan {
  readonly steps: readonly Step[];
}

/**
 * Operations that belong together. When one of them fails, the rest of this step and of every
 * later step with the same subject is not tried; other subjects go on.
 */
export interface Step {
  /** A router's or fip namespace, or HOST. */
  readonly subject: NamespaceName;
  readonly operations: readonly Operation[];
  /** Subjects that take over what goes here: if one of them has failed, nothing here is tried either. */
  readonly after: readonly NamespaceName[];
}

export type Operation =
  | { readonly kind: 'namespace.create'; readonly namespace: NamespaceName }
  /** `ends`: the other ends of its veths in namespaces that stay. They go with it, and it is done when they are gone. */
  | { readonly kind: 'namespace.delete'; readonly namespace: NamespaceName; readonly ends: readonly LinkEnd[] }
  | {
      readonly kind: 'sysctl.set';
      readonly namespace: NamespaceName;
      readonly name: string;
      readonly value: string;
      readonly before: string | undefined;
    }
  /** Creates a link, and with a veth both of its ends, each complete with MAC, MTU, master, alias and up. */
  | {
      readonly kind: 'link.create';
      readonly namespace: NamespaceName;
      readonly link: Link;
      readonly peer: Link | undefined;
    }
  /** Brings MAC, MTU, master, alias and up to those of `link`. */
  | { readonly kind: 'link.change'; readonly namespace: NamespaceName; readonly link: Link; readonly before: Link }
  | { readonly kind: 'link.delete'; readonly namespace: NamespaceName; readonly link: LinkName }
  | { readonly kind: 'address.add'; readonly namespace: NamespaceName; readonly address: Address }
  | { readonly kind: 'address.delete'; readonly namespace: NamespaceName; readonly address: Address }
  /** Adds a route, or replaces the one to the same destination in the same table. */
  | {
      readonly kind: 'route.set';
      readonly namespace: NamespaceName;
      readonly table: number;
      readonly destination: Prefix;
      readonly hop: NextHop;
      readonly before: NextHop | undefined;
    }
  | {
      readonly kind: 'route.delete';
      readonly namespace: NamespaceName;
      readonly table: number;
      readonly destination: Prefix;
      readonly hop: NextHop;
    }
  | { readonly kind: 'rule.add'; readonly namespace: NamespaceName; readonly rule: Rule }
  | { readonly kind: 'rule.delete'; readonly namespace: NamespaceName; readonly rule: Rule }
  /** Adds a permanent neighbour, or replaces the entry for the same address on the same link. */
  | {
      readonly kind: 'neighbour.set';
      readonly namespace: NamespaceName;
      readonly neighbour: Neighbour;
      readonly before: Neighbour | undefined;
    }
  | { readonly kind: 'neighbour.delete'; readonly namespace: NamespaceName; readonly neighbour: Neighbour }
  /**
   * Gives the table `ip buoy` these chains and sets: chains that are there get other rules, sets keep their
   * elements, and new ones are empty. `replace`: it has others, or of another kind, and all that it has goes in the same
   * transaction, elements and all.
   */
  | {
      readonly kind: 'ruleset.define';
      readonly namespace: NamespaceName;
      readonly chains: ReadonlyMap<string, Chain>;
      readonly sets: ReadonlyMap<string, AddressSet['kind']>;
      readonly replace: boolean;
    }
  /** Adds elements to a set or map, or gives keys of a map another value; `before` is the value they had. */
  | {
      readonly kind: 'elements.set';
      readonly namespace: NamespaceName;
      readonly set: string;
      readonly elements: readonly Element[];
    }
  | {
      readonly kind: 'elements.delete';
      readonly namespace: NamespaceName;
      readonly set: string;
      readonly elements: readonly Element[];
    }
  /** Deletes an nftables table that is not ours from a namespace that is. `table` is `family name`. */
  | { readonly kind: 'table.delete'; readonly namespace: NamespaceName; readonly table: string }
  /** Ends the connections that were translated for these fixed addresses otherwise than they are now. */
  | {
      readonly kind: 'connections.flush';
      readonly namespace: NamespaceName;
      readonly fixed: readonly FlushedAddress[];
      /** Whether those translated for any other address are ended too. */
      readonly others: boolean;
    }
  /** Tells the neighbours on a link, by gratuitous ARP, that these addresses are here. */
  | {
      readonly kind: 'address.announce';
      readonly namespace: NamespaceName;
      readonly link: LinkName;
      readonly addresses: readonly Ipv4Address[];
    };

/** An element of a set (`value` undefined) or map. */
export interface Element {
  readonly key: Ipv4Address;
  readonly value: Ipv4Address | undefined;
  readonly before?: Ipv4Address | undefined;
}

/** A fixed IP, and the floating IP whose connections may stay; undefined if none may. */
export interface FlushedAddress {
  readonly fixed: Ipv4Address;
  readonly floating: Ipv4Address | undefined;
}

export function operationCount(plan: Plan): number {
  return plan.steps.reduce((count, step) => count + step.operations.length, 0);
}
