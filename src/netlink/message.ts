// Building netlink messages: a growable buffer into which messages and nested attributes are
// written in place (RFC 3549 section 2.2, linux/netlink.h). Integers are in host byte order, which
// on every machine Node runs on is little-endian, unless a method says otherwise.

import type { IpAddress, MacAddress } from '../model/address.ts';
import { isIpv4 } from '../model/address.ts';

/** Flags of `nlmsg_flags` (linux/netlink.h). */
export const NLM_F = {
  REQUEST: 0x1,
  ACK: 0x4,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  DUMP: 0x300,
} as const;

/** Length of `struct nlmsghdr`. */
export const HEADER_BYTES = 16;
/** The nested-attribute flag of `nla_type`. */
const NLA_F_NESTED = 0x8000;
/** `nla_len` is 16 bits wide. */
const MAX_ATTRIBUTE_BYTES = 0xffff;

/**
 * A batch of netlink messages under construction.
 *
 *     const message = batch.begin(RTM_NEWROUTE, NLM_F.REQUEST | NLM_F.CREATE);
 *     batch.u8(AF_INET).…;            // the fixed part
 *     batch.attributeAddress(RTA_DST, destination);
 *     batch.end();
 *
 * Sequence numbers are handed out by the batch and rise by one a message; `begin` answers it.
 */
export class MessageBatch {
  #buffer: Buffer;
  #length = 0;
  #messageStart = -1;
  #lastStart = -1;
  #sequence: number;
  #count = 0;

  /** `firstSequence`: the sequence number of the first message. */
  constructor(firstSequence: number, capacity = 16384) {
    this.#buffer = Buffer.alloc(capacity);
    this.#sequence = firstSequence;
  }

  /** Messages finished so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes finished so far. */
  get byteLength(): number {
    return this.#length;
  }

  /** The sequence number that the next message will get. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** The finished bytes; valid until the batch is written to again. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Starts a message and answers its sequence number. */
  begin(type: number, flags: number): number {
    this.#messageStart = this.#length;
    const sequence = this.#sequence++;
    this.u32(0).u16(type).u16(flags).u32(sequence).u32(0);
    return sequence;
  }

  /** Finishes the message that `begin` started. */
  end(): void {
    this.#buffer.writeUInt32LE(this.#length - this.#messageStart, this.#messageStart);
    this.#align();
    this.#lastStart = this.#messageStart;
    this.#messageStart = -1;
    this.#count++;
  }

  /** Has the kernel answer the last finished message even if it does what the message says. */
  acknowledgeLast(): void {
    if (this.#count === 0) throw new Error('a batch without a message has none to acknowledge');
    const flags = this.#lastStart + 6;
    this.#buffer.writeUInt16LE(this.#buffer.readUInt16LE(flags) | NLM_F.ACK, flags);
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16LE(value, this.#length);
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
    return this;
  }

  i32(value: number): this {
    return this.u32(value >>> 0);
  }

  /** 16 bits in network byte order. */
  be16(value: number): this {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16BE(value, this.#length);
    return this;
  }

  attributeU8(type: number, value: number): this {
    this.#attribute(type, 1);
    return this.u8(value).#align();
  }

  attributeU32(type: number, value: number): this {
    this.#attribute(type, 4);
    return this.u32(value);
  }

  /** 32 bits in network byte order, as nfnetlink has them. */
  attributeBe32(type: number, value: number): this {
    this.#attribute(type, 4);
    this.#length = this.#buffer.writeUInt32BE(value >>> 0, this.#length);
    return this;
  }

  /** 64 bits in network byte order. */
  attributeBe64(type: number, value: bigint): this {
    this.#attribute(type, 8);
    this.#length = this.#buffer.writeBigUInt64BE(value, this.#length);
    return this;
  }

  /** 64 bits in host byte order. */
  attributeU64(type: number, value: bigint): this {
    this.#attribute(type, 8);
    this.#length = this.#buffer.writeBigUInt64LE(value, this.#length);
    return this;
  }

  /** Text with a closing NUL. */
  attributeString(type: number, text: string): this {
    const bytes = Buffer.byteLength(text) + 1;
    this.#attribute(type, bytes);
    this.#length += this.#buffer.write(text, this.#length);
    return this.u8(0).#align();
  }

  attributeBytes(type: number, bytes: Uint8Array): this {
    this.#attribute(type, bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this.#align();
  }

  attributeAddress(type: number, address: IpAddress): this {
    if (isIpv4(address)) return this.attributeBe32(type, address);
    this.#attribute(type, 16);
    this.#length = this.#buffer.writeBigUInt64BE(address >> 64n, this.#length);
    this.#length = this.#buffer.writeBigUInt64BE(address & 0xffffffffffffffffn, this.#length);
    return this;
  }

  attributeMac(type: number, mac: MacAddress): this {
    return this.attributeBytes(type, Buffer.from(mac.replaceAll(':', ''), 'hex'));
  }

  /** Opens a nested attribute; answers where it starts, for `endNested`. */
  beginNested(type: number): number {
    const start = this.#length;
    this.#attribute(type | NLA_F_NESTED, 0);
    return start;
  }

  /** Opens a nested attribute without NLA_F_NESTED, for old parts of rtnetlink that never looked at it. */
  beginPlainNested(type: number): number {
    const start = this.#length;
    this.#attribute(type, 0);
    return start;
  }

  /** Closes the nested attribute that starts at `start`. Throws RangeError when it is longer than 16 bits can say. */
  endNested(start: number): void {
    const bytes = this.#length - start;
    if (bytes > MAX_ATTRIBUTE_BYTES) throw new RangeError(`netlink attribute of ${bytes} bytes`);
    this.#buffer.writeUInt16LE(bytes, start);
  }

  /** Forgets the messages but keeps the buffer and the sequence numbers. */
  clear(): void {
    this.#length = 0;
    this.#count = 0;
  }

  #attribute(type: number, payloadBytes: number): void {
    this.#reserve(4 + payloadBytes + 4);
    this.#length = this.#buffer.writeUInt16LE(4 + payloadBytes, this.#length);
    this.#length = this.#buffer.writeUInt16LE(type, this.#length);
  }

  /** Pads with zeros to the four bytes that messages and attributes start on. */
  #align(): this {
    const padding = -this.#length & 3;
    this.#reserve(padding);
    this.#buffer.fill(0, this.#length, this.#length + padding);
    this.#length += padding;
    return this;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
