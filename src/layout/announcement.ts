import type { Ipv4Address } from '../model/address.ts';
import type { Announced, NextHop } from '../host/state.ts';

/**
 * What a gateway port announces: its own addresses, and those that lead on to a router. A view of
 * the host routes, as ten thousand floating IPs are copied often enough.
 */
export class Announcement implements Announced {
  readonly #own: readonly Ipv4Address[];
  readonly #hosts: ReadonlyMap<Ipv4Address, NextHop>;

  constructor(own: readonly Ipv4Address[], hosts: ReadonlyMap<Ipv4Address, NextHop>) {
    this.#own = own;
    this.#hosts = hosts;
  }

  has(address: Ipv4Address): boolean {
    return this.#own.includes(address) || this.#hosts.get(address)?.gateway !== undefined;
  }

  *[Symbol.iterator](): Iterator<Ipv4Address> {
    yield* this.#own;
    for (const [address, hop] of this.#hosts) if (hop.gateway !== undefined) yield address;
  }
}
