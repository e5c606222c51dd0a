// When a subject is tried again: after a failure, and after others have changed what is ours.

import type { NamespaceName } from '../model/names.ts';

/** What the first retry waits, and what every one after it at most; milliseconds. */
const FIRST_MS = 100;
const LONGEST_MS = 60_000;
/** So many repairs in so long are put up with; more of them are a fight. */
const REPAIRS = 10;
const REPAIRS_WITHIN_MS = 10_000;

interface Trouble {
  readonly times: number;
  /** Not before. */
  readonly due: number;
}

export class Retries {
  readonly #random: () => number;
  readonly #failed = new Map<NamespaceName, Trouble>();
  /** When what was repaired had been disturbed, last ones last; of all within the time that counts, and of nobody else. */
  readonly #repairs = new Map<NamespaceName, number[]>();

  /** `random` answers numbers from 0 to less than 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Notes a failure; each in a row makes the wait twice as long, by chance a quarter more or less. Answers the wait. */
  fail(subject: NamespaceName, now: number): number {
    const times = (this.#failed.get(subject)?.times ?? 0) + 1;
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1)) * (0.75 + this.#random() / 2);
    this.#failed.set(subject, { times, due: now + wait });
    return wait;
  }

  /** Notes that it went well, or that there is something new to try. */
  forget(subject: NamespaceName): void {
    this.#failed.delete(subject);
  }

  /**
   * Notes that others have changed what is a subject's. Answers whether that is a fight: it happens so often that the
   * repair waits, as after a failure.
   */
  disturb(subject: NamespaceName, now: number): boolean {
    const recent = (this.#repairs.get(subject) ?? []).filter((at) => at > now - REPAIRS_WITHIN_MS);
    // Whoever was disturbed last stands last.
    this.#repairs.delete(subject);
    this.#repairs.set(subject, [...recent, now].slice(-REPAIRS));
    this.#forgetRepairs(now - REPAIRS_WITHIN_MS);
    if (recent.length < REPAIRS) return false;
    this.fail(subject, now);
    return true;
  }

  /** Of subjects that were not disturbed since: they may be gone. */
  #forgetRepairs(since: number): void {
    for (const [subject, times] of this.#repairs) {
      if ((times.at(-1) ?? 0) > since) return;
      this.#repairs.delete(subject);
    }
  }

  /** How many subjects it knows something of. */
  get size(): number {
    return new Set([...this.#failed.keys(), ...this.#repairs.keys()]).size;
  }

  isDue(subject: NamespaceName, now: number): boolean {
    return (this.#failed.get(subject)?.due ?? 0) <= now;
  }

  /** When the next of these is due; undefined when nobody waits. */
  nextDue(subjects: Iterable<NamespaceName>): number | undefined {
    let next: number | undefined;
    for (const subject of subjects) {
      const due = this.#failed.get(subject)?.due;
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }
}
