// What a kernel makes of a plan, in memory: the operations done on a HostState, with what the kernel
// does unasked, and an error wherever the kernel would refuse. Written for tests that plan from any
// state to any other; it knows no packets and no time.

import type { IpAddress, Ipv4Address } from '../../src/model/address.ts';
import { isIpv4, prefixContains, networkOf, formatPrefix } from '../../src/model/address.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK } from '../../src/model/names.ts';
import type { Element, Operation, Plan } from '../../src/host/plan.ts';
import type { Chain, Ruleset } from '../../src/host/ruleset.ts';
import { chainText } from '../../src/host/text.ts';
import type {
  Address,
  HostState,
  Link,
  LinkEnd,
  NamespaceState,
  Neighbour,
  NextHop,
  Route,
  Rule,
} from '../../src/host/state.ts';
import { addressKey, neighbourKey, ruleKey } from '../../src/host/state.ts';
import { must } from './must.ts';

interface TestTable {
  prefixes: Map<string, Route>;
  hosts: Map<Ipv4Address, NextHop>;
}

type TestSet =
  | { kind: 'set' | 'counters'; elements: Set<Ipv4Address> }
  | { kind: 'map'; elements: Map<Ipv4Address, Ipv4Address> };

/** A namespace that can be changed. */
export interface TestNamespace extends NamespaceState {
  links: Map<LinkName, Link>;
  addresses: Map<string, Address>;
  routes: Map<number, TestTable>;
  rules: Map<string, Rule>;
  neighbours: Map<string, Neighbour>;
  sysctls: Map<string, string>;
  ruleset: { chains: Map<string, Chain>; sets: Map<string, TestSet> } | undefined;
  otherTables: Set<string>;
}

/** Throws what a kernel would refuse. */
class Refused extends Error {}

export class TestHost implements HostState {
  readonly namespaces = new Map<NamespaceName, TestNamespace>();
  readonly foreign: HostState['foreign'];
  /** Fixed IPs whose connections were ended, per namespace and in order. */
  readonly flushed: (readonly [NamespaceName, Ipv4Address])[] = [];
  readonly #strict: boolean;

  /**
   * A copy of the state. When `strict`, a gateway has to be reachable when a route through it is
   * set; states that no layout makes need not be like that.
   */
  constructor(state: HostState, { strict = true } = {}) {
    this.#strict = strict;
    this.foreign = state.foreign;
    for (const [name, namespace] of state.namespaces) this.namespaces.set(name, copyOf(namespace));
    if (!this.namespaces.has(HOST)) this.namespaces.set(HOST, emptyNamespace());
  }

  apply(plan: Plan): this {
    for (const operation of plan.steps.flatMap((step) => step.operations)) this.run(operation);
    return this;
  }

  run(operation: Operation): void {
    try {
      this.#run(operation);
    } catch (error) {
      if (error instanceof Refused)
        throw new Error(`${error.message}: ${JSON.stringify(operation, printable)}`, { cause: error });
      throw error;
    }
  }

