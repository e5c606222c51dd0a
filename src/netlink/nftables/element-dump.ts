// Reading the elements of sets and maps: NFT_MSG_GETSETELEM, and what is told of those that go.

import { TABLE_NAME } from '../../host/ruleset.ts';
import type { Count } from '../../host/counters.ts';
import type { Ipv4Address } from '../../model/address.ts';
import { eachAttribute, readBe32, readBe64, readString, type ReceivedMessage } from '../attributes.ts';
import { attributesStart, familyOf, NFPROTO, writeFamily } from '../nfnetlink.ts';
import { NetlinkError, type NetlinkSocket } from '../socket.ts';
import {
  COUNTED_BYTES,
  COUNTED_PACKETS,
  COUNTER_BYTES,
  COUNTER_NAME,
  HEADER,
  KEY_BYTES,
  NESTED,
  NFTA_DATA_VALUE,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_EXPR,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  PAIR_BYTES,
} from './element-layout.ts';
import { decodeCounter } from './expressions/counter.ts';
import { NFT } from './message.ts';

const NFTA_SET_ELEM_FLAGS = 3;
const NFTA_SET_ELEM_USERDATA = 6;

const ADDRESS_BYTES = 4;

/** A set that is reordered during as many dumps is beyond waiting for. */
const READ_TRIES = 16;
const EAGAIN = 11;
/** The kernel leaves the nested flag out of what it sends; it need not. */
const WITHOUT_NESTED = ~(NESTED << 16);

/**
 * Reads the elements of a set or map of our table. `visit` is called for each message before it is
 * read, so that the caller can watch the generation. Throws NetlinkError, MalformedReply.
 */
export function readElements(
  socket: NetlinkSocket,
  set: string,
  visit: (message: ReceivedMessage) => void,
): ElementDump {
  for (let attempt = 1; attempt <= READ_TRIES; attempt++) {
    let dump = new ElementDump();
    socket.dump(
      NFT.GETSETELEM,
      (batch) => {
        writeFamily(batch, NFPROTO.IPV4);
        batch.attributeString(NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
        batch.attributeString(NFTA_SET_ELEM_LIST_SET, set);
      },
      (message) => {
        visit(message);
        dump.read(message);
      },
      () => (dump = new ElementDump()),
    );
    if (dump.intact) return dump;
  }
  throw new NetlinkError(EAGAIN, `the elements of ${set} did not come whole in ${READ_TRIES} dumps`);
}

/**
 * Which elements of a set of our table an event says are gone. Undefined if it says anything else, or speaks of elements as
 * Buoy makes none. Throws MalformedReply.
 */
export function readGoneElements(
  message: ReceivedMessage,
): { readonly set: string; readonly keys: readonly Ipv4Address[] } | undefined {
  if (message.type !== NFT.DELSETELEM || familyOf(message) !== NFPROTO.IPV4) return undefined;
  let table: string | undefined;
  let set: string | undefined;
  eachAttribute(message.buffer, attributesStart(message), message.end, (type, from, to) => {
    if (type === NFTA_SET_ELEM_LIST_TABLE) table = readString(message.buffer, from, to);
    else if (type === NFTA_SET_ELEM_LIST_SET) set = readString(message.buffer, from, to);
  });
  if (table !== TABLE_NAME || set === undefined) return undefined;
  const dump = new ElementDump();
  dump.read(message);
  if (dump.foreign) return undefined;
  return { set, keys: [...dump.keys, ...dump.pairs.keys(), ...dump.counted.keys()] };
}

/** What the messages of a dump say. */
export class ElementDump {
  /** Elements seen, those seen twice counted twice. */
  #count = 0;
  #foreign = false;
  /** Elements of a set. */
  readonly keys = new Set<Ipv4Address>();
  /** Elements of a map. */
  readonly pairs = new Map<Ipv4Address, Ipv4Address>();
  /** Elements of a set that have a counter, and are not among `keys`. */
  readonly counted = new Map<Ipv4Address, Count>();

  /**
   * Whether each element came once. The kernel's hash tables grow in the background, and a dump
   * that goes on at the same place of a table that was reordered meanwhile repeats some elements
   * and misses as many, without NLM_F_DUMP_INTR.
   */
  get intact(): boolean {
    return this.#count === this.keys.size + this.pairs.size + this.counted.size;
  }

  /** Whether an element was more than an address, a pair, or an address with a counter: a catch-all, one with a time limit. */
  get foreign(): boolean {
    return this.#foreign;
  }

  /** Takes in one message. Throws MalformedReply. */
  read(message: ReceivedMessage): void {
    const { buffer, end } = message;
    eachAttribute(buffer, attributesStart(message), end, (type, from, to) => {
      if (type === NFTA_SET_ELEM_LIST_ELEMENTS) this.#readList(buffer, from, to);
    });
  }

  #readList(buffer: Buffer, start: number, end: number): void {
    let offset = start;
    for (; offset < end; this.#count++) {
      const left = end - offset;
      if (left >= PAIR_BYTES && isPair(buffer, offset)) {
        this.pairs.set(
          buffer.readUInt32BE(offset + 12) as Ipv4Address,
          buffer.readUInt32BE(offset + 24) as Ipv4Address,
        );
        offset += PAIR_BYTES;
      } else if (left >= KEY_BYTES && isKey(buffer, offset)) {
        this.keys.add(buffer.readUInt32BE(offset + 12) as Ipv4Address);
        offset += KEY_BYTES;
      } else if (left >= COUNTER_BYTES && isCounter(buffer, offset)) {
        this.counted.set(buffer.readUInt32BE(offset + 12) as Ipv4Address, {
          packets: readBe64(buffer, offset + COUNTED_PACKETS, offset + COUNTED_PACKETS + 8),
          bytes: readBe64(buffer, offset + COUNTED_BYTES, offset + COUNTED_BYTES + 8),
        });
        offset += COUNTER_BYTES;
      } else {
        break;
      }
    }
    if (offset < end) this.#readUnusual(buffer, offset, end);
  }

  /** Elements with other attributes than the usual, or in another order. */
  #readUnusual(buffer: Buffer, start: number, end: number): void {
    eachAttribute(buffer, start, end, (_element, from, to) => {
      let key: Ipv4Address | undefined;
      let value: Ipv4Address | undefined;
      let count: Count | undefined;
      eachAttribute(buffer, from, to, (type, first, last) => {
        if (type === NFTA_SET_ELEM_KEY) key = readValue(buffer, first, last);
        else if (type === NFTA_SET_ELEM_DATA) value = readValue(buffer, first, last);
        else if (type === NFTA_SET_ELEM_EXPR && (count = decodeCounter(buffer, first, last)) !== undefined) return;
        else if (type === NFTA_SET_ELEM_FLAGS && readBe32(buffer, first, last) === 0) return;
        else if (type !== NFTA_SET_ELEM_USERDATA) this.#foreign = true;
      });
      if (key === undefined || (value !== undefined && count !== undefined)) {
        this.#foreign = true;
        return;
      }
      this.#count++;
      if (count !== undefined) this.counted.set(key, count);
      else if (value === undefined) this.keys.add(key);
      else this.pairs.set(key, value);
    });
  }
}

