// A packet's passage through the netfilter hooks of a namespace: the chains of our table, and the
// connection tracking and NAT that stand between them (linux/netfilter_ipv4.h, nf_nat_core.c).

import type { Ipv4Address } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { Chain, Ruleset, Statement } from '../ruleset.ts';
import type { Addresses, Connection, Doubt, Step } from './result.ts';

/** `NF_IP_PRI_CONNTRACK`, `NF_IP_PRI_NAT_DST` and `NF_IP_PRI_NAT_SRC`. */
const CONNTRACK = -200;
const NAT_DESTINATION = -100;
const NAT_SOURCE = 100;

const NOTHING: Ruleset = { chains: new Map(), sets: new Map() };

type Verdict = 'next rule' | 'next chain' | Doubt | undefined;

export class Passage {
  readonly #namespace: NamespaceName;
  readonly #sets: Ruleset['sets'];
  /** In the order of their priorities. */
  readonly #chains: readonly (readonly [string, Chain])[];
  readonly #incoming: LinkName;
  readonly #steps: Step[];
  readonly #original: Addresses;
  /** What its connection, of which it is not the first packet, makes of its addresses. */
  #known: { readonly connection: Connection; readonly translated: Addresses } | undefined;
  #isTracked: boolean;
  #source: Ipv4Address;
  #destination: Ipv4Address;
  #mark = 0;

  constructor(
    namespace: NamespaceName,
    ruleset: Ruleset | undefined,
    incoming: LinkName,
    original: Addresses,
    steps: Step[],
  ) {
    this.#namespace = namespace;
    const { chains, sets } = ruleset ?? NOTHING;
    this.#sets = sets;
    this.#chains = [...chains].sort(([, a], [, b]) => a.priority - b.priority);
    this.#incoming = incoming;
    this.#original = original;
    this.#source = original.source;
    this.#destination = original.destination;
    this.#steps = steps;
    // The first NAT chain of a namespace turns connection tracking on.
    this.#isTracked = this.#chains.some(([, { type }]) => type === 'nat');
  }

  get addresses(): Addresses {
    return { source: this.#source, destination: this.#destination };
  }

  get mark(): number {
    return this.#mark;
  }

  /** What the namespace remembers if it was new, and it tracks connections. */
  get connection(): Connection | undefined {
    if (!this.#isTracked || this.#known !== undefined) return undefined;
    return {
      namespace: this.#namespace,
      original: this.#original,
      reply: { source: this.#destination, destination: this.#source },
    };
  }

  /**
   * Before routing. `own`: connections that it has made on its way here; `answered`: those whose
   * answer it may be. Answers what is not clear.
   */
  prerouting(own: readonly Connection[], answered: readonly Connection[]): Doubt | undefined {
    return (
      this.#filter('prerouting', -Infinity, CONNTRACK) ??
      this.#track(own, answered) ??
      this.#filter('prerouting', CONNTRACK, NAT_DESTINATION) ??
      this.#translate('destination') ??
      this.#filter('prerouting', NAT_DESTINATION, Infinity)
    );
  }

  /** After routing. Answers what is not clear. */
  postrouting(outgoing: LinkName): Doubt | undefined {
    return (
      this.#filter('postrouting', -Infinity, NAT_SOURCE, outgoing) ??
      this.#translate('source', outgoing) ??
      this.#filter('postrouting', NAT_SOURCE, Infinity, outgoing)
    );
  }

  #track(own: readonly Connection[], answered: readonly Connection[]): undefined {
    if (!this.#isTracked) return;
    const again = own.find((one) => this.#isOf(one.namespace, one.original));
    if (again !== undefined) this.#known = { connection: again, translated: opposite(again.reply) };
    const asked = answered.find((one) => this.#isOf(one.namespace, one.reply));
    if (asked !== undefined) this.#known = { connection: asked, translated: opposite(asked.original) };
  }

  #isOf(namespace: NamespaceName, { source, destination }: Addresses): boolean {
    return namespace === this.#namespace && source === this.#source && destination === this.#destination;
  }

  /** Filter chains with priorities of at least `from`, and less than `to`. */
  #filter(hook: Chain['hook'], from: number, to: number, outgoing?: LinkName): Doubt | undefined {
    for (const [name, chain] of this.#chains) {
      if (chain.type !== 'filter' || chain.hook !== hook || chain.priority < from || chain.priority >= to) continue;
      const verdict = this.#run(name, chain, outgoing);
      if (typeof verdict === 'object') return verdict;
    }
    return undefined;
  }

  /** Chains are for a connection's first packet; others are translated as it was, whatever chains and maps say now. */
  #translate(what: 'source' | 'destination', outgoing?: LinkName): Doubt | undefined {
    if (!this.#isTracked) return undefined;
    const known = this.#known;
    if (known !== undefined) {
      this.#change(what, known.translated[what], known.connection);
      return undefined;
    }
    const hook = what === 'source' ? 'postrouting' : 'prerouting';
    for (const [name, chain] of this.#chains) {
      if (chain.type !== 'nat' || chain.hook !== hook) continue;
      const verdict = this.#run(name, chain, outgoing);
      if (typeof verdict === 'object') return verdict;
      if (verdict === 'next chain') return undefined;
    }
    return undefined;
  }

  /** `next chain` if it was translated. */
  #run(name: string, { rules }: Chain, outgoing: LinkName | undefined): Verdict {
    for (const rule of rules) {
      for (const statement of rule) {
        const verdict = this.#do(statement, name, outgoing);
        if (verdict === 'next rule') break;
        if (verdict !== undefined) return verdict;
      }
    }
    return undefined;
  }

  #do(statement: Statement, chain: string, outgoing: LinkName | undefined): Verdict {
    switch (statement.kind) {
      case 'interface': {
        const link = statement.direction === 'in' ? this.#incoming : outgoing;
        return link === statement.name ? undefined : 'next rule';
      }
      case 'source-in-set':
        return this.#sets.get(statement.set)?.elements.has(this.#source) === true ? undefined : 'next rule';
      case 'destination-in-set':
        return this.#sets.get(statement.set)?.elements.has(this.#destination) === true ? undefined : 'next rule';
      case 'set-mark-bits':
        this.#mark = (this.#mark | statement.bits) >>> 0;
        this.#steps.push({ kind: 'mark', chain, mark: this.#mark });
        return undefined;
      case 'destination-nat':
        return this.#change('destination', this.#mapped(statement.map, this.#destination), chain);
      case 'source-nat':
        return this.#change('source', this.#mapped(statement.map, this.#source), chain);
      case 'notrack':
        this.#isTracked = false;
        this.#steps.push({ kind: 'notrack', chain });
        return undefined;
      case 'unknown':
        return { kind: 'foreign statement', chain, text: statement.text };
    }
  }

  #change(what: 'source' | 'destination', after: Ipv4Address | undefined, by: string | Connection): Verdict {
    if (after === undefined) return 'next rule';
    const before = what === 'source' ? this.#source : this.#destination;
    if (what === 'source') this.#source = after;
    else this.#destination = after;
    if (before !== after) this.#steps.push({ kind: 'translation', by, what, before, after });
    return 'next chain';
  }

  #mapped(name: string, address: Ipv4Address): Ipv4Address | undefined {
    const set = this.#sets.get(name);
    return set?.kind === 'map' ? set.elements.get(address) : undefined;
  }
}

function opposite({ source, destination }: Addresses): Addresses {
  return { source: destination, destination: source };
}
