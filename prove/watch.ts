// Watches one run: after operations chosen at random, or after each, packets are walked through the host.
//
// A floating IP that the run finds working, and that leads to the same workload afterwards over
// links that stay, has to work after every operation. And whenever somebody outside is answered
// who asks for a floating IP, announced or not, a packet to it has to arrive.

import type { Trace } from '../src/host/trace/index.ts';
import { floatingIpPath, formatTrace, trace } from '../src/host/trace/index.ts';
import type { Operation, Plan } from '../src/host/plan.ts';
import type { HostState, Link, LinkEnd } from '../src/host/state.ts';
import { MAIN_TABLE } from '../src/host/state.ts';
import { randomSource } from '../src/kernel/simulated/index.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import { formatIpv4, isIpv4, networkOf, parseIpv4, prefixContains } from '../src/model/address.ts';
import type { FloatingIp, Model, Router } from '../src/model/model.ts';
import type { LinkName, NamespaceName } from '../src/model/names.ts';
import {
  fipGatewayName,
  fipNamespace,
  fipToRouterName,
  HOST,
  isFipNamespace,
  routerNamespace,
  routerPortName,
  routerToFipName,
  tapName,
} from '../src/model/names.ts';
import { choose } from './intent.ts';
import type { Question } from './question.ts';
import { ask, isLost, isTranslated, linkAt, neighbourOf, questionFor } from './question.ts';
import { must } from '../test/support/must.ts';
import { Violation } from './violation.ts';

/** Operations after which packets are walked. */
const LOOKS = 2;

export interface Mapping {
  readonly router: NamespaceName;
  readonly floating: Ipv4Address;
  readonly fixed: Ipv4Address;
  /** With whom packets are exchanged. */
  readonly outside: Ipv4Address;
}

export interface States {
  readonly actual: HostState;
  readonly wanted: HostState;
  readonly model: Model;
}

export interface WatchOptions {
  readonly seed: number;
  /** Whether what is there was made by Buoy alone. */
  readonly isUntouched: boolean;
  /** Whether packets of all floating IPs are walked after every operation, and not of one now and then. */
  readonly isThorough: boolean;
}

export class Watch {
  readonly #states: States;
  readonly #isUntouched: boolean;
  readonly #isThorough: boolean;
  readonly #random: () => number;
  readonly #chosen: ReadonlySet<Operation | undefined>;
  #lasting: readonly Mapping[] | undefined;

