// Bytes from outside: whatever they are, the readers stay inside them and either read or refuse.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  eachAttribute,
  eachMessage,
  MalformedReply,
  readAddress,
  readMac,
  readString,
} from '../../src/netlink/attributes.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { parseAddress, parseMac } from '../../src/model/address.ts';
import { must } from '../support/must.ts';

function refusedOr(work: () => void): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedReply);
  }
}

test('messages that are visited lie within the bytes, in order and without overlap', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      let last = 0;
      refusedOr(() =>
        eachMessage(buffer, buffer.length, ({ start, end }) => {
          expect(start).toBeGreaterThanOrEqual(last + 16);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(buffer.length);
          last = end;
        }),
      );
    }),
  );
});

test('attributes that are visited lie within the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      refusedOr(() =>
        eachAttribute(buffer, 0, buffer.length, (_type, start, end) => {
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(buffer.length);
          refusedOr(() => readAddress(buffer, start, end));
          expect(readString(buffer, start, end).length).toBeLessThanOrEqual(end - start);
        }),
      );
    }),
  );
});

test('what the writer writes the reader reads', () => {
  const batch = new MessageBatch(7, 16);
  expect(batch.begin(24, 5)).toBe(7);
  batch.u8(2).u8(24).u16(0);
  batch
    .attributeU8(1, 200)
    .attributeU32(2, 0xfffffffe)
    .attributeBe32(3, 0x0a000001)
    .attributeString(4, 'rfp-0c858f80-9');
  batch.attributeAddress(5, must(parseAddress('2001:db8::1'))).attributeMac(6, must(parseMac('FA:16:3E:00:00:01')));
  const nested = batch.beginNested(7);
  batch.attributeU32(1, 1);
  batch.endNested(nested);
  batch.end();
  expect(batch.count).toBe(1);
  const { bytes } = batch;
  expect(bytes.length % 4).toBe(0);
  const seen: unknown[] = [];
  eachMessage(bytes, bytes.length, (message) => {
    expect(message).toMatchObject({ type: 24, flags: 5, sequence: 7 });
    eachAttribute(bytes, message.start + 4, message.end, (type, start, end) => {
      if (type === 4) seen.push(readString(bytes, start, end));
      else if (type === 5) seen.push(readAddress(bytes, start, end));
      else if (type === 6) seen.push(readMac(bytes, start, end));
      else seen.push(bytes.toString('hex', start, end));
    });
  });
  expect(seen).toEqual([
    'c8',
    'feffffff',
    '0a000001',
    'rfp-0c858f80-9',
    parseAddress('2001:db8::1'),
    'fa:16:3e:00:00:01',
    '0800010001000000',
  ]);
});

test('an attribute too long for its 16 bits is refused when it is written', () => {
  const batch = new MessageBatch(1);
  batch.begin(1, 0);
  const nested = batch.beginNested(1);
  batch.attributeBytes(1, Buffer.alloc(0x8000)).attributeBytes(2, Buffer.alloc(0x8000));
  expect(() => batch.endNested(nested)).toThrow(RangeError);
});
