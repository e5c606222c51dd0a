// Writes a whole ruleset in one transaction, as the kernel room does in several operations.

import type { Ruleset } from '../../../src/host/ruleset.ts';
import { MessageBatch } from '../../../src/netlink/message.ts';
import {
  addSet,
  addTable,
  beginTransaction,
  defineChain,
  endTransaction,
  setElements,
} from '../../../src/netlink/nftables/index.ts';

/** A transaction with these messages in it. */
export function transaction(write: (batch: MessageBatch) => void): MessageBatch {
  const batch = new MessageBatch(1, 1 << 16);
  beginTransaction(batch);
  write(batch);
  endTransaction(batch);
  return batch;
}

export function writeRuleset(batch: MessageBatch, comment: string, { chains, sets }: Ruleset): void {
  addTable(batch, comment);
  for (const [name, set] of sets) {
    addSet(batch, name, set.kind);
    const elements =
      set.kind === 'map'
        ? [...set.elements].map(([key, value]) => ({ key, value }))
        : [...set.elements].map((key) => ({ key, value: undefined }));
    setElements(batch, name, elements);
  }
  for (const [name, chain] of chains) defineChain(batch, name, chain);
}
