// Fuzzers of netlink replies: what a kernel answered, changed, cut, split and shuffled. Reading it
// gives whole values or one of the errors that are declared, in bounded work and memory.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { MalformedReply } from '../../src/netlink/attributes.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { decodeTableComment } from '../../src/netlink/nftables/comment.ts';
import { NetlinkError } from '../../src/netlink/socket.ts';
import type { Fuzzer } from './fuzzer.ts';
import { fuzzer } from './fuzzer.ts';
import type { Answer } from './hostile-socket.ts';
import { HostileSocket } from './hostile-socket.ts';
import type { Message } from './message-tree.ts';
import { bytesOf, treesOf } from './message-tree.ts';
import type { Mutation } from './mutation.ts';
import { mutate, mutation, statusMessage } from './mutation.ts';
import type { NetlinkTarget } from './netlink-targets.ts';
import { NETLINK_TARGETS, SEED_FILE } from './netlink-targets.ts';

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const DATAGRAM_BYTES = 32 << 10;
/** A batch takes 64 KiB, and a dump's values are smaller than its bytes. */
const MOST_MEMORY = 8 << 20;

/** The messages that answer a type of request, by its number. */
type Seed = ReadonlyMap<number, Buffer>;

interface Reply {
  readonly mutations: readonly Mutation[];
  /** Which of the types of requests of one reading is answered wrongly. */
  readonly victim: number;
  /** Whether it is answered rightly when asked again. */
  readonly once: boolean;
  readonly transport: Transport;
}

interface Transport {
  /** How many messages go into each datagram, in turn. */
  readonly split: readonly number[];
  /** Bytes that the last datagram is cut to. */
  readonly cut: number | null;
  readonly ended: boolean;
}

/** As the kernel sends a dump. */
const WHOLE: Transport = { split: [], cut: null, ended: true };

const transport = fc.record({
  split: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
  cut: fc.option(fc.nat(600), { freq: 8 }),
  ended: fc.boolean(),
});

const reply: fc.Arbitrary<Reply> = fc.record({
  mutations: fc.array(mutation, { minLength: 1, maxLength: 5 }),
  victim: fc.nat(3),
  once: fc.boolean(),
  transport: fc.oneof({ weight: 3, arbitrary: fc.constant(WHOLE) }, { weight: 1, arbitrary: transport }),
});

function readSeeds(): readonly Seed[] {
  const file: Record<string, Record<string, string>> = JSON.parse(readFileSync(SEED_FILE, 'utf8'));
  return Object.values(file).map(
    (heard) => new Map(Object.entries(heard).map(([type, text]) => [Number(type), Buffer.from(text, 'base64')])),
  );
}

/** Answers as recorded, but for what a Reply changes. */
function answerOf(seed: Seed, wrong?: Reply): Answer {
  const asked: number[] = [];
  return (type, sequence) => {
    const again = asked.includes(type);
    if (!again) asked.push(type);
    const messages: Message[] =
      type === 0 ? [{ ...statusMessage(NLMSG_ERROR, 0, 0), parts: [] }] : treesOf(seed.get(type) ?? Buffer.alloc(0));
    const isVictim = wrong !== undefined && asked.indexOf(type) === wrong.victim && !(wrong.once && again);
    const { split, cut, ended } = isVictim ? wrong.transport : WHOLE;
    if (type !== 0 && ended) messages.push({ ...statusMessage(NLMSG_DONE, 0, 0), parts: [] });
    if (isVictim) for (const one of wrong.mutations) mutate(messages, one);
    const datagrams = pack(
      messages.map((message) => bytesOf(message, sequence)),
      split,
    );
    if (cut !== null) datagrams.push((datagrams.pop() ?? Buffer.alloc(0)).subarray(0, cut));
    return datagrams;
  };
}

function pack(messages: readonly Buffer[], split: readonly number[]): Buffer[] {
  const datagrams: Buffer[] = [];
  let current: Buffer[] = [];
  const flush = () => {
    if (current.length > 0) datagrams.push(Buffer.concat(current));
    current = [];
  };
  for (const message of messages) {
    const bytes = current.reduce((sum, { length }) => sum + length, 0);
    if (bytes + message.length > DATAGRAM_BYTES || current.length === (split[datagrams.length % split.length] ?? 1000))
      flush();
    current.push(message);
  }
  flush();
  return datagrams;
}

/** Runs it and lets pass what is declared; answers whether it went well. */
function isRead(read: () => void): boolean {
  const before = process.memoryUsage().arrayBuffers;
  let good = true;
  try {
    read();
  } catch (error) {
    if (!(error instanceof MalformedReply || error instanceof NetlinkError)) throw error;
    assert.notEqual(error.message, '');
    good = false;
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  assert(grown < MOST_MEMORY, `reading took ${grown} bytes of memory`);
  return good;
}

function targetFuzzer(seeds: readonly Seed[], { name, read }: NetlinkTarget): Fuzzer {
  const input = fc.record({ seed: fc.nat(seeds.length - 1), reply });
  return fuzzer(`netlink: ${name}`, 800, input, ({ seed, reply: wrong }) => {
    isRead(() => read(new HostileSocket(answerOf(seeds[seed] ?? new Map(), wrong))));
  });
}

/** Acks and refusals of a batch. */
function batchFuzzer(transactional: boolean): Fuzzer {
  const input = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    wrong: fc.array(mutation, { maxLength: 8 }),
    transport,
  });
  return fuzzer(`netlink: answers to a ${transactional ? 'transaction' : 'batch'}`, 1500, input, (given) => {
    const socket = new HostileSocket((_, last) => {
      const messages = [{ ...statusMessage(NLMSG_ERROR, 0, 0), sequence: last }];
      for (const one of given.wrong) mutate(messages, one);
      return pack(
        messages.map((message) => bytesOf(message, last)),
        given.transport.split,
      );
    });
    isRead(() => {
      const batch = new MessageBatch(1);
      for (let message = 0; message < given.count; message++) {
        batch.begin(16, 1);
        batch.end();
      }
      for (const { errno, message, sequence } of transactional
        ? socket.exchangeTransaction(batch)
        : socket.exchange(batch)) {
        assert(Number.isInteger(errno) && errno > 0 && errno <= 2 ** 31);
        assert(message.length > 0 && Number.isInteger(sequence));
      }
    });
  });
}

/** Datagrams of any bytes. */
function noiseFuzzer(): Fuzzer {
  const input = fc.record({
    target: fc.constantFrom(...NETLINK_TARGETS),
    datagrams: fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
  });
  return fuzzer('netlink: noise', 500, input, ({ target, datagrams }) => {
    isRead(() => target.read(new HostileSocket(() => datagrams.map((bytes) => Buffer.from(bytes)))));
  });
}

const commentFuzzer = fuzzer('nftables: user data of a table', 2000, fc.uint8Array({ maxLength: 300 }), (bytes) => {
  const comment = decodeTableComment(Buffer.from(bytes));
  assert(comment === undefined || comment.length < 256);
});

export function netlinkFuzzers(): readonly Fuzzer[] {
  const seeds = readSeeds();
  return [
    ...NETLINK_TARGETS.map((target) => targetFuzzer(seeds, target)),
    batchFuzzer(false),
    batchFuzzer(true),
    noiseFuzzer(),
    commentFuzzer,
  ];
}

/** Whether a target reads what was recorded. */
export function readsSeeds(target: NetlinkTarget): boolean {
  return readSeeds().every((seed) => isRead(() => target.read(new HostileSocket(answerOf(seed)))));
}
