// Watches the directory in which namespaces have their names.

import type { FSWatcher } from 'node:fs';
import { statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { NamespaceName } from '../../../model/names.ts';
import { parseNamespaceName } from '../../../model/names.ts';
import { hasOurPrefix, isNamespace, prepareDirectory } from '../namespace-name.ts';

export interface NameListener {
  /** A name that may be of ours came or went, or something was mounted over it or taken off it. */
  readonly changed: (name: NamespaceName) => void;
  /** Nobody knows what has happened. */
  readonly lost: () => void;
}

export class NameWatch implements Disposable {
  readonly #path: string;
  readonly #listener: NameListener;
  #watcher: FSWatcher;

  /** There has to be the directory. */
  constructor(path: string, listener: NameListener) {
    this.#path = path;
    this.#listener = listener;
    this.#watcher = this.#watch();
  }

  /** Of what has the name; undefined if nothing has it. */
  inode(name: NamespaceName): number | undefined {
    return statSync(join(this.#path, name), { throwIfNoEntry: false })?.ino;
  }

  /** Whether there is the name, and no namespace. */
  isBare(name: NamespaceName): boolean {
    try {
      return !isNamespace(join(this.#path, name));
    } catch {
      return false;
    }
  }

  #watch(): FSWatcher {
    return watch(this.#path, (_event, text) => this.#hear(text)).on('error', () => this.#renew());
  }

  #hear(text: string | null): void {
    if (text === null) return this.#listener.lost();
    const name = parseNamespaceName(text);
    if (name !== undefined && hasOurPrefix(name)) this.#listener.changed(name);
    return undefined;
  }

  /** A watcher that has failed tells nothing any more. */
  #renew(): void {
    this.#watcher.close();
    prepareDirectory(this.#path);
    this.#watcher = this.#watch();
    this.#listener.lost();
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}
