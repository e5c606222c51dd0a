// A transaction: the messages between BATCH_BEGIN and BATCH_END are done all together or not at
// all (nfnetlink_rcv_batch() in net/netfilter/nfnetlink.c).
//
// No message asks for an ack. The kernel works through the batch inside send(2) and queues every
// refusal before send returns, so an empty queue afterwards *is* the success, and one send and one
// receive are all a transaction of any size costs. An ack would prove less: messages after a
// refused one are still tried and acked, although everything is rolled back.

import { NLM_F, type MessageBatch } from '../message.ts';
import { NFPROTO, SUBSYSTEM, writeFamily } from '../nfnetlink.ts';

const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;

/**
 * Opens a transaction in an empty batch: the kernel silently ignores what follows the first
 * transaction of a send, so there is one a batch. Send it with `exchangeTransaction`.
 */
export function beginTransaction(batch: MessageBatch): void {
  if (batch.count !== 0) throw new Error('a transaction must be the first thing in its batch');
  frame(batch, NFNL_MSG_BATCH_BEGIN);
}

/** Closes the transaction; a batch without this is silently thrown away by the kernel. */
export function endTransaction(batch: MessageBatch): void {
  frame(batch, NFNL_MSG_BATCH_END);
}

function frame(batch: MessageBatch, type: number): void {
  batch.begin(type, NLM_F.REQUEST);
  writeFamily(batch, NFPROTO.UNSPEC, SUBSYSTEM.NFTABLES >> 8);
  batch.end();
}
