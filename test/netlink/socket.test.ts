// How a NetlinkSocket takes what a kernel may answer. The kernel here is the other end of a pair of
// sockets: it says what the test has it say.

import koffi from 'koffi';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MalformedReply } from '../../src/netlink/attributes.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { NetlinkError, NetlinkSocket } from '../../src/netlink/socket.ts';
import { Descriptor } from '../../src/sys/descriptor.ts';
import { call } from '../../src/sys/libc.ts';

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const DUMP_INTERRUPTED = 0x10;
const CAPPED_WITH_TLVS = 0x300;
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;

const socketpair = koffi.load('libc.so.6').func('int socketpair(int domain, int type, int protocol, _Out_ int *pair)');

let socket: NetlinkSocket;
let kernel: Descriptor;

beforeEach(() => {
  const pair = [0, 0];
  expect(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)).toBe(0);
  socket = new NetlinkSocket(new Descriptor(pair[0] ?? -1));
  kernel = new Descriptor(pair[1] ?? -1);
});

afterEach(() => {
  socket[Symbol.dispose]();
  kernel[Symbol.dispose]();
});

function message(type: number, flags: number, sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + payload.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, payload, Buffer.alloc(-payload.length & 3)]);
}

function errno(value: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeInt32LE(-value);
  return bytes;
}

/** What the kernel will answer, each part for one recv. */
function answer(...parts: Buffer[]): void {
  for (const part of parts) call('send', kernel.number, part, part.length, 0);
}

function batchOf(count: number, firstSequence = 1): MessageBatch {
  const batch = new MessageBatch(firstSequence);
  for (let index = 0; index < count; index++) {
    batch.begin(16, 5);
    batch.end();
  }
  return batch;
}

function dump(): number[] {
  let values: number[] = [];
  socket.dump(
    18,
    (batch) => batch.u32(0),
    ({ buffer, start }) => values.push(buffer.readUInt32LE(start)),
    () => (values = []),
  );
  return values;
}

const part = (sequence: number, value: number, flags = 2) =>
  message(16, flags, sequence, Buffer.from([value, 0, 0, 0]));
const done = (sequence: number, flags = 2) => message(NLMSG_DONE, flags, sequence, Buffer.alloc(4));

test('a batch is done when its last message is acked', () => {
  answer(message(NLMSG_ERROR, 0, 1, errno(0)), message(NLMSG_ERROR, 0, 2, errno(0)));
  expect(socket.exchange(batchOf(2))).toEqual([]);
});

test('a refusal has the extended ack’s words, or the errno’s', () => {
  const words = Buffer.from('\u0018\u0000\u0001\u0000Nexthop has invalid\u0000', 'latin1');
  answer(
    message(NLMSG_ERROR, CAPPED_WITH_TLVS, 1, Buffer.concat([errno(113), words])),
    message(NLMSG_ERROR, 0, 2, errno(17)),
    message(NLMSG_ERROR, 0, 3, errno(0)),
  );
  expect(socket.exchange(batchOf(3))).toEqual([
    { sequence: 1, errno: 113, message: 'Nexthop has invalid' },
    { sequence: 2, errno: 17, message: 'file already exists' },
  ]);
});

test('a batch whose end the kernel does not answer is malformed, not done', () => {
  answer(message(NLMSG_ERROR, 0, 1, errno(0)));
  expect(() => socket.exchange(batchOf(2))).toThrow(MalformedReply);
});

test('an interrupted dump is read again and forgotten', () => {
  answer(part(1, 10, 2 | DUMP_INTERRUPTED), done(1), part(2, 20), part(2, 21), done(2));
  expect(dump()).toEqual([20, 21]);
});

test('a dump that never rests is given up', () => {
  for (let sequence = 1; sequence <= 16; sequence++) answer(done(sequence, 2 | DUMP_INTERRUPTED));
  expect(dump).toThrow(NetlinkError);
});

test('messages of another exchange are passed over', () => {
  answer(part(99, 1), part(1, 2), done(1));
  expect(dump()).toEqual([2]);
});

test('what an exchange left unread that ended in an exception is no answer to the next', () => {
  answer(part(1, 1), message(NLMSG_ERROR, 0, 1, errno(17)));
  const visit = (): never => {
    throw new Error('the reader gave up');
  };
  expect(() => socket.dump(18, (batch) => batch.u32(0), visit)).toThrow('the reader gave up');
  expect(() => socket.exchange(batchOf(1))).toThrow(MalformedReply);
});

test('a dump that ends in an error is an error', () => {
  answer(message(NLMSG_ERROR, 0, 1, errno(1)));
  expect(dump).toThrow(expect.objectContaining({ errno: 1, code: 'EPERM' }));
});

test('an error at the end of a dump is an error', () => {
  const failed = Buffer.alloc(4);
  failed.writeInt32LE(-105);
  answer(message(NLMSG_DONE, 2, 1, failed));
  expect(dump).toThrow(expect.objectContaining({ code: 'ENOBUFS' }));
});

test('a dump without an end is malformed', () => {
  answer(part(1, 1));
  expect(dump).toThrow(MalformedReply);
});

test('a reply longer than the buffer is malformed, not cut', () => {
  answer(message(16, 2, 1, Buffer.alloc(80_000)));
  expect(dump).toThrow(MalformedReply);
});

test.each([
  ['shorter than a header', Buffer.from([1, 2, 3])],
  ['longer than its bytes', Buffer.from('ff000000100002000100000000000000', 'hex')],
  ['of impossible length', Buffer.from('03000000100002000100000000000000', 'hex')],
  ['an error without errno', message(NLMSG_ERROR, 0, 1, Buffer.alloc(0))],
])('a reply %s is malformed', (_what, bytes) => {
  answer(bytes);
  expect(dump).toThrow(MalformedReply);
});
