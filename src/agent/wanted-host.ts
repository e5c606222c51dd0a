// What a host is to have, slice by slice. A slice is compiled anew only when something that it is made of is
// another object than before: the source of the model keeps what has not changed.

import { BuoyError } from '../errors.ts';
import type { Slice } from '../host/slices.ts';
import type { LayoutOptions } from '../layout/index.ts';
import { compileNetwork, compileRouter, firstFree } from '../layout/index.ts';
import type { Ipv4Address } from '../model/address.ts';
import type { Model, Network, Router } from '../model/model.ts';
import type { NamespaceName } from '../model/names.ts';
import { fipNamespace, HOST, routerNamespace } from '../model/names.ts';

interface Compiled {
  /** What it was made of: routers and networks of a model. */
  readonly from: readonly (Router | Network | Ipv4Address | undefined)[];
  readonly slice: Slice;
}

const NOTHING: Model = { networks: new Map(), routers: new Map() };

/** Link-local pairs that routers hold. */
class HeldPairs {
  readonly live: ReadonlyMap<string, Ipv4Address>;
  #taken: ReadonlySet<Ipv4Address> | undefined;

  constructor(live: ReadonlyMap<string, Ipv4Address>) {
    this.live = live;
  }

  /** All of them: only a new router needs to know. */
  get taken(): ReadonlySet<Ipv4Address> {
    this.#taken ??= new Set(this.live.values());
    return this.#taken;
  }
}

export class WantedHost {
  readonly #options: LayoutOptions;
  readonly #pairs = new Map<string, Ipv4Address>();
  /** The values of `#pairs`. */
  readonly #given = new Set<Ipv4Address>();
  readonly #compiled = new Map<NamespaceName, Compiled>();
  readonly #errors = new Map<NamespaceName, BuoyError>();
  /** What was wanted last. */
  #model: Model = NOTHING;

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  /** Undefined when the subject is to have nothing. */
  slice(subject: NamespaceName): Slice | undefined {
    return this.#compiled.get(subject)?.slice;
  }

  /** All that are wanted, and those among them that cannot be had. */
  subjects(): Iterable<NamespaceName> {
    return new Set([...this.#compiled.keys(), ...this.#errors.keys()]);
  }

  /** Why a subject cannot be had: it keeps what it has. */
  error(subject: NamespaceName): BuoyError | undefined {
    return this.#errors.get(subject);
  }

  /** `live` are the link-local pairs that routers hold. Answers the subjects that are to have something else than before, or cannot have it. */
  want(model: Model, live: ReadonlyMap<string, Ipv4Address>): Set<NamespaceName> {
    const changed = new Set<NamespaceName>();
    const before = new Map(this.#errors);
    const held = new HeldPairs(live);
    const former = this.#model;
    this.#model = model;
    // Of thousands of routers, one is another than before: the rest is not even looked at.
    const known = before.size === 0 && sameObjects(former.networks, model.networks) ? former : NOTHING;
    const hasLess = known === NOTHING || hasLeft(former, model);
    this.#errors.clear();
    if (hasLess) this.#takeBackPairs(model);
    for (const [id, router] of model.routers)
      if (known.routers.get(id) !== router) this.#layOut(router, model, held, changed);
    for (const [subject, { message }] of this.#errors)
      if (before.get(subject)?.message !== message) changed.add(subject);
    if (hasLess) this.#dropUnwanted(model, changed);
    return changed;
  }

  /** Of routers that have no external network any more. */
  #takeBackPairs({ routers }: Model): void {
    for (const [id, pair] of this.#pairs) {
      if (routers.get(id)?.externalNetworkId !== undefined) continue;
      this.#pairs.delete(id);
      this.#given.delete(pair);
    }
  }

  #dropUnwanted({ networks, routers }: Model, changed: Set<NamespaceName>): void {
    const wanted = new Set<NamespaceName>();
    for (const { id, externalNetworkId } of routers.values()) {
      wanted.add(routerNamespace(id));
      if (externalNetworkId !== undefined && networks.has(externalNetworkId))
        wanted.add(fipNamespace(externalNetworkId));
    }
    for (const subject of this.#compiled.keys()) {
      if (wanted.has(subject)) continue;
      this.#compiled.delete(subject);
      changed.add(subject);
    }
  }

  /** Lays out the router and what it shares. */
  #layOut(router: Router, model: Model, held: HeldPairs, changed: Set<NamespaceName>): void {
    const external = router.externalNetworkId === undefined ? undefined : model.networks.get(router.externalNetworkId);
    if (external !== undefined) {
      const subject = fipNamespace(external.id);
      const compile = (): Slice => compileNetwork(external, this.#options).namespaces;
      this.#orNote(subject, () => this.#compile(subject, [external], compile, changed));
    }
    const subject = routerNamespace(router.id);
    this.#orNote(subject, () => {
      const pair = external === undefined ? undefined : this.#pairOf(router.id, held);
      const networks = router.interfaces.map(({ networkId }) => model.networks.get(networkId));
      const compile = (): Slice => compileRouter(router, model, pair, this.#options).namespaces;
      this.#compile(subject, [router, pair, external, ...networks], compile, changed);
    });
  }

  /** What cannot be laid out is a subject's own trouble, and nobody else's. */
  #orNote(subject: NamespaceName, work: () => void): void {
    try {
      work();
    } catch (error) {
      const message = `${subject} cannot be laid out: ${error instanceof Error ? error.message : String(error)}`;
      const known = error instanceof BuoyError ? error : new BuoyError('BUOY_INTERNAL', message, { cause: error });
      this.#errors.set(subject, known);
    }
  }

  #compile(subject: NamespaceName, from: Compiled['from'], compile: () => Slice, changed: Set<NamespaceName>): void {
    const before = this.#compiled.get(subject)?.from;
    if (before !== undefined && before.length === from.length && before.every((part, at) => part === from[at])) return;
    this.#compiled.set(subject, { from, slice: withoutEmptyHost(compile()) });
    changed.add(subject);
  }

  /** The pair that the router has been given, else the one that it holds, else one that is free. */
  #pairOf(routerId: string, pairs: HeldPairs): Ipv4Address {
    const before = this.#pairs.get(routerId);
    if (before !== undefined) return before;
    const held = pairs.live.get(routerId);
    const isHeld = held !== undefined && !this.#given.has(held);
    const pair = isHeld ? held : firstFree(routerId, { has: (one) => this.#given.has(one) || pairs.taken.has(one) });
    this.#pairs.set(routerId, pair);
    this.#given.add(pair);
    return pair;
  }
}

/** Whether a router is gone, or on another external network than before. */
function hasLeft(former: Model, { routers }: Model): boolean {
  return former.routers
    .entries()
    .some(([id, router]) => routers.get(id)?.externalNetworkId !== router.externalNetworkId || !routers.has(id));
}

function sameObjects<K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>): boolean {
  return one === other || (one.size === other.size && one.entries().every(([key, value]) => other.get(key) === value));
}

/** A layout always speaks of the host's own namespace; a slice only if the subject has something in it. */
function withoutEmptyHost(slice: Slice): Slice {
  const host = slice.get(HOST);
  if (host === undefined || host.links.size > 0) return slice;
  return new Map([...slice].filter(([name]) => name !== HOST));
}