  #run(operation: Operation): void {
    if (operation.kind === 'namespace.create') return this.#createNamespace(operation.namespace);
    const namespace = this.#namespace(operation.namespace);
    switch (operation.kind) {
      case 'namespace.delete':
        for (const link of namespace.links.keys()) this.#removeLink({ namespace: operation.namespace, link });
        this.namespaces.delete(operation.namespace);
        break;
      case 'sysctl.set': {
        const link = /^net\.ipv[46]\.(?:conf|neigh)\.(.+)\.\w+$/.exec(operation.name)?.[1];
        const names: string[] = [...namespace.links.keys(), 'all', 'default'];
        if (link !== undefined) refuse(!names.includes(link), 'ENOENT');
        namespace.sysctls.set(operation.name, operation.value);
        break;
      }
      case 'link.create':
        this.#createLink(operation);
        break;
      case 'link.change': {
        const before = this.#link(namespace, operation.link.name);
        const after = operation.link;
        refuse(before.kind.type !== after.kind.type, 'EINVAL');
        if (after.mac !== undefined && after.mac !== before.mac) {
          dropWhere(namespace.neighbours, (neighbour) => neighbour.link === after.name);
        }
        namespace.links.set(after.name, { ...after, mac: after.mac ?? before.mac, mtu: after.mtu ?? before.mtu });
        break;
      }
      case 'link.delete':
        this.#link(namespace, operation.link);
        this.#removeLink({ namespace: operation.namespace, link: operation.link });
        break;
      case 'address.add': {
        const { address } = operation;
        this.#link(namespace, address.link);
        const isThere = [...namespace.addresses.values()].some(
          (other) =>
            other.link === address.link &&
            other.address === address.address &&
            (!isIpv4(address.address) || other.length === address.length),
        );
        refuse(isThere, 'EEXIST');
        namespace.addresses.set(addressKey(address), address);
        break;
      }
      case 'address.delete':
        refuse(!namespace.addresses.delete(addressKey(operation.address)), 'EADDRNOTAVAIL');
        this.#stripIfLast(namespace, operation.address);
        break;
      case 'route.set': {
        const { table, destination, hop } = operation;
        this.#link(namespace, hop.link);
        if (this.#strict && hop.gateway !== undefined)
          refuse(!isReachable(namespace, hop.gateway, hop.link), 'ENETUNREACH');
        const { prefixes, hosts } = tableOf(namespace, table);
        if (destination.length === 32 && isIpv4(destination.address)) hosts.set(destination.address, hop);
        else prefixes.set(formatPrefix(destination), { destination, hop });
        break;
      }
      case 'route.delete': {
        const { table, destination } = operation;
        const { prefixes, hosts } = tableOf(namespace, table);
        const isGone =
          destination.length === 32 && isIpv4(destination.address)
            ? hosts.delete(destination.address)
            : prefixes.delete(formatPrefix(destination));
        refuse(!isGone, 'ESRCH');
        break;
      }
      case 'rule.add':
        refuse(namespace.rules.has(ruleKey(operation.rule)), 'EEXIST');
        namespace.rules.set(ruleKey(operation.rule), operation.rule);
        break;
      case 'rule.delete':
        refuse(!namespace.rules.delete(ruleKey(operation.rule)), 'ENOENT');
        break;
      case 'neighbour.set':
        this.#link(namespace, operation.neighbour.link);
        namespace.neighbours.set(neighbourKey(operation.neighbour), operation.neighbour);
        break;
      case 'neighbour.delete':
        refuse(!namespace.neighbours.delete(neighbourKey(operation.neighbour)), 'ENOENT');
        break;
      case 'ruleset.define': {
        const kept = operation.replace ? undefined : namespace.ruleset;
        const chains = new Map<string, Chain>(kept?.chains);
        const sets = new Map<string, TestSet>(kept?.sets);
        for (const [name, chain] of operation.chains) {
          const there = chains.get(name);
          refuse(there !== undefined && chainText(name, there) !== chainText(name, chain), 'EOPNOTSUPP');
          chains.set(name, chain);
        }
        for (const [name, kind] of operation.sets) {
          const there = sets.get(name);
          refuse(there !== undefined && there.kind !== kind, 'EEXIST');
          sets.set(name, there ?? emptySet(kind));
        }
        namespace.ruleset = { chains, sets };
        break;
      }
      case 'elements.set':
        for (const element of operation.elements) setElement(setOf(namespace, operation.set), element);
        break;
      case 'elements.delete':
        for (const element of operation.elements) deleteElement(setOf(namespace, operation.set), element);
        break;
      case 'table.delete':
        refuse(!namespace.otherTables.delete(operation.table), 'ENOENT');
        break;
      case 'connections.flush':
        this.flushed.push(...operation.fixed.map(({ fixed }) => [operation.namespace, fixed] as const));
        break;
      case 'address.announce':
        this.#link(namespace, operation.link);
        break;
    }
  }

