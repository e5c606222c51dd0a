// What is told of addresses, neighbours, routes, rules and sysctls in namespaces of ours: what of it is news, and whether
// it says all that has changed. What is known of each is kept to tell a change from a repetition.

import type { Gone } from '../../../host/gone.ts';
import { addressKey, neighbourKey, ruleKey } from '../../../host/state.ts';
import type { IpAddress } from '../../../model/address.ts';
import { isIpv4 } from '../../../model/address.ts';
import type { LinkName, NamespaceName } from '../../../model/names.ts';
import { LOOPBACK, unknownLink } from '../../../model/names.ts';
import type { RouteEvent } from '../../../netlink/route/index.ts';
import { isDefaultRule } from '../../../netlink/route/index.ts';
import { hopOf, isWorthTelling, madeByKernel } from '../read-namespace.ts';
import { heardSysctl } from './heard-sysctls.ts';
import type { Knowledge, OwnChanges } from './own-changes.ts';
import { addressFact, hasIpv4, neighbourFact } from './own-changes.ts';

const DISABLE_IPV6 = 'net.ipv6.conf.all.disable_ipv6';

type InsideEvent = Exclude<RouteEvent, { kind: 'link' | 'namespace' }>;

/** Who is told what is news. `index`: of the link that something was on, if it was on one. */
interface Told {
  changed(namespace: NamespaceName): void;
  changedOn(namespace: NamespaceName, index: number): void;
  /** Nothing but that was changed. */
  gone(index: number | undefined, gone: Gone): void;
}

export class HeardInside {
  readonly #knowledge: Knowledge;
  readonly #own: OwnChanges;
  readonly #tell: Told;

  constructor(knowledge: Knowledge, own: OwnChanges, tell: Told) {
    this.#knowledge = knowledge;
    this.#own = own;
    this.#tell = tell;
  }

  /** `isOwn`: it was made over a socket of ours. */
  hear(name: NamespaceName, event: InsideEvent, isOwn: boolean): void {
    switch (event.kind) {
      case 'rule':
        return event.isGone && !isDefaultRule(event.rule)
          ? this.#tell.gone(undefined, { kind: 'rule', namespace: name, key: ruleKey(event.rule) })
          : this.#tell.changed(name);
      case 'route':
        return isWorthTelling(event.route) ? this.#hearRouteChanged(name, event) : undefined;
      case 'address': {
        const link = this.#knowledge.ends.links(name).get(event.index);
        if (link !== undefined && madeByKernel(link, event.address)) return undefined;
        const key = addressKey({ ...event, link: this.#linkName(name, event.index) });
        const value = event.isGone ? undefined : '';
        const gone = (): Gone | undefined =>
          value === undefined && link !== undefined
            ? this.#addressGone(name, link.name, event.address, key)
            : undefined;
        return this.#hearFact(name, event.index, { fact: addressFact(key), value, isOwn, gone });
      }
      case 'neighbour': {
        const key = neighbourKey({ ...event, link: this.#linkName(name, event.index) });
        const gone = (): Gone | undefined =>
          event.mac === undefined ? { kind: 'neighbour', namespace: name, key } : undefined;
        return this.#hearFact(name, event.index, { fact: neighbourFact(key), value: event.mac, isOwn, gone });
      }
      case 'netconf':
        for (const [sysctl, value] of event.values) {
          const fact = heardSysctl(sysctl, event, this.#linkName(name, event.index));
          // At first it is told of each that it is as new devices have it.
          if (fact === undefined) continue;
          const isKnown = this.#knowledge.facts(name)?.has(fact) === true;
          this.#hearFact(name, event.index, { fact, value: String(value), isOwn: !isKnown });
        }
    }
    return undefined;
  }

  /** A loopback device has an address of which nothing is known here. */
  #addressGone(namespace: NamespaceName, link: LinkName, address: IpAddress, key: string): Gone | undefined {
    const facts = this.#knowledge.facts(namespace);
    if (facts === undefined || link === LOOPBACK) return undefined;
    return { kind: 'address', namespace, key, link, isLastIpv4: isIpv4(address) && !hasIpv4(facts, link) };
  }

  #hearRouteChanged(name: NamespaceName, { route, isGone }: Extract<InsideEvent, { kind: 'route' }>): void {
    // What a plan does to a link, or to IPv6, costs IPv6 routes, of which nobody asked to have them deleted.
    const isIpv6Gone = isGone && !isIpv4(route.destination.address);
    const isOwn = () =>
      this.#own.expectsFact(name, DISABLE_IPV6, false) ||
      this.#own.expectedLink(name, this.#linkName(name, route.index)) !== undefined;
    if (isIpv6Gone && isOwn()) return;
    // One that replaces another may have done so on another link.
    if (!isGone) return this.#tell.changed(name);
    const hop = hopOf(route, this.#linkName(name, route.index));
    const { table, destination } = route;
    this.#tell.gone(route.index, { kind: 'route', namespace: name, table, route: { destination, hop } });
  }

  #hearFact(
    name: NamespaceName,
    index: number,
    {
      fact,
      value,
      isOwn,
      gone,
    }: {
      readonly fact: string;
      readonly value: string | undefined;
      readonly isOwn: boolean;
      /** All that has changed, if that is known; asked when the fact is. */
      readonly gone?: () => Gone | undefined;
    },
  ): void {
    const facts = this.#knowledge.facts(name);
    if (facts === undefined || facts.get(fact) === value) return;
    if (value === undefined) facts.delete(fact);
    else facts.set(fact, value);
    const isExpected = this.#own.expectsFact(name, fact, value === undefined);
    if (isOwn || isExpected) return;
    const exactly = gone?.();
    if (exactly === undefined) this.#tell.changedOn(name, index);
    else this.#tell.gone(index, exactly);
  }

  #linkName(name: NamespaceName, index: number): LinkName {
    return this.#knowledge.ends.links(name).get(index)?.name ?? unknownLink(index);
  }
}
