// Writing elements of sets and maps: NFT_MSG_NEWSETELEM and DELSETELEM.

import type { Element } from '../../host/plan.ts';
import { TABLE_NAME } from '../../host/ruleset.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import {
  HEADER,
  NESTED,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  PAIR_BYTES,
} from './element-layout.ts';
import { beginMessage, NFT } from './message.ts';

/** With 28 bytes each they fill 57,344 of the 65,535 bytes that the length of their list can say. */
const ELEMENTS_PER_MESSAGE = 2048;

const list = Buffer.alloc(ELEMENTS_PER_MESSAGE * PAIR_BYTES);
const words = new Uint32Array(list.buffer, list.byteOffset, list.length / 4);

/**
 * Adds elements to a set or map of our table, and gives keys of a map another value: an element
 * with a `before` is deleted first. Adding what is there already is fine; EEXIST if a key has
 * another value, ENOENT if one with a `before` is not there.
 */
export function setElements(batch: MessageBatch, set: string, elements: readonly Element[]): void {
  const replaced = elements.filter((element) => element.before !== undefined);
  if (replaced.length > 0) deleteElements(batch, set, replaced);
  eachPart(elements, (part) => writeList(batch, NFT.NEWSETELEM, NLM_F.CREATE, set, fillWhole(part)));
}

/** Deletes elements, whatever their value; ENOENT if one is not there. */
export function deleteElements(batch: MessageBatch, set: string, elements: readonly Element[]): void {
  eachPart(elements, (part) => writeList(batch, NFT.DELSETELEM, 0, set, fillKeys(part)));
}

function eachPart(elements: readonly Element[], write: (part: readonly Element[]) => void): void {
  for (let start = 0; start < elements.length; start += ELEMENTS_PER_MESSAGE) {
    write(elements.slice(start, start + ELEMENTS_PER_MESSAGE));
  }
}

function writeList(batch: MessageBatch, type: number, flags: number, set: string, bytes: number): void {
  beginMessage(batch, type, flags);
  batch.attributeString(NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
  batch.attributeString(NFTA_SET_ELEM_LIST_SET, set);
  batch.attributeBytes(NFTA_SET_ELEM_LIST_ELEMENTS | NESTED, list.subarray(0, bytes));
  batch.end();
}

/** Fills `list` with keys and the values of those that have one; answers the bytes filled. */
function fillWhole(elements: readonly Element[]): number {
  let length = 0;
  for (const { key, value } of elements) {
    words[length++] = value === undefined ? HEADER.keyElement : HEADER.pairElement;
    words[length++] = HEADER.key;
    words[length++] = HEADER.value;
    words[length++] = swap(key);
    if (value === undefined) continue;
    words[length++] = HEADER.data;
    words[length++] = HEADER.value;
    words[length++] = swap(value);
  }
  return 4 * length;
}

/** Fills `list` with keys alone; answers the bytes filled. */
function fillKeys(elements: readonly Element[]): number {
  let length = 0;
  for (const { key } of elements) {
    words[length++] = HEADER.keyElement;
    words[length++] = HEADER.key;
    words[length++] = HEADER.value;
    words[length++] = swap(key);
  }
  return 4 * length;
}

/** From host to network byte order; the array takes negative numbers as what they are in 32 bits. */
function swap(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
