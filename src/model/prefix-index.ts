// Finds the prefixes that contain an address, among any number of them, in one look-up for each
// prefix length that occurs.

import { addressBits, networkOf } from './address.ts';
import type { IpAddress, Prefix } from './address.ts';

export class PrefixIndex<T> {
  // IPv4 and IPv6 share the inner Map: one's keys are numbers, the other's bigints.
  readonly #byLength = new Map<number, Map<IpAddress, T[]>>();

  add(prefix: Prefix, value: T): void {
    let values = this.#byLength.get(prefix.length);
    if (values === undefined) this.#byLength.set(prefix.length, (values = new Map<IpAddress, T[]>()));
    const sameAddress = values.get(prefix.address);
    if (sameAddress === undefined) values.set(prefix.address, [value]);
    else sameAddress.push(value);
  }

  /** The values of all prefixes that contain the address, in no particular order. */
  *containing(address: IpAddress): Generator<T, void> {
    for (const [length, values] of this.#byLength) {
      if (length <= addressBits(address)) yield* values.get(networkOf(address, length)) ?? [];
    }
  }

  /** The value of one of the prefixes that contain the address. */
  find(address: IpAddress): T | undefined {
    for (const value of this.containing(address)) return value;
    return undefined;
  }
}
