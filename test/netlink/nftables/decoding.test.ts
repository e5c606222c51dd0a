// What a kernel said, taken apart; and what it never says, refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedReply, type ReceivedMessage } from '../../../src/netlink/attributes.ts';
import { chainOf, decodeChain } from '../../../src/netlink/nftables/chain.ts';
import { ElementDump } from '../../../src/netlink/nftables/element-dump.ts';
import { decodeRule } from '../../../src/netlink/nftables/rule.ts';
import { decodeSet, kindOf } from '../../../src/netlink/nftables/set.ts';
import { messagesIn } from '../scripted-socket.ts';
import { ipv4 } from './example.ts';
import {
  RECORDED_CHAINS,
  RECORDED_COUNTERS,
  RECORDED_KEYS,
  RECORDED_PAIRS,
  RECORDED_RULES,
  RECORDED_SETS,
} from './recorded.ts';

function elementsIn(message: ReceivedMessage): ElementDump {
  const dump = new ElementDump();
  dump.read(message);
  return dump;
}

describe('what nft(8) wrote and the kernel told', () => {
  test('chains', () => {
    const chains = messagesIn(RECORDED_CHAINS).map((message) => decodeChain(message));
    expect(chains.map(({ table, name }) => `${table} ${name}`)).toEqual(['buoy a', 'buoy b', 'buoy c']);
    expect(chains.map((chain) => chainOf(chain, []))).toEqual([
      { type: 'filter', hook: 'prerouting', priority: -150, rules: [] },
      { type: 'nat', hook: 'prerouting', priority: -100, rules: [] },
      { type: 'filter', hook: 'prerouting', priority: -300, rules: [] },
    ]);
  });

  test('sets', () => {
    const sets = messagesIn(RECORDED_SETS).map((message) => decodeSet(message));
    expect(sets.map((set) => [set.name, kindOf(set)])).toEqual([
      ['marked', 'set'],
      ['floating', 'map'],
    ]);
  });

  test('elements', () => {
    const [keys] = messagesIn(RECORDED_KEYS).map(elementsIn);
    const [pairs] = messagesIn(RECORDED_PAIRS).map(elementsIn);
    expect(keys?.keys).toEqual(new Set([ipv4('10.0.0.5')]));
    const [counters] = messagesIn(RECORDED_COUNTERS).map(elementsIn);
    expect(counters?.counted).toEqual(new Map([[ipv4('203.0.113.5'), { packets: 3, bytes: 4294967380 }]]));
    expect(pairs?.pairs).toEqual(new Map([[ipv4('203.0.113.5'), ipv4('10.0.0.5')]]));
  });

  test('rules', () => {
    expect(messagesIn(RECORDED_RULES).map((message) => decodeRule(message))).toEqual([
      {
        chain: 'a',
        statements: [
          { kind: 'source-in-set', set: 'marked' },
          { kind: 'set-mark-bits', bits: 0x10 },
        ],
      },
      {
        chain: 'b',
        statements: [
          { kind: 'interface', direction: 'in', name: 'rfp-11111111-11' },
          { kind: 'destination-nat', map: 'floating' },
        ],
      },
      { chain: 'c', statements: [{ kind: 'notrack' }] },
      { chain: 'c', statements: [{ kind: 'unknown', text: 'counter log' }] },
    ]);
  });
});

describe.each([
  ['chains', RECORDED_CHAINS, decodeChain],
  ['sets', RECORDED_SETS, decodeSet],
  ['elements of sets', RECORDED_KEYS, elementsIn],
  ['elements of maps', RECORDED_PAIRS, elementsIn],
  ['elements that count', RECORDED_COUNTERS, elementsIn],
  ['rules', RECORDED_RULES, decodeRule],
])('malformed %s', (_what, recorded: Buffer, decode: (message: ReceivedMessage) => unknown) => {
  /** What it decodes to, or "malformed"; any other error fails the test. */
  function decoded(message: ReceivedMessage): unknown {
    try {
      return decode(message);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedReply);
      return 'malformed';
    }
  }

  test('whatever bytes are changed, they are read or refused', () => {
    const changes = fc.array(fc.tuple(fc.nat(recorded.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (changed) => {
        for (const message of messagesIn(recorded)) {
          const buffer = Buffer.from(recorded);
          for (const [offset, byte] of changed) buffer[offset] = byte;
          decoded({ ...message, buffer });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('wherever the message is cut, nothing beyond is read', () => {
    for (const message of messagesIn(recorded)) {
      for (let { end } = message; end >= message.start; end--) {
        const beyond = Buffer.from(recorded).fill(0xff, end);
        const ofZeros = Buffer.from(recorded).fill(0, end);
        expect(decoded({ ...message, buffer: beyond, end })).toEqual(decoded({ ...message, buffer: ofZeros, end }));
      }
    }
  });

  test('a message without attributes is refused, unless it lists none', () => {
    const [message] = messagesIn(recorded);
    expect(message).toBeDefined();
    if (message === undefined) return;
    const empty = decode === elementsIn ? new ElementDump() : 'malformed';
    expect(decoded({ ...message, end: message.start + 4 })).toEqual(empty);
    expect(decoded({ ...message, end: message.start + 3 })).toBe('malformed');
  });
});
