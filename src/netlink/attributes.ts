// Reading netlink messages and attributes out of bytes that came from the kernel. Every length is
// checked against the bytes that are there: a malformed reply is a MalformedReply, never a guess.

import type { IpAddress, Ipv4Address, Ipv6Address, MacAddress } from '../model/address.ts';
import { HEADER_BYTES } from './message.ts';

/** A reply whose lengths do not fit its bytes: a kernel or a transport that is not to be trusted further. */
export class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

/** The header of a received message and where its payload lies in `buffer`. */
export interface ReceivedMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Port of the socket that asked for it; 0 where nobody did, or the kernel does not say. */
  readonly port: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Calls `visit` for each message in `buffer[0, length)`. Throws MalformedReply. */
export function eachMessage(buffer: Buffer, length: number, visit: (message: ReceivedMessage) => void): void {
  let offset = 0;
  while (offset < length) {
    if (length - offset < HEADER_BYTES)
      throw new MalformedReply(`${length - offset} bytes where a message header should be`);
    const bytes = buffer.readUInt32LE(offset);
    if (bytes < HEADER_BYTES || bytes > length - offset) {
      throw new MalformedReply(`message of ${bytes} bytes in ${length - offset}`);
    }
    visit({
      type: buffer.readUInt16LE(offset + 4),
      flags: buffer.readUInt16LE(offset + 6),
      sequence: buffer.readUInt32LE(offset + 8),
      port: buffer.readUInt32LE(offset + 12),
      buffer,
      start: offset + HEADER_BYTES,
      end: offset + bytes,
    });
    offset += (bytes + 3) & ~3;
  }
}

/**
 * Calls `visit(type, start, end)` for each attribute in `buffer[from, to)`, with the bounds of its
 * payload; flag bits are cut from the type. Throws MalformedReply.
 */
export function eachAttribute(
  buffer: Buffer,
  from: number,
  to: number,
  visit: (type: number, start: number, end: number) => void,
): void {
  let offset = from;
  while (offset < to) {
    if (to - offset < 4) throw new MalformedReply(`${to - offset} bytes where an attribute header should be`);
    const bytes = buffer.readUInt16LE(offset);
    if (bytes < 4 || bytes > to - offset) throw new MalformedReply(`attribute of ${bytes} bytes in ${to - offset}`);
    visit(buffer.readUInt16LE(offset + 2) & 0x3fff, offset + 4, offset + bytes);
    offset += (bytes + 3) & ~3;
  }
}

/** Throws MalformedReply unless the payload has at least `bytes` bytes. */
export function needBytes(start: number, end: number, bytes: number): void {
  if (end - start < bytes) throw new MalformedReply(`payload of ${end - start} bytes where ${bytes} are needed`);
}

/** Throws MalformedReply unless the payload has exactly `bytes` bytes: part of a longer value is another value. */
export function expectBytes(start: number, end: number, bytes: number): void {
  if (end - start !== bytes) throw new MalformedReply(`payload of ${end - start} bytes where ${bytes} should be`);
}

export function readU32(buffer: Buffer, start: number, end: number): number {
  expectBytes(start, end, 4);
  return buffer.readUInt32LE(start);
}

export function readBe32(buffer: Buffer, start: number, end: number): number {
  expectBytes(start, end, 4);
  return buffer.readUInt32BE(start);
}

/** Text up to its first NUL or the end. */
export function readString(buffer: Buffer, start: number, end: number): string {
  const payload = buffer.subarray(start, end);
  const nul = payload.indexOf(0);
  return payload.toString('utf8', 0, nul < 0 ? payload.length : nul);
}

/** Four bytes are IPv4, sixteen IPv6. */
export function readAddress(buffer: Buffer, start: number, end: number): IpAddress {
  if (end - start === 4) return buffer.readUInt32BE(start) as Ipv4Address;
  expectBytes(start, end, 16);
  return ((buffer.readBigUInt64BE(start) << 64n) | buffer.readBigUInt64BE(start + 8)) as Ipv6Address;
}

/** Undefined for a link-layer address that is not six bytes long. */
export function readMac(buffer: Buffer, start: number, end: number): MacAddress | undefined {
  if (end - start !== 6) return undefined;
  return (buffer.toString('hex', start, end).match(/../g) ?? []).join(':') as MacAddress;
}
