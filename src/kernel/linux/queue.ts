// Collects the messages of consecutive operations in one namespace, so that a router costs a
// handful of system calls, and finds the operation that a refusal belongs to.

import type { Failure } from '../kernel.ts';
import type { RouteOperation } from '../operation-kinds.ts';
import { isDoneAlready } from '../operation-kinds.ts';
import { MessageBatch } from '../../netlink/message.ts';
import type { Refusal } from '../../netlink/socket.ts';
import { errnoName } from '../../sys/system-error.ts';
import { failureOf } from './failure.ts';
import type { Session } from './session.ts';

/** Sends the batch in the session's namespace and answers what the kernel refused. */
type Send = (session: Session, batch: MessageBatch) => readonly Refusal[];

export interface QueueLimits {
  /** Messages a batch: errors come back one a message, and an unprivileged receive buffer holds some 250 of them. */
  readonly messages: number;
}

export class Queue {
  readonly #batch = new MessageBatch(1, 1 << 16);
  readonly #send: Send;
  readonly #report: (failure: Failure) => void;
  readonly #limits: QueueLimits;
  #session: Session | undefined;
  /** Which operation the messages from a sequence number on belong to, in ascending order. */
  #owners: { readonly first: number; readonly operation: RouteOperation }[] = [];

  constructor(send: Send, report: (failure: Failure) => void, limits: QueueLimits) {
    this.#send = send;
    this.#report = report;
    this.#limits = limits;
  }

  /** The batch to write the operation's messages to; what waits for another namespace is sent first. */
  batchFor(session: Session, operation: RouteOperation): MessageBatch {
    if (this.#session !== session || this.#batch.count >= this.#limits.messages) this.flush();
    this.#session = session;
    this.#owners.push({ first: this.#batch.nextSequence, operation });
    return this.#batch;
  }

  /** Sends what waits and reports failures; all that waited has failed when the answer does not arrive whole. */
  flush(): void {
    if (this.#session === undefined) return;
    const session = this.#session;
    const owners = this.#owners;
    this.#session = undefined;
    this.#owners = [];
    try {
      if (this.#batch.count === 0) return;
      for (const refusal of this.#send(session, this.#batch)) {
        const owner = owners.findLast(({ first }) => first <= refusal.sequence) ?? owners[0];
        const errno = errnoName(refusal.errno);
        if (owner === undefined || isDoneAlready(owner.operation, errno)) continue;
        this.#report({ operation: owner.operation, errno, message: refusal.message });
      }
    } catch (error) {
      for (const operation of new Set(owners.map((owner) => owner.operation)))
        this.#report(failureOf(operation, error));
    } finally {
      this.#batch.clear();
    }
  }
}