  constructor(plan: Plan, states: States, { seed, isUntouched, isThorough }: WatchOptions) {
    this.#states = states;
    this.#isUntouched = isUntouched;
    this.#isThorough = isThorough;
    this.#random = randomSource(seed);
    const operations = plan.steps.flatMap((step) => step.operations);
    this.#chosen = new Set(
      isThorough ? operations : Array.from({ length: LOOKS }, () => operations[this.#below(operations.length)]),
    );
  }

  /**
   * Looks at the host after these operations; answers how many packets were walked. `refused`: namespaces in
   * which the kernel has refused something in this run. Throws Violation.
   */
  look(read: () => HostState, operations: readonly Operation[], refused: ReadonlySet<NamespaceName>): number {
    let walks = 0;
    for (const operation of operations) {
      // Who sends to the announced address arrives, though the port may not answer those who ask for it. And
      // what others left elsewhere on the wire, which the run has yet to take away, may answer in its place.
      const isWhole = this.#isUntouched && !refused.has(operation.namespace) && !refused.has(HOST);
      if (operation.kind === 'address.announce' && isWhole) walks += this.#afterAnnouncement(read(), operation);
      if (this.#chosen.has(operation)) walks += this.#afterAny(read(), operation);
    }
    return walks;
  }

  #afterAny(state: HostState, operation: Operation): number {
    let walks = 0;
    for (const mapping of this.#someMappings()) {
      walks++;
      const trouble = floatingIpPath(state, mapping);
      if (trouble !== undefined && this.#isLasting(mapping) && !this.#isFromElsewhere(state, mapping))
        throw new Violation(`after ${operation.kind}, ${formatIpv4(mapping.floating)} does not work: ${trouble}`);
    }
    for (const question of this.#isUntouched ? this.#someQuestions(state) : []) {
      walks++;
      this.#ask(state, question, `after ${operation.kind}`);
    }
    return walks;
  }

  /** Looks at the host when the run is over, however it went. Throws Violation. */
  lookAtEnd(state: HostState): void {
    if (!this.#isUntouched) return;
    for (const [name, fip] of state.namespaces) {
      if (!isFipNamespace(name)) continue;
      for (const [destination, { link, gateway }] of fip.routes.get(MAIN_TABLE)?.hosts ?? []) {
        if (gateway === undefined || isTranslated(state, destination, { namespace: name, link })) continue;
        const question = questionFor(state, name, destination);
        if (question !== undefined) this.#ask(state, question, 'after a run');
      }
    }
  }

  /** Somebody outside asks for an address that leads anywhere. Throws Violation. */
  #ask(state: HostState, question: Question, when: string): void {
    const walked = ask(state, question);
    if (!isLost(walked, question)) return;
    const before = ask(this.#states.actual, question);
    if (isLost(before, question) || this.#wasBroken(question) || this.#isInTransit(question, { before, walked }))
      return;
    const what = `${when}, ${formatIpv4(question.destination)} is answered for and leads nowhere`;
    throw new Violation(`${what}:\n${formatTrace(walked)}`);
  }

  /**
   * Whether what was sent to a floating IP got lost beyond the fip namespace when the run began. If then its port did not answer
   * either, that is mended first, and a moment passes until the router is.
   */
  #wasBroken({ source, destination, namespace, port }: Question): boolean {
    const { outcome } = trace(this.#states.actual, { source, destination }, { kind: 'link', namespace, link: port });
    return outcome.kind === 'dropped' && outcome.where !== namespace && outcome.where !== HOST;
  }

  /** Whether what a floating IP leads over, or has led over, is being replaced, so that there is a moment without it. */
  #isInTransit(
    { destination }: Question,
    { before, walked }: { readonly before: Trace; readonly walked: Trace },
  ): boolean {
    const { actual, wanted, model } = this.#states;
    const stays = (end: LinkEnd): boolean => sameLink(linkAt(actual, end), linkAt(wanted, end));
    if (before.outcome.kind === 'sent' && !stays(before.outcome.from)) return true;
    for (const router of model.routers.values()) {
      const found = router.floatingIps.get(destination);
      const links = found && pathOf(model, mappingOf(model, router, found));
      if (links !== undefined) return !links.every(stays);
    }
    const { outcome } = walked;
    const where = outcome.kind === 'dropped' ? outcome.where : undefined;
    const links = (where && wanted.namespaces.get(where)?.links) ?? new Map<LinkName, Link>();
    return where !== undefined && [...links.keys()].some((link) => !stays({ namespace: where, link }));
  }

  /** Whether it works but for another network, in which something that somebody has left answers in its place until it is taken away. */
  #isFromElsewhere(state: HostState, mapping: Mapping): boolean {
    if (this.#isUntouched) return false;
    const router = [...this.#states.model.routers.values()].find(({ id }) => routerNamespace(id) === mapping.router);
    const own = router && fipOf(router);
    const namespaces = new Map([...state.namespaces].filter(([name]) => !isFipNamespace(name) || name === own));
    return floatingIpPath({ ...state, namespaces }, mapping) === undefined;
  }

  #afterAnnouncement(
    state: HostState,
    { namespace, link, addresses }: Extract<Operation, { kind: 'address.announce' }>,
  ): number {
    let walks = 0;
    for (const address of this.#some(addresses)) {
      const mapping = this.#mappingOf(namespace, address);
      if (mapping === undefined) continue;
      walks++;
      const trouble = floatingIpPath(state, { ...mapping, port: link });
      if (trouble !== undefined)
        throw new Violation(`${formatIpv4(mapping.floating)} is announced and does not work: ${trouble}`);
    }
    return walks;
  }

  /** The floating IP that an address announced in a namespace is. */
  #mappingOf(namespace: NamespaceName, address: Ipv4Address): Mapping | undefined {
    for (const router of this.#states.model.routers.values()) {
      const found = router.floatingIps.get(address);
      if (found === undefined || fipOf(router) !== namespace) continue;
      return mappingOf(this.#states.model, router, found);
    }
    return undefined;
  }

  /** Floating IPs of the intent: any of them, or all that are lasting. */
  #someMappings(): Iterable<Mapping> {
    if (!this.#isThorough) return this.#mappings();
    this.#lasting ??= [...this.#mappings()].filter((mapping) => this.#isLasting(mapping));
    return this.#lasting;
  }

  *#mappings(): Generator<Mapping> {
    for (const router of this.#some([...this.#states.model.routers.values()]))
      for (const found of this.#some([...router.floatingIps.values()]))
        yield mappingOf(this.#states.model, router, found);
  }

  *#someQuestions(state: HostState): Generator<Question> {
    for (const [name, fip] of this.#some([...state.namespaces].filter(([one]) => isFipNamespace(one)))) {
      const hosts = [...(fip.routes.get(MAIN_TABLE)?.hosts ?? [])].filter(([, hop]) => hop.gateway !== undefined);
      for (const [destination] of this.#some(hosts)) {
        const question = questionFor(state, name, destination);
        if (question !== undefined) yield question;
      }
    }
  }

  /** Whether the floating IP worked when the run began as it is wanted, and stays on the links that it is on. */
  #isLasting(mapping: Mapping): boolean {
    const { actual, wanted, model } = this.#states;
    const links = pathOf(model, mapping);
    return (
      links !== undefined &&
      links.every((end) => sameLink(linkAt(actual, end), linkAt(wanted, end))) &&
      floatingIpPath(actual, mapping) === undefined
    );
  }

  /** All of them, or one at random. */
  #some<T>(all: readonly T[]): readonly T[] {
    if (this.#isThorough || all.length < 2) return all;
    return [choose(all, this.#below(all.length))];
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** The links that packets of a floating IP pass, by the intent. */
function pathOf({ routers, networks }: Model, { router: namespace, fixed }: Mapping): readonly LinkEnd[] | undefined {
  const router = [...routers.values()].find(({ id }) => routerNamespace(id) === namespace);
  const gateway = networks.get(router?.externalNetworkId ?? '')?.agentGateway;
  const inside = router?.interfaces.find(({ addresses }) =>
    addresses.some(({ address, length }) => prefixContains({ address: networkOf(address, length), length }, fixed)),
  );
  if (router?.externalNetworkId === undefined || gateway === undefined || inside === undefined) return undefined;
  const fip = fipNamespace(router.externalNetworkId);
  return [
    { namespace: HOST, link: tapName(gateway.id) },
    { namespace: fip, link: fipGatewayName(gateway.id) },
    { namespace: fip, link: fipToRouterName(router.id) },
    { namespace, link: routerToFipName(router.id) },
    { namespace, link: routerPortName(inside.id) },
    { namespace: HOST, link: tapName(inside.id) },
  ];
}

/** Whether both are there and connected alike, or neither is. */
function sameLink(a: Link | undefined, b: Link | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.up === b.up && a.mac === b.mac && a.master === b.master && kindText(a) === kindText(b);
}

function kindText({ kind }: Link): string {
  switch (kind.type) {
    case 'veth':
      return `veth ${kind.peer?.namespace} ${kind.peer?.link}`;
    case 'macvlan':
      return `macvlan ${kind.parent}`;
    default:
      return kind.type;
  }
}

/** Somebody beyond the gateway (RFC 2544), who is answered by way of the default route. */
const FAR_AWAY = must(parseIpv4('198.18.0.1'));

export function mappingOf({ networks }: Model, router: Router, { floating, fixed }: FloatingIp): Mapping {
  const gateways = networks.get(router.externalNetworkId ?? '')?.agentGateway?.gateways ?? [];
  const outside = gateways.some(isIpv4) ? FAR_AWAY : neighbourOf(floating);
  return { router: routerNamespace(router.id), floating, fixed, outside };
}

function fipOf({ externalNetworkId }: Router): NamespaceName | undefined {
  return externalNetworkId === undefined ? undefined : fipNamespace(externalNetworkId);
}
