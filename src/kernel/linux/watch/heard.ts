// What was heard and not told yet. Of a link that goes the kernel tells piece by piece: that it goes down, its addresses,
// its routes, its neighbours. Once it is gone, that is all there is to tell.

import type { Gone } from '../../../host/gone.ts';
import type { LinkName, NamespaceName } from '../../../model/names.ts';
import type { Disturbed } from '../../disturbance.ts';

export class Heard {
  readonly #namespaces = new Set<NamespaceName>();
  /** Indexes of links that something was changed on. */
  readonly #links = new Map<NamespaceName, Set<number>>();
  readonly #gone = new Map<NamespaceName, Gone[]>();

  get isEmpty(): boolean {
    return this.#namespaces.size + this.#links.size + this.#gone.size === 0;
  }

  /** Something was changed in a namespace. */
  add(name: NamespaceName): void {
    this.#namespaces.add(name);
  }

  /** Something was changed of a link, or on it. */
  addOn(name: NamespaceName, index: number): void {
    this.#links.set(name, (this.#links.get(name) ?? new Set()).add(index));
  }

  /** Something is gone, and nothing but that was changed. */
  addGone(gone: Gone): void {
    const before = this.#gone.get(gone.namespace);
    if (before === undefined) this.#gone.set(gone.namespace, [gone]);
    else before.push(gone);
  }

  /** A link is gone, and what was heard of it with it. */
  addLinkGone(namespace: NamespaceName, { name, index }: { readonly name: LinkName; readonly index: number }): void {
    const links = this.#links.get(namespace);
    links?.delete(index);
    if (links?.size === 0) this.#links.delete(namespace);
    this.addGone({ kind: 'link', namespace, link: name });
  }

  hasGone(namespace: NamespaceName, link: LinkName): boolean {
    return this.#gone.get(namespace)?.some((gone) => gone.kind === 'link' && gone.link === link) === true;
  }

  /** All of it; from then on there is nothing. */
  take(): Disturbed {
    const namespaces = new Set([...this.#namespaces, ...this.#links.keys()]);
    const gone = [...this.#gone].flatMap(([name, ones]) => (namespaces.has(name) ? [] : ones));
    for (const part of [this.#namespaces, this.#links, this.#gone]) part.clear();
    return { namespaces, gone };
  }
}
