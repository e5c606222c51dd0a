// The space that a Buoy owns on a host, and whether a plan stays inside of it: asked by the process
// that has the privileges, of plans that come from one that has none and may have been taken over.
//
// What is asked here follows from the plan, from the options of the privileged process, and from what the
// kernel says of the host's own namespace. That a namespace with our prefix carries our mark is looked at when
// it is opened (src/kernel/linux/execution.ts).

import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, isTapName, NAMESPACE_PREFIXES } from '../model/names.ts';
import type { Operation, Plan } from './plan.ts';
import type { Link } from './state.ts';
import { disableIpv6, hasLinkSysctls, linkOfSysctl, linkSysctls, NAMESPACE_SYSCTLS } from './sysctls.ts';

export interface OwnedSpace {
  /** What is ours carries it: `ownerMark`. */
  readonly mark: string;
  /** Devices of others that ours may be plugged into, as a bridge or the parent of a macvlan; undefined: any. */
  readonly devices: ReadonlySet<LinkName> | undefined;
}

/** An operation that would change what is not ours, and why it is said to. */
export interface Trespass {
  readonly operation: Operation;
  /** `the link eth0 is not ours`: follows "because". */
  readonly reason: string;
}

/** The least that IPv4 allows (RFC 791), and ETH_MAX_MTU of the kernel. */
const [LEAST_MTU, MOST_MTU] = [68, 65_535];
/** All that Buoy sets are small numbers. */
const SYSCTL_VALUE = /^\d{1,4}$/;
const OF_NAMESPACES: ReadonlySet<string> = new Set(NAMESPACE_SYSCTLS);

/** The links of the host's own namespace that a plan names: what they are has to be known. */
export function hostLinksOf(plan: Plan): Set<LinkName> {
  return new Set(plan.steps.flatMap(({ operations }) => operations.flatMap(hostLinksIn)));
}

/**
 * The first operation of a plan that leaves the owned space; undefined if there is none.
 * @param others those among the links that the plan names (`hostLinksOf`) that are not ours, with their kinds, as they were just read.
 */
export function trespassOf(plan: Plan, space: OwnedSpace, others: ReadonlyMap<LinkName, string>): Trespass | undefined {
  const judge = new Judge(space, others);
  for (const { operations } of plan.steps) {
    for (const operation of operations) {
      const reason = judge.reasonAgainst(operation);
      if (reason !== undefined) return { operation, reason };
    }
  }
  return undefined;
}

function hostLinksIn(operation: Operation): LinkName[] {
  const { namespace } = operation;
  switch (operation.kind) {
    case 'link.create': {
      const { link, peer } = operation;
      const { kind } = link;
      if (kind.type === 'macvlan') return kind.parent === undefined ? [] : [kind.parent];
      const isPeerInHost = kind.type === 'veth' && kind.peer?.namespace === HOST;
      return [
        ...(namespace === HOST ? namesOf(link) : []),
        ...(isPeerInHost && peer !== undefined ? namesOf(peer) : []),
      ];
    }
    case 'link.change':
      return namespace === HOST ? namesOf(operation.link) : [];
    case 'link.delete':
      return namespace === HOST ? [operation.link] : [];
    case 'sysctl.set': {
      const link = namespace === HOST ? linkOfSysctl(operation.name) : undefined;
      return link === undefined ? [] : [link];
    }
    case 'namespace.delete':
      return operation.ends.flatMap((end) => (end.namespace === HOST ? [end.link] : []));
    default:
      return [];
  }
}

function namesOf({ name, master }: Link): LinkName[] {
  return master === undefined ? [name] : [name, master];
}

class Judge {
  readonly #space: OwnedSpace;
  readonly #others: ReadonlyMap<LinkName, string>;

  constructor(space: OwnedSpace, others: ReadonlyMap<LinkName, string>) {
    this.#space = space;
    this.#others = others;
  }

