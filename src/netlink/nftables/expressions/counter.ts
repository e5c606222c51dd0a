// The counter of an element of a set (net/netfilter/nft_counter.c). It stands by itself and not with the
// expressions of rules: no rule of ours has one, and it is numbers of 64 bits, which no other has.

import type { Count } from '../../../host/counters.ts';
import { eachAttribute, readBe64 } from '../../attributes.ts';
import type { MessageBatch } from '../../message.ts';
import { decodeName, NFTA_EXPR_NAME } from './shape.ts';

/** The kernel's name of it. */
export const COUNTER = 'counter';

export const NFTA_COUNTER_BYTES = 1;
export const NFTA_COUNTER_PACKETS = 2;

/** Writes, as an attribute, a counter that begins at nothing. */
export function encodeCounter(batch: MessageBatch, attribute: number): void {
  const nested = batch.beginNested(attribute);
  batch.attributeString(NFTA_EXPR_NAME, COUNTER);
  batch.endNested(nested);
}

/** Reads an expression that may be a counter; undefined if it is another one. Throws MalformedReply. */
export function decodeCounter(buffer: Buffer, start: number, end: number): Count | undefined {
  const { name, ...data } = decodeName(buffer, start, end);
  if (name !== COUNTER) return undefined;
  let packets: number | undefined;
  let bytes: number | undefined;
  eachAttribute(buffer, data.start, data.end, (type, from, to) => {
    if (type === NFTA_COUNTER_BYTES) bytes = readBe64(buffer, from, to);
    else if (type === NFTA_COUNTER_PACKETS) packets = readBe64(buffer, from, to);
  });
  return packets === undefined || bytes === undefined ? undefined : { packets, bytes };
}
