// Connections that are translated. Everybody uses every floating IP at any time: while a fixed IP is
// translated, there are connections that are. They outlive their translation, until they are ended.

import type { Operation } from '../src/host/plan.ts';
import type { HostState, NamespaceState } from '../src/host/state.ts';
import { FIXED } from '../src/host/translation.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import { formatIpv4 } from '../src/model/address.ts';
import type { NamespaceName } from '../src/model/names.ts';

type Translations = ReadonlyMap<Ipv4Address, Ipv4Address>;

const NONE: Translations = new Map();

export class Connections {
  /** For each namespace, as which floating IPs the connections of a fixed IP go. */
  readonly #alive = new Map<NamespaceName, Map<Ipv4Address, Set<Ipv4Address>>>();
  /** What they were opened by. */
  #opened = new Map<NamespaceName, Translations>();

  /** Opens connections wherever they can be. */
  open({ namespaces }: HostState): void {
    const opened = new Map<NamespaceName, Translations>();
    for (const [name, namespace] of namespaces) {
      const translations = translationsOf(namespace);
      opened.set(name, translations);
      if (this.#opened.get(name) !== translations) this.#openAll(name, translations);
    }
    for (const name of this.#alive.keys()) if (!namespaces.has(name)) this.#alive.delete(name);
    this.#opened = opened;
  }

  /** Ends those that an operation has ended. While they are translated still, others are opened at once. */
  end(operation: Operation, read: () => HostState): void {
    const { namespace } = operation;
    if (operation.kind === 'namespace.delete') this.#alive.delete(namespace);
    if (operation.kind !== 'connections.flush') return;
    const alive = this.#alive.get(namespace);
    const named = new Map(operation.fixed.map(({ fixed, floating }) => [fixed, floating]));
    for (const [fixed, floatings] of alive ?? []) {
      if (!named.has(fixed) && !operation.others) continue;
      const stays = named.get(fixed);
      if (stays !== undefined && floatings.has(stays)) alive?.set(fixed, new Set([stays]));
      else alive?.delete(fixed);
    }
    const found = read().namespaces.get(namespace);
    if (found !== undefined) this.#openAll(namespace, translationsOf(found));
  }

  /** Nothing is known of them any more. */
  forget(): void {
    this.#alive.clear();
    this.#opened.clear();
  }

  /** A connection that is translated as it should not be any more; undefined if there is none. */
  stale({ namespaces }: HostState): string | undefined {
    for (const [name, alive] of this.#alive) {
      const found = namespaces.get(name);
      const translations = found === undefined ? NONE : translationsOf(found);
      for (const [fixed, floatings] of found === undefined ? [] : alive) {
        const old = [...floatings].find((floating) => translations.get(fixed) !== floating);
        if (old !== undefined) return `of ${formatIpv4(fixed)} as ${formatIpv4(old)} in ${name}`;
      }
    }
    return undefined;
  }

  #openAll(name: NamespaceName, translations: Translations): void {
    let alive = this.#alive.get(name);
    if (alive === undefined) this.#alive.set(name, (alive = new Map<Ipv4Address, Set<Ipv4Address>>()));
    for (const [fixed, floating] of translations) {
      const floatings = alive.get(fixed);
      if (floatings === undefined) alive.set(fixed, new Set([floating]));
      else floatings.add(floating);
    }
  }
}

function translationsOf({ ruleset }: NamespaceState): Translations {
  const set = ruleset?.sets.get(FIXED);
  return set?.kind === 'map' ? set.elements : NONE;
}
