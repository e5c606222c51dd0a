// The walk itself: from place to place until the packet has left, arrived or is dropped.

import type { IpAddress } from '../../model/address.ts';
import { isIpv4 } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import type { HostState, LinkEnd, NamespaceState } from '../state.ts';
import { neighbourKey } from '../state.ts';
import { answerAt } from './answers.ts';
import { cableOf, linkAt, portsOn } from './cables.ts';
import type { Decision } from './decision.ts';
import { decide } from './decision.ts';
import type { Packet, Place, Wire } from './packet.ts';
import { Passage } from './passage.ts';
import type { Connection, Doubt, Drop, Outcome, Step, Trace } from './result.ts';
import { namespaceSetting } from './settings.ts';
import { sourceTrouble } from './source-check.ts';

/** Bytes that a veth takes beyond its MTU: a VLAN tag (is_skb_forwardable() in net/core/dev.c). */
const VLAN_TAG = 4;
/** `IPDEFTTL` (linux/ip.h) */
const MOST_HOPS = 64;

/** One packet on its way. `answered`: the connections that it may be an answer of. */
export class Walk {
  readonly #state: HostState;
  readonly #answered: readonly Connection[];
  readonly #steps: Step[] = [];
  readonly #connections: Connection[] = [];
  readonly #arrivals: { readonly at: LinkEnd; readonly packet: Packet }[] = [];
  #packet: Packet;

  constructor(state: HostState, packet: Packet, answered: readonly Connection[]) {
    this.#state = state;
    this.#packet = packet;
    this.#answered = answered;
  }

  run(from: Place): Trace {
    let next = from.kind === 'link' ? this.#arrive(from) : this.#ask(from.wire, from.nexthop, this.#packet.source);
    while (!('kind' in next)) next = this.#through(next);
    return { steps: this.#steps, packet: this.#packet, outcome: next, connections: this.#connections };
  }

  #arrive(port: LinkEnd): LinkEnd | Outcome {
    const cable = cableOf(this.#state, port);
    if (cable.kind === 'cut') return dropped(undefined, cable.cut);
    return { namespace: port.namespace, link: port.link };
  }

  /** From outside. */
  #ask(wire: Wire, address: IpAddress, asker: IpAddress): LinkEnd | Outcome {
    const port = this.#whoAnswers(undefined, wire, address, asker);
    return port ?? dropped(undefined, { kind: 'no answer', where: wire, address });
  }

