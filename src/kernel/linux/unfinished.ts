// A note that a run has begun, which goes when it has ended well: the kernel tells the next run what was
// done but for announcements and ends of connections, of which it keeps no trace.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export class UnfinishedNote {
  readonly #path: string;

  /** `directory`: where namespaces have their names; the note is beside it, and like them does not outlive the system. */
  constructor(directory: string, instance: string) {
    this.#path = join(dirname(directory), `buoy-${instance}.unfinished`);
  }

  /** Whether there was a run that did not end well. */
  get isThere(): boolean {
    return existsSync(this.#path);
  }

  /** Leaves the note. Throws what the file system says. */
  leave(): void {
    writeFileSync(this.#path, 'A run has begun and not ended. The next one announces all addresses.\n', {
      mode: 0o644,
    });
  }

  /** Takes it away. Throws what the file system says. */
  take(): void {
    rmSync(this.#path, { force: true });
  }
}