  #createNamespace(name: NamespaceName): void {
    refuse(this.namespaces.has(name), 'EEXIST');
    const namespace = emptyNamespace();
    const kind = { type: 'loopback' } as const;
    namespace.links.set(LOOPBACK, {
      name: LOOPBACK,
      kind,
      mac: undefined,
      mtu: undefined,
      up: false,
      master: undefined,
      alias: undefined,
    });
    namespace.ruleset = { chains: new Map(), sets: new Map() };
    this.namespaces.set(name, namespace);
  }

  #createLink({ namespace, link, peer }: Extract<Operation, { kind: 'link.create' }>): void {
    const end = link.kind.type === 'veth' ? must(link.kind.peer) : undefined;
    if (link.kind.type === 'macvlan') refuse(this.#isMacTaken(link), 'EADDRINUSE');
    const links = [this.#namespace(namespace).links];
    if (end !== undefined) links.push(this.#namespace(end.namespace).links);
    const made = end === undefined ? [link] : [link, must(peer)];
    for (const [index, one] of made.entries()) {
      refuse(must(links[index]).has(one.name), 'EEXIST');
      must(links[index]).set(one.name, one);
    }
  }

  /** macvlan_addr_busy(): on one device, a MAC address belongs to one macvlan, in whatever namespace. */
  #isMacTaken({ kind, mac }: Link): boolean {
    return [...this.namespaces.values()].some((namespace) =>
      [...namespace.links.values()].some(
        (other) =>
          other.kind.type === 'macvlan' &&
          kind.type === 'macvlan' &&
          other.kind.parent === kind.parent &&
          other.mac === mac,
      ),
    );
  }

  #removeLink({ namespace: name, link }: LinkEnd): void {
    const namespace = this.#namespace(name);
    const kind = namespace.links.get(link)?.kind;
    if (kind === undefined) return;
    namespace.links.delete(link);
    dropWhere(namespace.addresses, (address) => address.link === link);
    dropWhere(namespace.neighbours, (neighbour) => neighbour.link === link);
    dropRoutes(namespace, (hop) => hop.link === link);
    for (const sysctl of namespace.sysctls.keys()) if (sysctl.includes(`.${link}.`)) namespace.sysctls.delete(sysctl);
    if (kind.type === 'veth' && kind.peer !== undefined) this.#removeLink(kind.peer);
  }

  /** Without an IPv4 address, a link has no IPv4: fib_disable_ip(). A loopback device keeps 127.0.0.1. */
  #stripIfLast(namespace: TestNamespace, { address, link }: Address): void {
    if (!isIpv4(address) || link === LOOPBACK) return;
    if ([...namespace.addresses.values()].some((other) => other.link === link && isIpv4(other.address))) return;
    dropWhere(namespace.neighbours, (neighbour) => neighbour.link === link && isIpv4(neighbour.address));
    dropRoutes(namespace, (hop, destination) => hop.link === link && isIpv4(destination));
  }

  #namespace(name: NamespaceName): TestNamespace {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) throw new Refused(`no namespace ${name}`);
    return namespace;
  }

  #link(namespace: TestNamespace, name: LinkName): Link {
    const link = namespace.links.get(name);
    if (link === undefined) throw new Refused(`no link ${name}`);
    return link;
  }
}

/** Whether an address is on a link, as far as a route may lead through it. */
function isReachable(namespace: TestNamespace, gateway: IpAddress, link: LinkName): boolean {
  if (!isIpv4(gateway) && networkOf(gateway, 10) === 0xfe80n << 112n) return true;
  const isOnAddress = [...namespace.addresses.values()].some(
    (own) =>
      own.link === link && prefixContains({ address: networkOf(own.address, own.length), length: own.length }, gateway),
  );
  const isOnRoute = [...namespace.routes.values()].some(
    ({ prefixes, hosts }) =>
      [...prefixes.values()].some(
        ({ destination, hop }) =>
          hop.link === link && hop.gateway === undefined && prefixContains(destination, gateway),
      ) ||
      [...hosts].some(
        ([destination, hop]) => hop.link === link && hop.gateway === undefined && destination === gateway,
      ),
  );
  return isOnAddress || isOnRoute;
}

