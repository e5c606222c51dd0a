// What is changed through this kernel, so that it is not taken for a disturbance.
//
// Of routes, rules and nftables the kernel says who asked for a change. Of links, IPv6 addresses and sysctls it does
// not. So while a plan is applied, what is told of the links, addresses, neighbours and sysctls that it is about is
// noted and not judged; and when it has been applied, what is known of each is compared with what the plan made of it.

import type { Operation, Plan } from '../../../host/plan.ts';
import type { Link } from '../../../host/state.ts';
import { addressKey, neighbourKey } from '../../../host/state.ts';
import { isIpv4 } from '../../../model/address.ts';
import type { LinkName, NamespaceName } from '../../../model/names.ts';
import { LOOPBACK } from '../../../model/names.ts';
import type { LinkEnds } from '../link-ends.ts';

/** A link, or under `address …`, `neighbour …` or a sysctl's name its value. */
type Wish =
  /** `before`: what it does not differ in from that is left as it is. */
  | { readonly link: Link | undefined; readonly before?: Link }
  | {
      readonly fact: string;
      readonly value: string | undefined;
      /** Told some time after it was done: of an IPv6 address when nobody else has been found to have it (addrconf_dad_work()). */
      readonly isToldLater?: boolean;
    };

interface Expected {
  /** How many plans that are applied have to do with it. */
  count: number;
  link: Link | undefined;
  /** It was told that it is gone. */
  wasGone: boolean;
}

interface Want {
  readonly namespace: NamespaceName;
  readonly name: LinkName | string;
  readonly wish: Wish;
  readonly operation: Operation;
}

/** What is known of the host, to compare with. */
export interface Knowledge {
  readonly ends: LinkEnds;
  /** Undefined for a namespace of which nothing is known. */
  facts(namespace: NamespaceName): Map<string, string> | undefined;
}

export const addressFact = (key: string): string => `address ${key}`;

/** Whether the link has an IPv4 address, as far as is known. */
export function hasIpv4(facts: ReadonlyMap<string, string>, link: LinkName): boolean {
  const start = `${addressFact(link)} `;
  return facts.keys().some((fact) => fact.startsWith(start) && !fact.includes(':', start.length));
}
export const neighbourFact = (key: string): string => `neighbour ${key}`;

export class OwnChanges {
  readonly #knowledge: Knowledge;
  readonly #expected = new Map<string, Expected>();
  /** Links that go, and whether something was told of them that was not judged. */
  readonly #dying = new Map<string, { hasIgnored: boolean }>();
  readonly #leaving = new Map<NamespaceName, { hasIgnored: boolean }>();
  readonly #making = new Set<NamespaceName>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  /** A plan is about to be applied, which deletes no link that it makes. What is told already must be known. */
  begin(plan: Plan): OwnPlan {
    const operations = plan.steps.flatMap((step) => step.operations);
    const wants = operations.flatMap(wantsOf);
    for (const { namespace, name, wish } of wants) {
      const key = `${namespace} ${name}`;
      const expected = this.#expected.get(key) ?? { count: 0, link: undefined, wasGone: false };
      const link = 'link' in wish ? wish.link : undefined;
      this.#expected.set(key, { count: expected.count + 1, link, wasGone: expected.wasGone });
    }
    const dying = new Map<Operation, readonly string[]>();
    for (const operation of operations) {
      if (operation.kind === 'namespace.create') this.#making.add(operation.namespace);
      if (operation.kind === 'namespace.delete') this.#leaving.set(operation.namespace, { hasIgnored: false });
      const links = this.#doomed(operation);
      if (links.length > 0) dying.set(operation, links);
      for (const key of links) this.#dying.set(key, { hasIgnored: false });
    }
    return new OwnPlan(operations, wants, dying);
  }

