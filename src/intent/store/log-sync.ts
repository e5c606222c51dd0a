// When changes are on disk. A commit puts them into the log; one fsync for all that wait, off this thread, makes them last.

/** How the log is brought to disk: all that was written to it before the call is there when it resolves. */
export type Sync = () => Promise<void>;

export class LogSync {
  readonly #sync: Sync;
  /** Changes that were committed, and how many of them are on disk. */
  #written = 0;
  #saved = 0;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: Sync) {
    this.#sync = sync;
  }

  /** Takes note of a change that was committed. */
  note(): void {
    this.#written += 1;
  }

  /**
   * Resolves when all changes up to now are on disk. Those who ask while a sync runs, which may have begun before their change,
   * share the next one. After one that failed nobody knows what is on disk, and the kernel does not say it twice
   * (https://wiki.postgresql.org/wiki/Fsync_Errors): from then on it always rejects with the same error.
   */
  saved(): Promise<void> {
    if (this.#saved === this.#written) return Promise.resolve();
    if (this.#running === undefined) return this.#start();
    return (this.#next ??= this.#running.then(() => this.#start()));
  }

  #start(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#run(this.#written);
    return this.#running;
  }

  async #run(written: number): Promise<void> {
    await this.#sync();
    this.#saved = written;
    this.#running = undefined;
  }
}
