// Which connections end with a floating IP, and in what bytes that is asked for.

import { beforeEach, expect, test } from 'vitest';
import { flushTranslated } from '../../../src/netlink/conntrack/index.ts';
import type { MessageBatch } from '../../../src/netlink/message.ts';
import { hexDump } from '../../support/hex.ts';
import { ipv4 } from '../nftables/example.ts';
import { messagesIn, ScriptedSocket } from '../scripted-socket.ts';
import { RECORDED_CONNECTIONS } from './recorded.ts';

const GET = 0x0101;
const ACK = 4;
const ENOENT = 2;
const EPERM = 1;

let socket: ScriptedSocket;

/** Answers with a recorded connection, again and again, each time with another id. */
const repeated = (index: number, count: number) => (batch: MessageBatch) => {
  const message = messagesIn(RECORDED_CONNECTIONS)[index];
  if (message === undefined) throw new Error('not recorded');
  for (let id = 0; id < count; id++) {
    batch.begin(message.type, 0);
    for (let at = message.start; at < message.end; at++) batch.u8(message.buffer.readUInt8(at));
    // The last of two ids counts.
    batch.attributeBe32(12, id);
    batch.end();
  }
};

const recorded = (batch: MessageBatch) => {
  for (let index = 0; index < 3; index++) repeated(index, 1)(batch);
};

beforeEach(() => {
  socket = new ScriptedSocket();
  socket.dumps.set(GET, [recorded]);
});

const flush = (...fixed: string[]) =>
  flushTranslated(socket, new Map(fixed.map((text) => [ipv4(text), undefined])), false);

test('those that the fixed address began, and those that were led to it, by the tuple they began with', () => {
  expect(flush('10.0.0.5')).toBe(2);
  expect(socket.sent.map((bytes) => hexDump(bytes))).toEqual([
    `\
50 00 00 00 02 01 01 00 01 00 00 00 00 00 00 00  P...............
02 00 00 00 34 00 01 80 14 00 01 80 08 00 01 00  ....4...........
0a 00 00 05 08 00 02 00 c6 33 64 07 1c 00 02 80  .........3d.....
05 00 01 00 11 00 00 00 06 00 02 00 0f a0 00 00  ................
06 00 03 00 00 35 00 00 08 00 0c 00 00 00 00 00  .....5..........
50 00 00 00 02 01 05 00 02 00 00 00 00 00 00 00  P...............
02 00 00 00 34 00 01 80 14 00 01 80 08 00 01 00  ....4...........
c6 33 64 07 08 00 02 00 cb 00 71 05 1c 00 02 80  .3d.......q.....
05 00 01 00 11 00 00 00 06 00 02 00 0f a0 00 00  ................
06 00 03 00 00 35 00 00 08 00 0c 00 00 00 00 00  .....5..........
`,
  ]);
});

test('none without translation, none of other addresses', () => {
  expect(flush('10.0.0.6', '198.51.100.7', '203.0.113.5', '10.0.0.4')).toBe(0);
  expect(socket.sent).toEqual([]);
});

test('one that ended meanwhile is no error and does not count', () => {
  socket.refuse = (batch) => [
    { sequence: batch.nextSequence - 1, errno: ENOENT, message: 'no such file or directory' },
  ];
  expect(flush('10.0.0.5')).toBe(1);
});

test('any other refusal is an error', () => {
  socket.refuse = () => [
    { sequence: 1, errno: ENOENT, message: 'no such file or directory' },
    { sequence: 2, errno: EPERM, message: 'operation not permitted' },
  ];
  expect(() => flush('10.0.0.5')).toThrow(expect.objectContaining({ code: 'EPERM' }));
});

test('many are ended a few hundred at a time, each part acked by its last', () => {
  socket.dumps.set(GET, [repeated(0, 600)]);
  expect(flush('10.0.0.5')).toBe(600);
  const parts = socket.sent.map((bytes) => messagesIn(bytes));
  expect(parts.map((part) => part.length)).toEqual([200, 200, 200]);
  for (const part of parts) {
    expect(part.map(({ flags }) => flags & ACK)).toEqual([...Array<number>(part.length - 1).fill(0), ACK]);
  }
  const ids = parts.flat().map(({ buffer, end }) => buffer.readUInt32BE(end - 4));
  expect(ids).toEqual(Array.from({ length: 600 }, (_, id) => id));
});