function isPair(buffer: Buffer, offset: number): boolean {
  return (
    hasHeader(buffer, offset, HEADER.pairElement) &&
    hasHeader(buffer, offset + 4, HEADER.key) &&
    hasHeader(buffer, offset + 8, HEADER.value) &&
    hasHeader(buffer, offset + 16, HEADER.data) &&
    hasHeader(buffer, offset + 20, HEADER.value)
  );
}

function isKey(buffer: Buffer, offset: number): boolean {
  return (
    hasHeader(buffer, offset, HEADER.keyElement) &&
    hasHeader(buffer, offset + 4, HEADER.key) &&
    hasHeader(buffer, offset + 8, HEADER.value)
  );
}

function isCounter(buffer: Buffer, offset: number): boolean {
  return (
    hasHeader(buffer, offset, HEADER.counterElement) &&
    hasHeader(buffer, offset + 4, HEADER.key) &&
    hasHeader(buffer, offset + 8, HEADER.value) &&
    hasHeader(buffer, offset + 16, HEADER.expression) &&
    hasHeader(buffer, offset + 20, HEADER.name) &&
    buffer.readUInt32BE(offset + 24) === COUNTER_NAME.first &&
    buffer.readUInt32BE(offset + 28) === COUNTER_NAME.last &&
    hasHeader(buffer, offset + 32, HEADER.expressionData) &&
    hasHeader(buffer, offset + 36, HEADER.countedBytes) &&
    hasHeader(buffer, offset + 48, HEADER.countedPackets)
  );
}

function hasHeader(buffer: Buffer, offset: number, wanted: number): boolean {
  return ((buffer.readInt32LE(offset) ^ wanted) & WITHOUT_NESTED) === 0;
}

/** Undefined for data that is not an address: a value of another length, a verdict. */
function readValue(buffer: Buffer, start: number, end: number): Ipv4Address | undefined {
  let value: Ipv4Address | undefined;
  eachAttribute(buffer, start, end, (type, from, to) => {
    if (type === NFTA_DATA_VALUE && to - from === ADDRESS_BYTES) value = readBe32(buffer, from, to) as Ipv4Address;
  });
  return value;
}