  /** Through the namespace that it comes to by this link, and on to the next. */
  #through(at: LinkEnd): LinkEnd | Outcome {
    const { namespace: name, link } = at;
    const namespace = this.#state.namespaces.get(name);
    if (namespace === undefined) return dropped(name, { kind: 'no link', port: at });
    this.#steps.push({ kind: 'arrival', at, packet: this.#packet });
    if (this.#wasHere(at)) return dropped(name, { kind: 'loop' });
    const passage = this.#passage(name, namespace, at);

    const doubt = passage?.prerouting(this.#connections, this.#answered);
    if (doubt !== undefined) return unclear(name, doubt);
    this.#take(passage);
    const { source, destination } = this.#packet;
    const flow = { source, destination, incoming: link, mark: passage?.mark ?? 0 };
    const decision = decide(namespace, flow);
    const trouble = sourceTrouble(namespace, flow, decision);
    if (trouble !== undefined) return dropped(name, trouble);
    if (decision.kind === 'local') {
      this.#remember(passage);
      return { kind: 'local', namespace: name };
    }
    const onward = this.#onward(name, namespace, decision);
    if (onward.kind !== 'route') return onward;

    const out = { namespace: name, link: onward.hop.link };
    const doubtAfter = passage?.postrouting(out.link);
    if (doubtAfter !== undefined) return unclear(name, doubtAfter);
    this.#take(passage);
    this.#remember(passage);
    return this.#leave(namespace, out, onward.hop.gateway ?? destination);
  }

  /** Only IPv4 has chains: the table is of that family. */
  #passage(name: NamespaceName, { ruleset }: NamespaceState, { link }: LinkEnd): Passage | undefined {
    const { source, destination } = this.#packet;
    if (!isIpv4(source) || !isIpv4(destination)) return undefined;
    return new Passage(name, ruleset, link, { source, destination }, this.#steps);
  }

  /** Whether it goes on, and where. */
  #onward(
    name: NamespaceName,
    namespace: NamespaceState,
    decision: Exclude<Decision, { kind: 'local' }>,
  ): Extract<Decision, { kind: 'route' }> | Outcome {
    const { destination, size } = this.#packet;
    if (decision.kind === 'broadcast') return dropped(name, { kind: 'broadcast', address: destination });
    const forwarding = isIpv4(destination) ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
    if (namespaceSetting(namespace, forwarding) === 0) return dropped(name, { kind: 'not forwarding' });
    if (decision.kind === 'no route' || decision.kind === 'refused') return dropped(name, { ...decision, destination });
    if (decision.kind === 'foreign rule') return unclear(name, decision);
    this.#steps.push({ kind: 'rule', rule: decision.rule });
    this.#steps.push({
      kind: 'route',
      table: decision.rule.table,
      destination: decision.destination,
      hop: decision.hop,
    });
    const { link } = decision.hop;
    const mtu = namespace.links.get(link)?.mtu;
    if (size === undefined || mtu === undefined || size <= mtu) return decision;
    return dropped(name, { kind: 'too big', port: { namespace: name, link }, mtu });
  }

  /** Over a link, to the one that has the address of the next hop. */
  #leave(namespace: NamespaceState, port: LinkEnd, nexthop: IpAddress): LinkEnd | Outcome {
    const { namespace: name, link } = port;
    const cable = cableOf(this.#state, port);
    if (cable.kind === 'cut') return dropped(name, cable.cut);
    const neighbour = namespace.neighbours.get(neighbourKey({ link, address: nexthop }));
    if (neighbour !== undefined) this.#steps.push({ kind: 'neighbour', neighbour });
    const question = { address: nexthop, asker: askerOn(namespace, port) ?? this.#packet.source };

    if (cable.kind === 'wire') {
      const { wire } = cable;
      const next =
        neighbour === undefined
          ? this.#whoAnswers(port, wire, nexthop, question.asker)
          : this.#only(
              nexthop,
              portsOn(this.#state, wire).filter((other) => linkAt(this.#state, other)?.mac === neighbour.mac),
            );
      return next ?? { kind: 'sent', wire, from: port, to: nexthop };
    }
    const { end, link: other } = cable;
    if (neighbour === undefined) {
      const answer = answerAt(this.#state, end, question);
      if (answer === undefined) return dropped(name, { kind: 'no answer', where: link, address: nexthop });
      this.#steps.push({ kind: 'answer', where: link, address: nexthop, port: end, as: answer });
    } else if (other.mac !== undefined && other.mac !== neighbour.mac) {
      return dropped(end.namespace, { kind: 'wrong mac', port: end, mac: neighbour.mac });
    }
    const { size } = this.#packet;
    if (size !== undefined && other.mtu !== undefined && size > other.mtu + VLAN_TAG)
      return dropped(end.namespace, { kind: 'too big', port: end, mtu: other.mtu });
    return end;
  }

  /** Our port that answers on a wire; undefined if none does, and it is up to others there. */
  #whoAnswers(
    from: LinkEnd | undefined,
    wire: Wire,
    address: IpAddress,
    asker: IpAddress,
  ): LinkEnd | Outcome | undefined {
    const answers = portsOn(this.#state, wire).flatMap((port) => {
      if (port.namespace === from?.namespace && port.link === from.link) return [];
      const as = answerAt(this.#state, port, { address, asker });
      return as === undefined ? [] : [{ port, as }];
    });
    for (const { port, as } of answers) this.#steps.push({ kind: 'answer', where: wire, address, port, as });
    return this.#only(
      address,
      answers.map(({ port }) => port),
    );
  }

  #only(address: IpAddress, ports: readonly LinkEnd[]): LinkEnd | Outcome | undefined {
    // Two ports of one namespace, of which one is about to go, lead to the same.
    const isOne = new Set(ports.map(({ namespace }) => namespace)).size < 2;
    return isOne ? ports.at(-1) : unclear(undefined, { kind: 'conflict', address, ports });
  }

  /** Takes note that the packet is here; true if it was before, or has been to too many places. */
  #wasHere(at: LinkEnd): boolean {
    const { source, destination } = this.#packet;
    const isSame = this.#arrivals.some(
      (other) =>
        other.at.link === at.link &&
        other.at.namespace === at.namespace &&
        other.packet.source === source &&
        other.packet.destination === destination,
    );
    return isSame || this.#arrivals.push({ at, packet: this.#packet }) > MOST_HOPS;
  }

  #take(passage: Passage | undefined): void {
    if (passage !== undefined) this.#packet = { ...this.#packet, ...passage.addresses };
  }

  #remember(passage: Passage | undefined): void {
    const connection = passage?.connection;
    if (connection !== undefined) this.#connections.push(connection);
  }
}

/** The address that a namespace asks from, on the link where it asks (`arp_announce`). */
function askerOn({ addresses }: NamespaceState, { link }: LinkEnd): IpAddress | undefined {
  for (const own of addresses.values()) if (own.link === link && isIpv4(own.address)) return own.address;
  return undefined;
}

function dropped(where: NamespaceName | undefined, why: Drop): Outcome {
  return { kind: 'dropped', where, why };
}

function unclear(where: NamespaceName | undefined, why: Doubt): Outcome {
  return { kind: 'unclear', where, why };
}