  reasonAgainst(operation: Operation): string | undefined {
    const { namespace } = operation;
    const elsewhere = againstNamespace(namespace);
    if (elsewhere !== undefined) return elsewhere;
    switch (operation.kind) {
      case 'link.create':
        return this.#againstCreation(operation);
      case 'link.change':
        return this.#againstLink(namespace, operation.link);
      case 'link.delete':
        return namespace === HOST ? this.#againstHostLink(operation.link) : undefined;
      case 'sysctl.set':
        return SYSCTL_VALUE.test(operation.value)
          ? this.#againstSysctl(namespace, operation.name, operation.value)
          : `${operation.name} is never given that value`;
      case 'namespace.delete':
        return namespace === HOST ? outOfPlace(operation) : this.#againstEnds(operation);
      case 'namespace.create':
      case 'address.add':
      case 'address.delete':
      case 'route.set':
      case 'route.delete':
      case 'rule.add':
      case 'rule.delete':
      case 'neighbour.set':
      case 'neighbour.delete':
      case 'ruleset.define':
      case 'elements.set':
      case 'elements.delete':
      case 'table.delete':
      case 'connections.flush':
      case 'address.announce':
        return namespace === HOST ? outOfPlace(operation) : undefined;
    }
  }

  #againstCreation({ namespace, link, peer }: Extract<Operation, { kind: 'link.create' }>): string | undefined {
    const own = this.#againstNewLink(namespace, link);
    if (own !== undefined) return own;
    const { kind } = link;
    if (kind.type === 'macvlan') {
      if (namespace === HOST) return 'a macvlan is never made in the host';
      return kind.parent === undefined ? 'a macvlan needs a parent' : this.#againstDevice(kind.parent);
    }
    if (kind.type !== 'veth') return `a link of kind ${kind.type} is never made`;
    if (kind.peer === undefined || peer === undefined || kind.peer.link !== peer.name)
      return 'a veth needs the other end that it names';
    const other = kind.peer.namespace;
    if (namespace === HOST && other === HOST) return 'a pair that is in the host with both ends is never ours';
    return againstNamespace(other) ?? this.#againstNewLink(other, peer);
  }

  #againstNewLink(namespace: NamespaceName, link: Link): string | undefined {
    if (namespace === HOST && !isTapName(link.name)) return `a link ${link.name} is never made in the host`;
    return this.#againstLink(namespace, link);
  }

  /** Of what a link is to be like. */
  #againstLink(namespace: NamespaceName, link: Link): string | undefined {
    if (link.mtu !== undefined && (link.mtu < LEAST_MTU || link.mtu > MOST_MTU))
      return `no link has an MTU of ${link.mtu}`;
    if (namespace !== HOST) return undefined;
    if (link.alias !== this.#space.mark) return `the link ${link.name} would not carry our mark`;
    return (
      this.#againstHostLink(link.name) ?? (link.master === undefined ? undefined : this.#againstBridge(link.master))
    );
  }

  #againstHostLink(name: LinkName): string | undefined {
    return this.#others.has(name) ? `the link ${name} is not ours` : undefined;
  }

  /** One that is not there is for the kernel to refuse: then the other routers of the plan go on. */
  #againstBridge(name: LinkName): string | undefined {
    const kind = this.#others.get(name);
    return kind === undefined || kind === 'bridge' ? this.#againstDevice(name) : `${name} is not a bridge`;
  }

  #againstDevice(name: LinkName): string | undefined {
    const { devices } = this.#space;
    return devices === undefined || devices.has(name) ? undefined : `${name} is not among the devices that are allowed`;
  }

  #againstSysctl(namespace: NamespaceName, name: string, value: string): string | undefined {
    const link = linkOfSysctl(name);
    if (namespace === HOST) {
      const isAllowed = link !== undefined && name === disableIpv6(link) && isTapName(link) && value === '1';
      return isAllowed ? this.#againstHostLink(link) : `${name} is never set in the host`;
    }
    // By equality: a name is a path in /proc/sys, and could lead out of the namespace's part of that.
    const isAllowed =
      link === undefined
        ? OF_NAMESPACES.has(name)
        : hasLinkSysctls(link) && Object.values(linkSysctls(link)).includes(name);
    return isAllowed ? undefined : `${name} is never set`;
  }

  /** They are deleted themselves where the kernel takes its time. */
  #againstEnds({ ends }: Extract<Operation, { kind: 'namespace.delete' }>): string | undefined {
    for (const { namespace, link } of ends) {
      const reason = namespace === HOST ? this.#againstHostLink(link) : againstNamespace(namespace);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}

function againstNamespace(name: NamespaceName): string | undefined {
  return name === HOST || hasOurPrefix(name) ? undefined : `a namespace ${name} is never ours`;
}

function hasOurPrefix(name: NamespaceName): boolean {
  return NAMESPACE_PREFIXES.some((prefix) => name.startsWith(prefix) && name.length > prefix.length);
}

function outOfPlace({ kind }: Operation): string {
  return `the host has nothing of ours for ${kind}`;
}
