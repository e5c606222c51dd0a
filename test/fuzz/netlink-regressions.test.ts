// Replies that were once taken wrongly. Each is named for what happened.

import { expect, test } from 'vitest';
import { MalformedReply } from '../../src/netlink/attributes.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { readRuleset } from '../../src/netlink/nftables/index.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRules } from '../../src/netlink/route/index.ts';
import type { NetlinkSocket } from '../../src/netlink/socket.ts';
import { HostileSocket } from './hostile-socket.ts';
import type { Message, Part } from './message-tree.ts';
import { bytesOf } from './message-tree.ts';
import { statusMessage } from './mutation.ts';

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const ACK_TLVS = 0x200;
const CAPPED = 0x100;
const GETCHAIN = 0x0a04;
const GETSET = 0x0a0a;
const GETSETELEM = 0x0a0d;

const DONE: Message = { ...statusMessage(NLMSG_DONE, 0, 0), parts: [] };

/** A socket that answers a dump with these messages, and its end. */
function answering(...messages: Message[]): NetlinkSocket {
  return new HostileSocket((_, sequence) => [...messages, DONE].map((message) => bytesOf(message, sequence)));
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const text = (type: number, value: string): Part => ({ type, content: Buffer.from(`${value}\0`) });
const message = (type: number, fixed: Buffer, ...parts: Part[]): Message => ({ type, flags: 2, fixed, parts });

/** `struct ifinfomsg` with an index. */
function linkHeader(index: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(index, 4);
  return bytes;
}

const routesOf = (socket: NetlinkSocket) => () =>
  readRoutes(
    socket,
    () => undefined,
    () => undefined,
  );

test.each([0x80000000, 0x80000003, 0xffffffff, 0xfffffff0, 0, 15, 1000])(
  'a refusal that names a request of %i bytes read before the buffer, or threw RangeError',
  (bytes) => {
    const refusal = statusMessage(NLMSG_ERROR, ACK_TLVS, 1);
    refusal.fixed.writeUInt32LE(bytes, 4);
    expect(() => readLinks(answering(refusal))).toThrow(MalformedReply);
  },
);

test('a positive number in an error was taken for an ack', () => {
  const refusal = statusMessage(NLMSG_ERROR, CAPPED, 0);
  refusal.fixed.writeInt32LE(1);
  const socket = new HostileSocket((_, sequence) => [bytesOf(refusal, sequence)]);
  const batch = new MessageBatch(1);
  batch.begin(16, 1);
  batch.end();
  expect(() => socket.exchange(batch)).toThrow(MalformedReply);
});

test('a refusal with empty words had no message', () => {
  const refusal: Message = { ...statusMessage(NLMSG_ERROR, ACK_TLVS | CAPPED, 1), parts: [text(1, '')] };
  expect(() => readLinks(answering(refusal))).toThrow('operation not permitted');
});

test('messages of another kind were read as what was asked for', () => {
  expect(() => readLinks(answering(message(20, linkHeader(7), text(3, 'eth0'))))).toThrow(MalformedReply);
});

test('a device without a name or an index was a device', () => {
  expect(() => readLinks(answering(message(16, linkHeader(7))))).toThrow(MalformedReply);
  expect(() => readLinks(answering(message(16, linkHeader(0), text(3, 'eth0'))))).toThrow(MalformedReply);
});

test.each(['', '..', '../../etc', 'sixteen-letters-', 'a/b'])('a device had the name %j', (name) => {
  expect(() => readLinks(answering(message(16, linkHeader(7), text(3, name))))).toThrow(MalformedReply);
  const rule = Buffer.from([2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0]);
  expect(() => readRules(answering(message(32, rule, text(3, name))))).toThrow(MalformedReply);
});

test('the first half of a longer number was the number', () => {
  const long = message(16, linkHeader(7), text(3, 'eth0'), { type: 4, content: Buffer.alloc(8, 1) });
  expect(() => readLinks(answering(long))).toThrow(MalformedReply);
});

test('an address was of another family than its message, or its prefix longer than it', () => {
  const address = (family: number, length: number, bytes: number) =>
    message(20, Buffer.from([family, length, 0, 0, 1, 0, 0, 0]), { type: 2, content: Buffer.alloc(bytes, 1) });
  expect(readAddresses(answering(address(2, 32, 4)))).toHaveLength(1);
  for (const wrong of [
    address(2, 33, 4),
    address(2, 24, 16),
    address(10, 24, 4),
    address(10, 129, 16),
    address(10, 64, 20),
  ])
    expect(() => readAddresses(answering(wrong))).toThrow(MalformedReply);
  const neighbour = message(28, Buffer.from([2, 0, 0, 0, 1, 0, 0, 0, 0x80, 0, 0, 0]), {
    type: 1,
    content: Buffer.alloc(16),
  });
  expect(() => readNeighbours(answering(neighbour))).toThrow(MalformedReply);
});

test('a route or rule had a prefix that says something else than its address', () => {
  const route = (length: number, ...parts: Part[]) =>
    message(24, Buffer.from([2, length, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0]), ...parts);
  const to: Part = { type: 1, content: word(0x0a000001) };
  expect(routesOf(answering(route(32, to)))).not.toThrow();
  for (const wrong of [route(24, to), route(33, to), route(24)])
    expect(routesOf(answering(wrong))).toThrow(MalformedReply);
  const rule = (length: number, ...parts: Part[]) =>
    message(32, Buffer.from([2, 0, length, 0, 254, 0, 0, 1, 0, 0, 0, 0]), ...parts);
  const from: Part = { type: 2, content: word(0x0a000001) };
  // Of rules, the kernel keeps the bits after the prefix.
  expect(readRules(answering(rule(24, from))).own).toHaveLength(1);
  for (const wrong of [rule(33, from), rule(24)]) expect(() => readRules(answering(wrong))).toThrow(MalformedReply);
});

test('a key without a value was left out of a map without a word', () => {
  const family = Buffer.from([2, 0, 0, 1]);
  const numbers = [8, 7, 4, 7, 4].map((value, index): Part => ({ type: 3 + index, content: word(value) }));
  const answers = new Map([
    [GETSET, message(0x0a09, family, text(2, 'floating'), ...numbers)],
    [
      GETSETELEM,
      message(0x0a0c, family, {
        type: 3,
        content: [{ type: 1, content: [{ type: 1, content: [{ type: 1, content: word(0x0a000001) }] }] }],
      }),
    ],
    [GETCHAIN, DONE],
  ]);
  const socket = new HostileSocket((type, sequence) =>
    [answers.get(type), DONE].filter((each) => each !== undefined).map((each) => bytesOf(each, sequence)),
  );
  const { sets } = readRuleset(socket, { comment: '', flags: 0 });
  expect([...sets.keys()]).toEqual(['floating (elements of another kind)']);
});
