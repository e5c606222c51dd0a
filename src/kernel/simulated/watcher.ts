// Who watches a simulated host: told of what others change, in a microtask, all at once.

import type { Disturbed } from '../disturbance.ts';
import { together } from '../disturbance.ts';

export class Watcher {
  /** Whose things it watches. */
  readonly mark: string;
  readonly #tell: (disturbed: Disturbed) => void;
  #disturbed: Disturbed | undefined;
  #isStopped = false;

  constructor(mark: string, tell: (disturbed: Disturbed) => void) {
    this.mark = mark;
    this.#tell = tell;
  }

  disturb(disturbed: Disturbed): void {
    if (disturbed.namespaces.size + disturbed.gone.length === 0) return;
    const isWaiting = this.#disturbed !== undefined;
    this.#disturbed = this.#disturbed === undefined ? disturbed : together(this.#disturbed, disturbed);
    if (isWaiting) return;
    queueMicrotask(() => {
      const told = this.#disturbed;
      this.#disturbed = undefined;
      if (!this.#isStopped && told !== undefined) this.#tell(told);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }
}
