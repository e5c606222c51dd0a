/** Calls back for every entry, in the order and with the arguments of `Map.prototype.forEach`. */
export type Walk<K, V> = (visit: (value: V, key: K) => void) => void;

/**
 * A Map that follows from what others hold, and copies it only when it is asked for what they cannot tell.
 * Comparing states is a walk over the wanted one, so that of ten thousand floating IPs, each in
 * several maps, none need be copied to find the one that was added.
 */
export class DerivedMap<K, V> implements ReadonlyMap<K, V> {
  readonly #size: () => number;
  readonly #walk: Walk<K, V>;
  readonly #find: ((key: K) => V | undefined) | undefined;
  #copy: Map<K, V> | undefined;

  /**
   * What `walk` visits has to be `size` different keys, and the same ones every time. `find` tells
   * the value of a single key, where that is cheaper than a copy of all of them.
   */
  constructor(size: () => number, walk: Walk<K, V>, find?: (key: K) => V | undefined) {
    this.#size = size;
    this.#walk = walk;
    this.#find = find;
  }

  get size(): number {
    return this.#size();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    this.#walk((value, key) => visit(value, key, this));
  }

  get(key: K): V | undefined {
    return this.#find === undefined || this.#copy !== undefined ? this.#entries.get(key) : this.#find(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  keys(): MapIterator<K> {
    return this.#entries.keys();
  }

  values(): MapIterator<V> {
    return this.#entries.values();
  }

  entries(): MapIterator<[K, V]> {
    return this.#entries.entries();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  get #entries(): Map<K, V> {
    if (this.#copy === undefined) {
      const copy = new Map<K, V>();
      this.#walk((value, key) => copy.set(key, value));
      this.#copy = copy;
    }
    return this.#copy;
  }
}
