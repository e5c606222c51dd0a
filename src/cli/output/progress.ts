// Counts on standard error while something takes longer than a moment.

import { count } from './terminal.ts';

const SHOWN_AFTER_MS = 1000;
const SHOWN_EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** One line that tells how far something is. On what is no terminal nothing is shown. */
export class ProgressLine implements Disposable {
  readonly #label: string;
  readonly #noun: string;
  readonly #screen: Screen;
  readonly #now: () => number;
  #showFrom: number;
  #shown = false;

  /** `label`: what is going on, "applying"; `noun`: what is counted. `now`: milliseconds from any moment on. */
  constructor(
    label: string,
    noun: string,
    screen: Screen = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#label = label;
    this.#noun = noun;
    this.#screen = screen;
    this.#now = now;
    this.#showFrom = now() + SHOWN_AFTER_MS;
  }

  update(tried: number, total: number): void {
    if (this.#screen.isTTY !== true || this.#now() < this.#showFrom) return;
    this.#showFrom = this.#now() + SHOWN_EVERY_MS;
    this.#shown = true;
    this.#screen.write(`${CLEAR_LINE}${this.#label}: ${count(tried)} of ${count(total)} ${this.#noun}`);
  }

  [Symbol.dispose](): void {
    if (this.#shown) this.#screen.write(CLEAR_LINE);
  }
}
