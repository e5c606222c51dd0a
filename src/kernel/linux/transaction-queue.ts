// Collects consecutive nftables operations of one namespace into transactions. A transaction is
// atomic: if one of its operations is refused, none of them is done.

import type { Failure } from '../kernel.ts';
import type { RulesetOperation } from '../operation-kinds.ts';
import { MessageBatch } from '../../netlink/message.ts';
import {
  addSet,
  addTable,
  beginTransaction,
  defineChain,
  deleteElements,
  deleteTable,
  endTransaction,
  OWN_TABLE,
  setElements,
} from '../../netlink/nftables/index.ts';
import { errnoName } from '../../sys/system-error.ts';
import { failureOf } from './failure.ts';
import type { Session } from './session.ts';

/** Larger transactions hold up forwarding while they are committed. */
const ELEMENTS_AT_ONCE = 1500;

export class TransactionQueue {
  readonly #mark: string;
  readonly #report: (failure: Failure) => void;
  readonly #batch = new MessageBatch(1, 1 << 16);
  #session: Session | undefined;
  #operations: RulesetOperation[] = [];
  #elements = 0;

  constructor(mark: string, report: (failure: Failure) => void) {
    this.#mark = mark;
    this.#report = report;
  }

  add(session: Session, operation: RulesetOperation): void {
    if (this.#session !== session) this.flush();
    if (operation.kind === 'elements.set' || operation.kind === 'elements.delete') {
      for (let start = 0; start < operation.elements.length;) {
        this.#begin(session, operation);
        const end = Math.min(operation.elements.length, start + ELEMENTS_AT_ONCE - this.#elements);
        const elements = operation.elements.slice(start, end);
        if (operation.kind === 'elements.set') setElements(this.#batch, operation.set, elements);
        else deleteElements(this.#batch, operation.set, elements);
        this.#elements += end - start;
        start = end;
        if (this.#elements >= ELEMENTS_AT_ONCE) this.flush();
      }
    } else {
      this.#begin(session, operation);
      if (operation.kind === 'table.delete') deleteTable(this.#batch, operation.table);
      else this.#define(operation);
    }
  }

  /** Commits what waits and reports its operations as failed if the kernel refuses any of it. */
  flush(): void {
    if (this.#session === undefined) return;
    const session = this.#session;
    const operations = this.#operations;
    this.#session = undefined;
    this.#operations = [];
    this.#elements = 0;
    try {
      endTransaction(this.#batch);
      const refusal = session.open.netfilter.exchangeTransaction(this.#batch)[0];
      if (refusal === undefined) return;
      for (const operation of operations)
        this.#report({ operation, errno: errnoName(refusal.errno), message: refusal.message });
    } catch (error) {
      for (const operation of operations) this.#report(failureOf(operation, error));
    } finally {
      this.#batch.clear();
    }
  }

  #begin(session: Session, operation: RulesetOperation): void {
    if (this.#session === undefined) beginTransaction(this.#batch);
    this.#session = session;
    this.#operations.push(operation);
  }

  #define(operation: Extract<RulesetOperation, { kind: 'ruleset.define' }>): void {
    if (operation.replace) {
      // The mark goes and comes back in one transaction: nobody sees the namespace without it.
      deleteTable(this.#batch, OWN_TABLE);
      addTable(this.#batch, this.#mark);
    }
    for (const [name, kind] of operation.sets) addSet(this.#batch, name, kind);
    for (const [name, chain] of operation.chains) defineChain(this.#batch, name, chain);
  }
}
