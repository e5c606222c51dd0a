// Elements of sets and maps, ten thousands at a time: the fast paths say what the plain ones would.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Count } from '../../../src/host/counters.ts';
import type { Element } from '../../../src/host/plan.ts';
import type { Ipv4Address } from '../../../src/model/address.ts';
import { eachAttribute } from '../../../src/netlink/attributes.ts';
import { MessageBatch } from '../../../src/netlink/message.ts';
import { ElementDump } from '../../../src/netlink/nftables/element-dump.ts';
import { deleteElements, setElements } from '../../../src/netlink/nftables/elements.ts';
import { hexDump } from '../../support/hex.ts';
import { messagesIn, messagesOf, type Answer } from '../scripted-socket.ts';
import { ipv4 } from './example.ts';

const NEWSETELEM = 0x0a0c;
const DELSETELEM = 0x0a0e;

const address = fc.integer({ min: 0, max: 0xffffffff }).map((value) => ipv4(dotted(value)));
const map = fc
  .uniqueArray(fc.tuple(address, address), { selector: ([key]) => key, maxLength: 50 })
  .map((pairs) => new Map(pairs));

function dotted(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

function pairsOf(values: ReadonlyMap<Ipv4Address, Ipv4Address>): Element[] {
  return [...values].map(([key, value]) => ({ key, value }));
}

function counted(count: number): Element[] {
  return Array.from({ length: count }, (_, index) => ({
    key: ipv4(dotted(0xcb000000 + index)),
    value: ipv4(dotted(0x0a000000 + index)),
  }));
}

function dumpOf(answer: Answer): ElementDump {
  const dump = new ElementDump();
  for (const message of messagesOf(answer)) dump.read(message);
  return dump;
}

/** A list of elements written attribute by attribute, each by its own function. */
function list(...elements: ((batch: MessageBatch) => void)[]): Answer {
  return (batch) => {
    batch.begin(NEWSETELEM, 0);
    batch.u32(0);
    const nested = batch.beginNested(3);
    for (const write of elements) {
      const element = batch.beginNested(1);
      write(batch);
      batch.endNested(element);
    }
    batch.endNested(nested);
    batch.end();
  };
}

function data(type: number, value: Ipv4Address): (batch: MessageBatch) => void {
  return (batch) => {
    const nested = batch.beginNested(type);
    batch.attributeBe32(1, value);
    batch.endNested(nested);
  };
}

/** An expression of an element. */
function expression(
  name: string,
  write: (batch: MessageBatch) => void = () => undefined,
): (batch: MessageBatch) => void {
  return (batch) => {
    const nested = batch.beginNested(7);
    batch.attributeString(1, name);
    const parts = batch.beginNested(2);
    write(batch);
    batch.endNested(parts);
    batch.endNested(nested);
  };
}

function counter({ packets, bytes }: Count): (batch: MessageBatch) => void {
  return expression('counter', (batch) => {
    batch.attributeBe64(1, BigInt(bytes)).attributeBe64(2, BigInt(packets));
  });
}

describe('writing', () => {
  test('is the same as attribute by attribute', () => {
    fc.assert(
      fc.property(map, (values) => {
        fc.pre(values.size > 0);
        const fast = new MessageBatch(1);
        setElements(fast, 'floating', pairsOf(values));
        const plain = new MessageBatch(1);
        plain.begin(NEWSETELEM, 0x401);
        plain.u8(2).u8(0).be16(0);
        plain.attributeString(1, 'buoy').attributeString(2, 'floating');
        const nested = plain.beginNested(3);
        for (const [key, value] of values) {
          const element = plain.beginNested(1);
          data(1, key)(plain);
          data(2, value)(plain);
          plain.endNested(element);
        }
        plain.endNested(nested);
        plain.end();
        expect(hexDump(fast.bytes)).toBe(hexDump(plain.bytes));
      }),
    );
  });

  test('no list is longer than its length can say, and none is lost between two', () => {
    const elements = counted(10_000);
    const batch = new MessageBatch(1);
    setElements(batch, 'floating', elements);
    const messages = messagesIn(batch.bytes);
    expect(messages.map(({ type }) => type)).toEqual(Array<number>(5).fill(NEWSETELEM));
    const dump = new ElementDump();
    for (const message of messages) dump.read(message);
    expect(dump.pairs).toEqual(new Map(elements.map(({ key, value }) => [key, value])));
  });

  test('a key that gets another value is deleted first', () => {
    const batch = new MessageBatch(1);
    const [kept, changed] = counted(2);
    expect(kept).toBeDefined();
    expect(changed).toBeDefined();
    if (kept === undefined || changed === undefined) return;
    setElements(batch, 'floating', [kept, { ...changed, before: ipv4('10.9.9.9') }]);
    const [first, second, ...rest] = messagesIn(batch.bytes);
    expect(rest).toEqual([]);
    expect([first?.type, second?.type]).toEqual([DELSETELEM, NEWSETELEM]);
    const deleted = new ElementDump();
    if (first !== undefined) deleted.read(first);
    expect(deleted.keys).toEqual(new Set([changed.key]));
    const added = new ElementDump();
    if (second !== undefined) added.read(second);
    expect(added.pairs).toEqual(new Map([kept, changed].map(({ key, value }) => [key, value])));
  });

  test('deleting names keys, whatever their value', () => {
    const batch = new MessageBatch(1);
    deleteElements(batch, 'floating', counted(3));
    const dump = new ElementDump();
    for (const message of messagesIn(batch.bytes)) dump.read(message);
    expect(dump.keys).toEqual(new Set(counted(3).map(({ key }) => key)));
    expect(dump.pairs.size).toBe(0);
  });

  test('no elements are no message', () => {
    const batch = new MessageBatch(1);
    setElements(batch, 'floating', []);
    deleteElements(batch, 'floating', []);
    expect(batch.count).toBe(0);
  });
});

describe('reading', () => {
  test('elements in any order of attributes and with comments are read as the usual ones are', () => {
    fc.assert(
      fc.property(map, fc.array(fc.nat(3)), (values, forms) => {
        const elements = [...values].map(([key, value], index) => (batch: MessageBatch) => {
          const form = forms[index] ?? 0;
          if (form === 1) batch.attributeBytes(6, Buffer.from([0, 2, 0x68, 0]));
          const parts = [data(1, key), data(2, value)];
          for (const write of form === 2 ? parts.toReversed() : parts) write(batch);
          if (form === 3) batch.attributeBe32(3, 0);
        });
        const dump = dumpOf(list(...elements));
        expect(dump.pairs).toEqual(values);
        expect(dump.intact).toBe(true);
        expect(dump.foreign).toBe(false);
      }),
    );
  });

  test('elements that count are read with what they have counted, in any order of attributes', () => {
    const number = fc.nat(Number.MAX_SAFE_INTEGER);
    const counts = fc.uniqueArray(
      fc.record({ address, count: fc.record({ packets: number, bytes: number }), usual: fc.boolean() }),
      { selector: (one) => one.address },
    );
    fc.assert(
      fc.property(counts, (all) => {
        const elements = all.map((one) => (batch: MessageBatch) => {
          const parts = [data(1, one.address), counter(one.count)];
          for (const write of one.usual ? parts : parts.toReversed()) write(batch);
        });
        const dump = dumpOf(list(...elements));
        expect(dump.counted).toEqual(new Map(all.map((one) => [one.address, one.count])));
        expect([dump.keys.size, dump.intact, dump.foreign]).toEqual([0, true, false]);
      }),
    );
  });

  test.each<[string, (batch: MessageBatch) => void]>([
    ['a catch-all element', (batch) => batch.attributeBe32(3, 2)],
    [
      'an element with a limit',
      (batch) => {
        data(1, ipv4('10.0.0.5'))(batch);
        expression('limit')(batch);
      },
    ],
    [
      'a pair that counts',
      (batch) => {
        data(1, ipv4('10.0.0.5'))(batch);
        data(2, ipv4('10.0.0.6'))(batch);
        counter({ packets: 1, bytes: 84 })(batch);
      },
    ],
    [
      'an element with two counters',
      (batch) => {
        data(1, ipv4('10.0.0.5'))(batch);
        const nested = batch.beginNested(17);
        batch.endNested(nested);
      },
    ],
    [
      'an element that expires',
      (batch) => {
        data(1, ipv4('10.0.0.5'))(batch);
        batch.attributeBe64(4, 1000n);
      },
    ],
  ])('%s is foreign', (_what, write) => {
    expect(dumpOf(list(data(1, ipv4('10.0.0.1')))).foreign).toBe(false);
    expect(dumpOf(list(data(1, ipv4('10.0.0.1')), write)).foreign).toBe(true);
  });

  test('an element that comes twice shows that others were missed', () => {
    const once = (batch: MessageBatch) => setElements(batch, 'floating', counted(3));
    expect(dumpOf(once).intact).toBe(true);
    const again = (batch: MessageBatch) => {
      once(batch);
      setElements(batch, 'floating', counted(1));
    };
    expect(dumpOf(again).intact).toBe(false);
  });

  test('the nested flag may be there or not', () => {
    const batch = new MessageBatch(1);
    setElements(batch, 'floating', counted(2));
    const bytes = Buffer.from(batch.bytes);
    const [message] = messagesIn(bytes);
    if (message !== undefined) {
      eachAttribute(bytes, message.start + 4, message.end, (type, from, to) => {
        if (type === 3)
          for (let offset = from; offset < to; offset += 4) bytes[offset + 3] = (bytes[offset + 3] ?? 0) & 0x7f;
      });
    }
    const dump = new ElementDump();
    for (const each of messagesIn(bytes)) dump.read(each);
    expect(dump.pairs.size).toBe(2);
  });
});
