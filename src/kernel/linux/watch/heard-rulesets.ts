// What others change in rulesets. The kernel tells of a transaction object by object, and at its end that the ruleset
// is another. Of one that only took a few elements away, that is all there is to know.

import type { Gone } from '../../../host/gone.ts';
import { MOST_GONE } from '../../../host/gone.ts';
import type { NamespaceName } from '../../../model/names.ts';
import type { ReceivedMessage } from '../../../netlink/attributes.ts';
import { isGenerationEvent, readGoneElements } from '../../../netlink/nftables/index.ts';

export class HeardRulesets {
  /** What was heard of transactions that have not ended; 'changed': more than that something is gone. */
  readonly #open = new Map<NamespaceName, Gone[] | 'changed'>();

  /** Answers at the end of a transaction what is gone; 'changed': more than that, or something else, has changed. Throws MalformedReply. */
  hear(namespace: NamespaceName, message: ReceivedMessage): readonly Gone[] | 'changed' | undefined {
    const heard = this.#open.get(namespace);
    if (isGenerationEvent(message)) {
      this.#open.delete(namespace);
      return heard ?? 'changed';
    }
    if (heard === 'changed') return undefined;
    const elements = readGoneElements(message);
    if (elements === undefined || elements.keys.length + (heard?.length ?? 0) > MOST_GONE) {
      this.#open.set(namespace, 'changed');
      return undefined;
    }
    const { set, keys } = elements;
    this.#open.set(namespace, [
      ...(heard ?? []),
      ...keys.map((key): Gone => ({ kind: 'element', namespace, set, key })),
    ]);
    return undefined;
  }

  forget(namespace: NamespaceName): void {
    this.#open.delete(namespace);
  }

  clear(): void {
    this.#open.clear();
  }
}
