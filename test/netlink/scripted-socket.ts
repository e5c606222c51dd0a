// A socket with no kernel behind it: dumps are answered with prepared messages, and batches are
// kept to be looked at.

import { eachMessage, type ReceivedMessage } from '../../src/netlink/attributes.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { NetlinkSocket, type Refusal } from '../../src/netlink/socket.ts';
import { Descriptor } from '../../src/sys/descriptor.ts';

/** The messages of one answer, as a batch that was never sent. */
export type Answer = (batch: MessageBatch) => void;

export class ScriptedSocket extends NetlinkSocket {
  /** Answers still to give, by the type of the request; the last one stays. */
  readonly dumps = new Map<number, Answer[]>();
  /** The bytes of the batches that were sent. */
  readonly sent: Buffer[] = [];
  refuse: (batch: MessageBatch) => readonly Refusal[] = () => [];

  constructor() {
    super(new Descriptor(-1));
  }

  override dump(
    type: number,
    _writeBody: (batch: MessageBatch) => void,
    visit: (message: ReceivedMessage) => void,
    begin?: () => void,
  ): void {
    begin?.();
    const answers = this.dumps.get(type) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    for (const message of messagesOf((batch) => answer?.(batch))) visit(message);
  }

  override exchange(batch: MessageBatch): readonly Refusal[] {
    batch.acknowledgeLast();
    this.sent.push(Buffer.from(batch.bytes));
    return this.refuse(batch);
  }
}

/** Messages as if they had been received. */
export function messagesOf(answer: Answer): ReceivedMessage[] {
  const batch = new MessageBatch(1, 1 << 16);
  answer(batch);
  return messagesIn(Buffer.from(batch.bytes));
}

export function messagesIn(bytes: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  eachMessage(bytes, bytes.length, (message) => messages.push(message));
  return messages;
}
