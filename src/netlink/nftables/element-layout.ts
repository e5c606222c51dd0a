// How elements of sets and maps lie in a message. They are what there are ten thousands of, so both
// directions go over the bytes by hand, ten times as fast as attribute by attribute: an element of a
// set of addresses is always 16 bytes and one of a map 28, and only the addresses in them differ. An element that
// counts is written as one of a set, and read with its counter, 60 bytes in all.
//
//   element { key { value, address }, data { value, address } }
//   element { key { value, address }, expression { name, data { bytes, packets } } }

import { NFTA_COUNTER_BYTES, NFTA_COUNTER_PACKETS } from './expressions/counter.ts';
import { NFTA_EXPR_DATA, NFTA_EXPR_NAME } from './expressions/shape.ts';

export const NFTA_SET_ELEM_LIST_TABLE = 1;
export const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_LIST_ELEM = 1;
export const NFTA_SET_ELEM_KEY = 1;
export const NFTA_SET_ELEM_DATA = 2;
export const NFTA_SET_ELEM_EXPR = 7;
export const NFTA_DATA_VALUE = 1;
/** NLA_F_NESTED (linux/netlink.h). */
export const NESTED = 0x8000;

/** An element of a set, in bytes. */
export const KEY_BYTES = 16;
/** An element of a map, in bytes. */
export const PAIR_BYTES = 28;

/** An element with a counter, in bytes, and where its two numbers of 64 bits begin. */
export const COUNTER_BYTES = 60;
export const COUNTED_BYTES = 40;
export const COUNTED_PACKETS = 52;
/** The name `counter` with its NUL, as two words in network byte order. */
export const COUNTER_NAME = { first: 0x636f756e, last: 0x74657200 } as const;

/** The headers in an element as 32-bit words: the length, and in the upper half the type. */
export const HEADER = {
  keyElement: header(KEY_BYTES, NFTA_LIST_ELEM | NESTED),
  pairElement: header(PAIR_BYTES, NFTA_LIST_ELEM | NESTED),
  key: header(12, NFTA_SET_ELEM_KEY | NESTED),
  data: header(12, NFTA_SET_ELEM_DATA | NESTED),
  value: header(8, NFTA_DATA_VALUE),
  counterElement: header(COUNTER_BYTES, NFTA_LIST_ELEM | NESTED),
  expression: header(44, NFTA_SET_ELEM_EXPR | NESTED),
  name: header(12, NFTA_EXPR_NAME),
  expressionData: header(28, NFTA_EXPR_DATA | NESTED),
  countedBytes: header(12, NFTA_COUNTER_BYTES),
  countedPackets: header(12, NFTA_COUNTER_PACKETS),
} as const;

function header(length: number, type: number): number {
  return (length | (type << 16)) >>> 0;
}