function tableOf(namespace: TestNamespace, number: number): TestTable {
  let table = namespace.routes.get(number);
  if (table === undefined) namespace.routes.set(number, (table = { prefixes: new Map(), hosts: new Map() }));
  return table;
}

function setOf(namespace: TestNamespace, name: string): TestSet {
  const set = namespace.ruleset?.sets.get(name);
  if (set === undefined) throw new Refused(`no set ${name}`);
  return set;
}

function setElement(set: TestSet, { key, value, before }: Element): void {
  if (set.kind !== 'map') {
    refuse(value !== undefined, 'EINVAL');
    set.elements.add(key);
    return;
  }
  const there = set.elements.get(key);
  refuse(value === undefined || (there !== value && there !== before), 'EEXIST');
  set.elements.set(key, must(value));
}

function deleteElement(set: TestSet, { key, value }: Element): void {
  if (set.kind === 'map') refuse(set.elements.get(key) !== value, 'ENOENT');
  refuse(!set.elements.delete(key), 'ENOENT');
}

function dropWhere<K, V>(map: Map<K, V>, predicate: (value: V) => boolean): void {
  for (const [key, value] of map) if (predicate(value)) map.delete(key);
}

function dropRoutes(namespace: TestNamespace, predicate: (hop: NextHop, destination: IpAddress) => boolean): void {
  for (const { prefixes, hosts } of namespace.routes.values()) {
    dropWhere(prefixes, ({ hop, destination }) => predicate(hop, destination.address));
    for (const [destination, hop] of hosts) if (predicate(hop, destination)) hosts.delete(destination);
  }
}

function refuse(condition: boolean, errno: string): void {
  if (condition) throw new Refused(errno);
}

function printable(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value instanceof Map ? [...value] : value;
}

function emptySet(kind: TestSet['kind']): TestSet {
  return kind === 'map' ? { kind, elements: new Map() } : { kind, elements: new Set() };
}

function emptyNamespace(): TestNamespace {
  return {
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
}

function copyOf(state: NamespaceState): TestNamespace {
  return {
    links: new Map(state.links),
    addresses: new Map(state.addresses),
    routes: new Map(
      [...state.routes].map(([number, { prefixes, hosts }]) => [
        number,
        { prefixes: new Map(prefixes), hosts: new Map(hosts) },
      ]),
    ),
    rules: new Map(state.rules),
    neighbours: new Map(state.neighbours),
    sysctls: new Map(state.sysctls),
    ruleset: state.ruleset === undefined ? undefined : copyOfRuleset(state.ruleset),
    otherTables: new Set(state.otherTables),
    announcements: new Map(),
  };
}

function copyOfRuleset({ chains, sets }: Ruleset): { chains: Map<string, Chain>; sets: Map<string, TestSet> } {
  const copies = [...sets].map(([name, set]): [string, TestSet] => [
    name,
    set.kind === 'map'
      ? { kind: set.kind, elements: new Map(set.elements) }
      : { kind: set.kind, elements: new Set(set.elements) },
  ]);
  return { chains: new Map(chains), sets: new Map(copies) };
}

/** The state as far as the other one says anything: without sysctls, MACs and MTUs that it leaves open. */
export function asFarAs(wanted: HostState, state: HostState): HostState {
  const host = new TestHost(state);
  for (const [name, namespace] of host.namespaces) {
    const there = wanted.namespaces.get(name);
    for (const sysctl of namespace.sysctls.keys()) if (!there?.sysctls.has(sysctl)) namespace.sysctls.delete(sysctl);
    for (const [link, { mac, mtu }] of there?.links ?? []) {
      const found = namespace.links.get(link);
      if (found !== undefined) namespace.links.set(link, { ...found, mac: mac && found.mac, mtu: mtu && found.mtu });
    }
    // An empty table is none to the kernel.
    dropWhere(namespace.routes, ({ prefixes, hosts }) => prefixes.size === 0 && hosts.size === 0);
  }
  return host;
}
