// Sets and maps of IPv4 addresses: NFT_MSG_NEWSET and GETSET.

import { TABLE_NAME, type AddressSet } from '../../host/ruleset.ts';
import { eachAttribute, MalformedReply, readBe32, readString, type ReceivedMessage } from '../attributes.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import { attributesStart } from '../nfnetlink.ts';
import { COUNTER, encodeCounter } from './expressions/counter.ts';
import { decodeName } from './expressions/shape.ts';
import { beginMessage, NFT } from './message.ts';

export const NFTA_SET_TABLE = 1;
const NFTA_SET_NAME = 2;
const NFTA_SET_FLAGS = 3;
const NFTA_SET_KEY_TYPE = 4;
const NFTA_SET_KEY_LEN = 5;
const NFTA_SET_DATA_TYPE = 6;
const NFTA_SET_DATA_LEN = 7;
const NFTA_SET_DESC = 9;
const NFTA_SET_ID = 10;
const NFTA_SET_USERDATA = 13;
const NFTA_SET_EXPR = 17;
/** In place of NFTA_SET_EXPR where there is more than one. */
const NFTA_SET_EXPRESSIONS = 18;
const NFTA_SET_DESC_SIZE = 1;

/** `NFT_SET_MAP`. */
const SET_MAP = 8;
/** `TYPE_IPADDR` of nft(8) (include/datatype.h); the kernel only stores it. */
const TYPE_IPV4_ADDRESS = 7;
const ADDRESS_BYTES = 4;

// How nft(8) is to show keys and values: user data in the format described in comment.ts, types 0
// and 1 (NFTNL_UDATA_SET_KEYBYTEORDER, _DATABYTEORDER) with 2 for network byte order (enum
// byteorder), a 32-bit integer in the order of the host.
const KEY_BYTE_ORDER = Buffer.from([0, 4, 2, 0, 0, 0]);
const KEY_AND_DATA_BYTE_ORDER = Buffer.from([...KEY_BYTE_ORDER, 1, 4, 2, 0, 0, 0]);

/** Adds an empty set or map to our table; one of that name and kind that is there stays as it is. */
export function addSet(batch: MessageBatch, name: string, kind: AddressSet['kind']): void {
  // The kernel insists on an id that later messages could name the set by; any that is unique in
  // the transaction does, and they name it by its name.
  const id = batch.nextSequence;
  beginMessage(batch, NFT.NEWSET, NLM_F.CREATE);
  batch.attributeString(NFTA_SET_TABLE, TABLE_NAME);
  batch.attributeString(NFTA_SET_NAME, name);
  batch.attributeBe32(NFTA_SET_FLAGS, kind === 'map' ? SET_MAP : 0);
  batch.attributeBe32(NFTA_SET_KEY_TYPE, TYPE_IPV4_ADDRESS);
  batch.attributeBe32(NFTA_SET_KEY_LEN, ADDRESS_BYTES);
  if (kind === 'map') {
    batch.attributeBe32(NFTA_SET_DATA_TYPE, TYPE_IPV4_ADDRESS);
    batch.attributeBe32(NFTA_SET_DATA_LEN, ADDRESS_BYTES);
  }
  batch.attributeBe32(NFTA_SET_ID, id);
  batch.attributeBytes(NFTA_SET_USERDATA, kind === 'map' ? KEY_AND_DATA_BYTE_ORDER : KEY_BYTE_ORDER);
  // The kernel gives every element a copy of it (nft_set_elem_expr_clone()).
  if (kind === 'counters') encodeCounter(batch, NFTA_SET_EXPR);
  batch.end();
}

/** A set as the kernel describes it, without its elements. */
export interface ReadSet {
  readonly name: string;
  readonly flags: number;
  readonly keyType: number;
  readonly keyBytes: number;
  /** 0 for a set that is no map. */
  readonly dataType: number;
  readonly dataBytes: number;
  /** The most elements it may have; 0 for no limit. */
  readonly size: number;
  /** What is done for each element that a packet finds, by the kernel's name for it; undefined for nothing. */
  readonly expression: string | undefined;
}

/** Throws MalformedReply. */
export function decodeSet(message: ReceivedMessage): ReadSet {
  const { buffer, end } = message;
  let name: string | undefined;
  const numbers = new Map<number, number>();
  let size = 0;
  let expression: string | undefined;
  eachAttribute(buffer, attributesStart(message), end, (type, from, to) => {
    if (type === NFTA_SET_NAME) {
      name = readString(buffer, from, to);
    } else if (type >= NFTA_SET_FLAGS && type <= NFTA_SET_DATA_LEN) {
      numbers.set(type, readBe32(buffer, from, to));
    } else if (type === NFTA_SET_DESC) {
      eachAttribute(buffer, from, to, (part, start, stop) => {
        if (part === NFTA_SET_DESC_SIZE) size = readBe32(buffer, start, stop);
      });
    } else if (type === NFTA_SET_EXPR) {
      expression = decodeName(buffer, from, to).name;
    } else if (type === NFTA_SET_EXPRESSIONS) {
      expression = 'several';
    }
  });
  if (name === undefined) throw new MalformedReply('set without a name');
  return {
    name,
    flags: numbers.get(NFTA_SET_FLAGS) ?? 0,
    keyType: numbers.get(NFTA_SET_KEY_TYPE) ?? 0,
    keyBytes: numbers.get(NFTA_SET_KEY_LEN) ?? 0,
    dataType: numbers.get(NFTA_SET_DATA_TYPE) ?? 0,
    dataBytes: numbers.get(NFTA_SET_DATA_LEN) ?? 0,
    size,
    expression,
  };
}

/** The kind of a set in Buoy's terms, or undefined if those cannot say what it is. */
export function kindOf(read: ReadSet): AddressSet['kind'] | undefined {
  if (read.keyType !== TYPE_IPV4_ADDRESS || read.keyBytes !== ADDRESS_BYTES || read.size !== 0) return undefined;
  if (read.flags === 0 && read.expression === undefined) return 'set';
  if (read.flags === 0 && read.expression === COUNTER) return 'counters';
  return read.expression === undefined &&
    read.flags === SET_MAP &&
    read.dataType === TYPE_IPV4_ADDRESS &&
    read.dataBytes === ADDRESS_BYTES
    ? 'map'
    : undefined;
}
