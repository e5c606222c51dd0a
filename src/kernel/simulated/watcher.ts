// Who watches a simulated host: told of what others change, in a microtask, all at once.

import type { HostState, NamespaceState } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';

export class Watcher {
  /** Whose things it watches. */
  readonly mark: string;
  readonly #tell: (disturbed: ReadonlySet<NamespaceName>) => void;
  #disturbed = new Set<NamespaceName>();
  #isStopped = false;

  constructor(mark: string, tell: (disturbed: ReadonlySet<NamespaceName>) => void) {
    this.mark = mark;
    this.#tell = tell;
  }

  disturb(names: Iterable<NamespaceName>): void {
    const isWaiting = this.#disturbed.size > 0;
    for (const name of names) this.#disturbed.add(name);
    if (isWaiting || this.#disturbed.size === 0) return;
    queueMicrotask(() => {
      const disturbed = this.#disturbed;
      this.#disturbed = new Set();
      if (!this.#isStopped) this.#tell(disturbed);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** The namespaces that are ours in one of the states, and not the same in both. */
export function differences({ namespaces: before }: HostState, { namespaces: after }: HostState): Set<NamespaceName> {
  const names = new Set([...before.keys(), ...after.keys()]);
  return new Set([...names].filter((name) => !isSame(name, before.get(name), after.get(name))));
}

/** A simulated namespace tells the same object of itself until it is touched; what HOST tells is put together each time. */
function isSame(name: NamespaceName, one: NamespaceState | undefined, other: NamespaceState | undefined): boolean {
  if (one === other) return true;
  return name === HOST && one !== undefined && other !== undefined && textOfHost(one) === textOfHost(other);
}

function textOfHost({ links, sysctls }: NamespaceState): string {
  return JSON.stringify([[...links.values()], [...sysctls]]);
}
