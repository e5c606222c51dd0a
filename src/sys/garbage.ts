// Garbage, of V8 and of the C library, that a process which has nothing to do would hold on to.

import { call } from './libc.ts';

declare global {
  /** Of `bin/garbage.js`; not there where a program was started otherwise. */
  var collectGarbage: (() => void) | undefined;
}

/** How long there has been nothing to do by then. */
const QUIET_MS = 3000;
/** Pieces of work, routers or operations, that leave enough garbage for it to be worth the while. */
const ENOUGH = 500;

/**
 * Has the garbage of much work collected once the work is done. V8 does so when it needs room: a process that has nothing to
 * do would keep it for months, some 100 MB at a thousand routers. It takes 0.1 to 0.2 s there, in which nobody waits.
 */
export class GarbageAfterWork implements Disposable {
  readonly #collect: () => void;
  #work = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(collect = collectGarbage) {
    this.#collect = collect;
  }

  /** Some work was done; with no number, enough of it. */
  worked(pieces = ENOUGH): void {
    this.#work += pieces;
    if (this.#work < ENOUGH) return;
    if (this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#work = 0;
      this.#collect();
    }, QUIET_MS).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function collectGarbage(): void {
  globalThis.collectGarbage?.();
  // The C library, too, keeps what was given back to it.
  call('malloc_trim', 0);
}