  /** Answers the namespaces in which something else is known than the plan has made. All that is told must be known. */
  end(plan: OwnPlan): Set<NamespaceName> {
    const disturbed = new Set<NamespaceName>();
    for (const { namespace, name, wish } of plan.results())
      if (!this.#isAsWished(namespace, name, wish)) disturbed.add(namespace);
    for (const { namespace, name } of plan.wants) {
      const key = `${namespace} ${name}`;
      const expected = this.#expected.get(key);
      if (expected !== undefined && --expected.count === 0) this.#expected.delete(key);
    }
    for (const operation of plan.operations) {
      if (operation.kind === 'namespace.create') this.#making.delete(operation.namespace);
      if (operation.kind !== 'namespace.delete') continue;
      const isLeft = this.#leaving.get(operation.namespace)?.hasIgnored === true && !plan.done.has(operation);
      this.#leaving.delete(operation.namespace);
      if (isLeft) disturbed.add(operation.namespace);
    }
    for (const [operation, keys] of plan.dying) {
      for (const key of keys) {
        if (this.#dying.get(key)?.hasIgnored === true && !plan.done.has(operation)) disturbed.add(operation.namespace);
        this.#dying.delete(key);
      }
    }
    return disturbed;
  }

  /** Whether a plan that is applied has to do with that address, neighbour or sysctl. */
  expectsFact(namespace: NamespaceName, fact: string, isGone: boolean): boolean {
    const expected = this.#expected.get(`${namespace} ${fact}`);
    if (expected !== undefined && isGone) expected.wasGone = true;
    return expected !== undefined;
  }

  /** What a plan that is applied makes of the link, if it has to do with it. */
  expectedLink(namespace: NamespaceName, link: LinkName): { readonly link: Link | undefined } | undefined {
    return this.#expected.get(`${namespace} ${link}`);
  }

  /** Whether a plan that is applied deletes the link: what is told of it is not judged then. */
  isDying(namespace: NamespaceName, index: number): boolean {
    const dying = this.#dying.get(`${namespace} ${index}`);
    if (dying !== undefined) dying.hasIgnored = true;
    return dying !== undefined;
  }

  /** A link is gone, or another one has its index. Answers whether a plan that is applied deletes it. */
  buried(namespace: NamespaceName, index: number): boolean {
    return this.#dying.delete(`${namespace} ${index}`);
  }

  /** Whether a plan that is applied deletes the namespace: what is told of it is not judged then. */
  isLeaving(namespace: NamespaceName): boolean {
    const leaving = this.#leaving.get(namespace);
    if (leaving !== undefined) leaving.hasIgnored = true;
    return leaving !== undefined;
  }

  /** Whether a plan that is applied makes, or deletes, a namespace of that name. */
  isNameInWork(namespace: NamespaceName): boolean {
    return this.#making.has(namespace) || this.#leaving.has(namespace);
  }

  get isMaking(): boolean {
    return this.#making.size > 0;
  }

  /** Keys of the links that go with an operation. */
  #doomed(operation: Operation): string[] {
    const { ends } = this.#knowledge;
    if (operation.kind !== 'link.delete' && operation.kind !== 'namespace.delete') return [];
    const { namespace } = operation;
    const keys: string[] = [];
    for (const link of ends.links(namespace).values()) {
      if (operation.kind === 'link.delete' && link.name !== operation.link) continue;
      keys.push(`${namespace} ${link.index}`);
      const end = ends.otherEnd(link);
      if (end !== undefined) keys.push(`${end.namespace} ${link.lower}`);
    }
    return keys;
  }

  #isAsWished(namespace: NamespaceName, name: LinkName | string, wish: Wish): boolean {
    const { ends } = this.#knowledge;
    const facts = this.#knowledge.facts(namespace);
    if (facts === undefined) return true;
    if (!('link' in wish)) {
      const value = facts.get(wish.fact);
      if (value === undefined && wish.isToldLater === true) {
        if (this.#expected.get(`${namespace} ${name}`)?.wasGone !== false) return false;
        facts.set(wish.fact, '');
        return true;
      }
      // Of most sysctls nothing is ever told.
      return value === wish.value || (value === undefined && wish.fact.startsWith('net.'));
    }
    const links = [...ends.links(namespace).values()];
    const actual = links.find((link) => link.name === name);
    if (actual === undefined || wish.link === undefined) return actual === wish.link;
    const { alias } = wish.link;
    // A new alias of a link that is down is told to nobody (netdev_state_change()).
    const told = actual.up ? actual : { ...actual, alias };
    if (told !== actual) ends.set(namespace, told);
    const master = links.find((link) => link.index === actual.master)?.name;
    return isLike({ ...told, master }, wish.link, wish.before);
  }
}

/** A plan that is applied. */
export class OwnPlan {
  readonly operations: readonly Operation[];
  readonly wants: readonly Want[];
  readonly dying: ReadonlyMap<Operation, readonly string[]>;
  readonly done = new Set<Operation>();

  constructor(operations: readonly Operation[], wants: readonly Want[], dying: OwnPlan['dying']) {
    this.operations = operations;
    this.wants = wants;
    this.dying = dying;
  }

  /** What there should be after what was done; nothing of what the last operation on it has failed with. */
  results(): Iterable<Want> {
    const last = new Map<string, Want>();
    for (const want of this.wants) last.set(`${want.namespace} ${want.name}`, want);
    return [...last.values()].filter(({ operation }) => this.done.has(operation));
  }
}

function wantsOf(operation: Operation): Want[] {
  const { namespace } = operation;
  const linkWant = (inside: NamespaceName, name: LinkName, link: Link | undefined, before?: Link): Want => {
    return { namespace: inside, name, wish: { link, ...(before !== undefined && { before }) }, operation };
  };
  const factWant = (fact: string, value: string | undefined, isToldLater = false): Want[] => [
    { namespace, name: fact, wish: { fact, value, isToldLater }, operation },
  ];
  switch (operation.kind) {
    case 'link.create': {
      const { link, peer } = operation;
      const end = link.kind.type === 'veth' ? link.kind.peer : undefined;
      const wants = [linkWant(namespace, link.name, link)];
      if (end !== undefined && peer !== undefined) wants.push(linkWant(end.namespace, end.link, peer));
      return wants;
    }
    case 'link.change':
      return [linkWant(namespace, operation.link.name, operation.link, operation.before)];
    case 'link.delete':
      return [linkWant(namespace, operation.link, undefined)];
    case 'address.add':
      return factWant(addressFact(addressKey(operation.address)), '', !isIpv4(operation.address.address));
    case 'address.delete':
      return factWant(addressFact(addressKey(operation.address)), undefined);
    case 'neighbour.set':
      // A loopback device gives every neighbour its own address.
      if (operation.neighbour.link === LOOPBACK) return [];
      return factWant(neighbourFact(neighbourKey(operation.neighbour)), operation.neighbour.mac);
    case 'neighbour.delete':
      return factWant(neighbourFact(neighbourKey(operation.neighbour)), undefined);
    case 'sysctl.set':
      return factWant(operation.name, operation.value);
    default:
      return [];
  }
}

/** In what is wanted, and with `before` was not so before. */
function isLike(actual: Omit<Link, 'kind'>, wanted: Link, before: Link | undefined): boolean {
  const isAs = (part: 'up' | 'alias' | 'master' | 'mac' | 'mtu') => {
    if (before !== undefined && before[part] === wanted[part]) return true;
    if ((part === 'mac' || part === 'mtu') && wanted[part] === undefined) return true;
    return actual[part] === wanted[part];
  };
  return isAs('up') && isAs('alias') && isAs('master') && isAs('mac') && isAs('mtu');
}
