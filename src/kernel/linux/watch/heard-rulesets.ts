// What others change in rulesets. The kernel tells of a transaction object by object, and at its end that the ruleset
// is another. Of one that only took elements away, that is all there is to know.

import type { Gone } from '../../../host/gone.ts';
import type { NamespaceName } from '../../../model/names.ts';
import type { ReceivedMessage } from '../../../netlink/attributes.ts';
import { isGenerationEvent, readGoneElements } from '../../../netlink/nftables/index.ts';

export class HeardRulesets {
  /** What was heard of transactions that have not ended; undefined: more than that something is gone. */
  readonly #open = new Map<NamespaceName, Gone[] | undefined>();

  /** Answers at the end of a transaction what is gone; 'changed': more than that, or something else, has changed. Throws MalformedReply. */
  hear(namespace: NamespaceName, message: ReceivedMessage): readonly Gone[] | 'changed' | undefined {
    if (isGenerationEvent(message)) {
      const gone = this.#open.get(namespace);
      this.#open.delete(namespace);
      return gone ?? 'changed';
    }
    const gone = this.#open.has(namespace) ? this.#open.get(namespace) : [];
    const elements = gone && readGoneElements(message);
    this.#open.set(
      namespace,
      elements && gone.concat(elements.keys.map((key) => ({ kind: 'element', namespace, set: elements.set, key }))),
    );
    return undefined;
  }

  forget(namespace: NamespaceName): void {
    this.#open.delete(namespace);
  }

  clear(): void {
    this.#open.clear();
  }
}
