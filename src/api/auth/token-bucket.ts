/** More clients than this are not told apart for long: the one that was seen longest ago is forgotten. */
const MOST_CLIENTS = 10_000;
const SECOND = 1000;

interface Bucket {
  left: number;
  at: number;
}

/** A rate for each client: so many a second, lasting, and ten seconds' worth at once. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #now: () => number;
  /** The client that was seen longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Takes one; answers how many whole seconds to wait for one if there is none, else 0. */
  take(client: string): number {
    const bucket = this.#refilled(client);
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    this.#forgetTheOldest();
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / this.#perSecond);
    bucket.left -= 1;
    return 0;
  }

  #refilled(client: string): Bucket {
    const now = this.#now();
    const most = this.#perSecond * 10;
    const before = this.#buckets.get(client);
    if (before === undefined) return { left: most, at: now };
    return { left: Math.min(most, before.left + ((now - before.at) / SECOND) * this.#perSecond), at: now };
  }

  #forgetTheOldest(): void {
    if (this.#buckets.size <= MOST_CLIENTS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
