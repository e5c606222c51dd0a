// What a hostile or broken sender may do to netlink messages.

import fc from 'fast-check';
import type { Message, Part } from './message-tree.ts';

/** One change; `at` chooses what is changed among as many as there are. */
export interface Mutation {
  readonly kind: keyof typeof MUTATIONS;
  readonly at: number;
  readonly value: number;
}

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const DUMP_INTERRUPTED = 0x10;
const ACK_TLVS = 0x200;
const CAPPED = 0x100;
const DEEP = 1000;

const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 32, 33, 127, 128, 129, 255, 256, 0x7fff, 0x8000, 0xfffc, 0xffff];
const INTERESTING_WORDS = [0x7fffffff, 0x80000000, 0x80000003, 0xfffffffc, 0xffffffff, 0x10000, 0xfffffff0];

export function mutate(messages: Message[], { kind, at, value }: Mutation): void {
  MUTATIONS[kind](messages, at, value);
}

type Change = (messages: Message[], at: number, value: number) => void;
interface Found {
  readonly part: Part;
  readonly siblings: Part[];
  readonly index: number;
}

/** Changes of attributes, then of messages. */
const MUTATIONS = {
  partLength: onPart(({ part }, value) => (part.claimed = value)),
  partType: onPart(({ part }, value) => (part.type = value & 0xffff)),
  partNeighbourType: onPart(({ part }, value) => (part.type = (part.type & 0xc000) | (value % 24))),
  partFlag: onPart(({ part }, value) => (part.type ^= value % 2 === 0 ? 0x8000 : 0x4000)),
  partContent: onPart(({ part }, value) => (part.content = wordOf(value))),
  partNoise: onPart(({ part }, value) => (part.content = noise(value % 64, value))),
  partCut: onPart(({ part }, value) => resize(part, (length) => value % (length + 1))),
  partGrown: onPart(({ part }, value) => resize(part, (length) => length + 1 + (value % 300))),
  partHuge: onPart(({ part }) => resize(part, () => 0xffff - 4)),
  partBit: onPart(({ part }, value) => flip(part.content, value)),
  partDuplicated: onPart(({ part, siblings, index }) => siblings.splice(index, 0, part)),
  partRemoved: onPart(({ siblings, index }) => siblings.splice(index, 1)),
  partSwapped: onPart(({ siblings, index }) =>
    siblings.splice(index, 2, ...siblings.slice(index, index + 2).reverse()),
  ),
  partBuried: onPart(({ part }, value) => bury(part, Math.min(DEEP, 1 + value))),
  partInsideItself: onPart(({ part }) => (part.content = [{ ...part }])),
  partSlash: onPart(({ part }) => (part.content = Buffer.from('../../x\0'))),
  messageLength: onMessage((message, value) => (message.claimed = value)),
  messageType: onMessage((message, value) => (message.type = value & 0xffff)),
  messageFlags: onMessage((message, value) => (message.flags ^= value & 0xffff)),
  messageInterrupted: onMessage((message) => (message.flags |= DUMP_INTERRUPTED)),
  messageSequence: onMessage((message, value) => (message.sequence = value)),
  messageFixedBit: onMessage((message, value) => flip(message.fixed, value)),
  messageFixedCut: onMessage((message, value) => (message.fixed = message.fixed.subarray(0, value % 20))),
  messageEmptied: onMessage((message) => (message.parts = [])),
  messageRemoved: (messages, at) => void messages.splice(at % Math.max(1, messages.length), 1),
  messageDuplicated: onMessage((message, _value, messages, at) => messages.splice(at, 0, message)),
  messageSwapped: onMessage((_message, _value, messages, at) =>
    messages.splice(at, 2, ...messages.slice(at, at + 2).reverse()),
  ),
  refusal: (messages, at, value) =>
    void messages.splice(at % (messages.length + 1), 0, statusMessage(NLMSG_ERROR, ACK_TLVS, value)),
  cappedRefusal: (messages, at, value) =>
    void messages.splice(at % (messages.length + 1), 0, statusMessage(NLMSG_ERROR, ACK_TLVS | CAPPED, value)),
  end: (messages, at, value) =>
    void messages.splice(at % (messages.length + 1), 0, statusMessage(NLMSG_DONE, ACK_TLVS, value)),
} satisfies Record<string, Change>;

function kinds(): Mutation['kind'][] {
  return Object.keys(MUTATIONS).filter((kind): kind is Mutation['kind'] => kind in MUTATIONS);
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...kinds()),
  at: fc.nat(4000),
  value: fc.oneof(fc.constantFrom(...INTERESTING), fc.constantFrom(...INTERESTING_WORDS), fc.nat(0xffff)),
});

/** An ack or a refusal: an errno, the length of the request that it answers, and the kernel's words. */
export function statusMessage(type: number, flags: number, value: number): Message {
  const fixed = Buffer.alloc(type === NLMSG_DONE ? 4 : 20);
  // Negative ones are errors; half of the values are acks or no errno at all.
  fixed.writeInt32LE(value > 0xffff ? value | 0 : -(value % 134));
  if (fixed.length > 4) fixed.writeUInt32LE(value > 0xffff ? value : 16, 4);
  return { type, flags, fixed, parts: [{ type: 1, content: Buffer.from('the kernel’s own words\0') }] };
}

function onMessage(change: (message: Message, value: number, messages: Message[], at: number) => void): Change {
  return (messages, at, value) => {
    const message = messages[at % messages.length];
    if (message !== undefined) change(message, value, messages, at % messages.length);
  };
}

function onPart(change: (found: Found, value: number) => void): Change {
  return (messages, at, value) => {
    const all = messages.flatMap(({ parts }) => allParts(parts));
    const found = all[at % all.length];
    if (found !== undefined) change(found, value);
  };
}

/** With parts of parts, but of those that were buried only the uppermost. */
function allParts(siblings: Part[], depth = 0): Found[] {
  if (depth > 8) return [];
  return siblings.flatMap((part, index) => [
    { part, siblings, index },
    ...(Buffer.isBuffer(part.content) ? [] : allParts(part.content, depth + 1)),
  ]);
}

function resize(part: Part, length: (before: number) => number): void {
  const before = Buffer.isBuffer(part.content) ? part.content : noise(16, 0x0101);
  const after = Buffer.alloc(length(before.length), 0x61);
  before.copy(after);
  part.content = after;
}

function bury(part: Part, depth: number): void {
  // As bytes, since what is nested a thousand deep is dear to walk: the outer ones claim what is in them.
  const inner = Buffer.isBuffer(part.content) ? part.content : Buffer.alloc(4);
  const bytes = Buffer.alloc(4 * depth + inner.length);
  for (let level = 0; level < depth; level++) {
    bytes.writeUInt16LE((bytes.length - 4 * level) & 0xffff, 4 * level);
    bytes.writeUInt16LE(part.type | 0x8000, 4 * level + 2);
  }
  inner.copy(bytes, 4 * depth);
  part.content = bytes;
}

function flip(content: Buffer | Part[], value: number): void {
  if (!Buffer.isBuffer(content) || content.length === 0) return;
  const bit = value % (8 * content.length);
  content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return value % 2 === 0 ? bytes : bytes.swap32();
}

/** Bytes that look random and are the same for the same number. */
function noise(length: number, value: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => Math.imul(value + index, 0x9e3779b1) >>> 24));
}
