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

export class WantedHost {
  readonly #options: LayoutOptions;
  readonly #pairs = new Map<string, Ipv4Address>();
  /** The values of `#pairs`. */
  readonly #given = new Set<Ipv4Address>();
  readonly #compiled = new Map<NamespaceName, Compiled>();
  readonly #errors = new Map<NamespaceName, BuoyError>();

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
    const wanted = new Set<NamespaceName>();
    const before = new Map(this.#errors);
    const taken = new Set(live.values());
    this.#errors.clear();
    for (const [id, pair] of this.#pairs) {
      if (model.routers.get(id)?.externalNetworkId !== undefined) continue;
      this.#pairs.delete(id);
      this.#given.delete(pair);
    }
    for (const router of model.routers.values()) {
      const external =
        router.externalNetworkId === undefined ? undefined : model.networks.get(router.externalNetworkId);
      if (external !== undefined && !wanted.has(fipNamespace(external.id))) {
        const subject = fipNamespace(external.id);
        wanted.add(subject);
        const compile = (): Slice => compileNetwork(external, this.#options).namespaces;
        this.#orNote(subject, () => this.#compile(subject, [external], compile, changed));
      }
      const subject = routerNamespace(router.id);
      wanted.add(subject);
      this.#orNote(subject, () => {
        const pair = external === undefined ? undefined : this.#pairOf(router.id, live, taken);
        const networks = router.interfaces.map(({ networkId }) => model.networks.get(networkId));
        const compile = (): Slice => compileRouter(router, model, pair, this.#options).namespaces;
        this.#compile(subject, [router, pair, external, ...networks], compile, changed);
      });
    }
    for (const [subject, { message }] of this.#errors)
      if (before.get(subject)?.message !== message) changed.add(subject);
    for (const subject of this.#compiled.keys()) {
      if (wanted.has(subject)) continue;
      this.#compiled.delete(subject);
      changed.add(subject);
    }
    return changed;
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

  /** The pair that the router has been given, else the one that it holds, else a free one. `taken`: all that are held. */
  #pairOf(routerId: string, live: ReadonlyMap<string, Ipv4Address>, taken: ReadonlySet<Ipv4Address>): Ipv4Address {
    const before = this.#pairs.get(routerId);
    if (before !== undefined) return before;
    const held = live.get(routerId);
    const isHeld = held !== undefined && !this.#given.has(held);
    const pair = isHeld ? held : firstFree(routerId, { has: (one) => this.#given.has(one) || taken.has(one) });
    this.#pairs.set(routerId, pair);
    this.#given.add(pair);
    return pair;
  }
}

/** A layout always speaks of the host's own namespace; a slice only if the subject has something in it. */
function withoutEmptyHost(slice: Slice): Slice {
  const host = slice.get(HOST);
  if (host === undefined || host.links.size > 0) return slice;
  return new Map([...slice].filter(([name]) => name !== HOST));
}
