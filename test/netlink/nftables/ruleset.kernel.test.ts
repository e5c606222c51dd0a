// A kernel between two that must agree: Buoy and nft(8) each read what the other wrote.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Chain, Ruleset, Statement } from '../../../src/host/ruleset.ts';
import type { MessageBatch } from '../../../src/netlink/message.ts';
import {
  addSet,
  addTable,
  defineChain,
  deleteElements,
  deleteTable,
  OWN_TABLE,
  readCounters,
  readRuleset,
  readTables,
  setElements,
} from '../../../src/netlink/nftables/index.ts';
import { NETLINK, NetlinkSocket } from '../../../src/netlink/socket.ts';
import { enterFreshNamespace, nft, nftList } from '../../support/fresh-namespace.ts';
import { must } from '../../support/must.ts';
import { EXAMPLE, EXAMPLE_LISTING, ipv4, linkName } from './example.ts';
import { transaction, writeRuleset } from './write.ts';

const EEXIST = 17;
const ENOENT = 2;

let socket: NetlinkSocket;

beforeEach(() => {
  enterFreshNamespace();
  socket = NetlinkSocket.open(NETLINK.NETFILTER);
});

afterEach(() => socket[Symbol.dispose]());

/** The errnos that a transaction of these messages is refused with. */
function commit(write: (batch: MessageBatch) => void): number[] {
  return socket.exchangeTransaction(transaction(write)).map((refusal) => refusal.errno);
}

function read(): Ruleset {
  return readRuleset(socket, must(readTables(socket).own));
}

function numbered(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    key: ipv4(`203.0.${(from + index) >>> 8}.${(from + index) & 255}`),
    value: ipv4(`10.0.${(from + index) >>> 8}.${(from + index) & 255}`),
  }));
}

describe('a router’s ruleset', () => {
  test('written by Buoy is listed by nft(8)', () => {
    expect(commit((batch) => writeRuleset(batch, 'host1', EXAMPLE))).toEqual([]);
    expect(nftList()).toBe(EXAMPLE_LISTING);
  });

  test('written by Buoy is read as it was written', () => {
    expect(commit((batch) => writeRuleset(batch, 'host1', EXAMPLE))).toEqual([]);
    expect(readTables(socket)).toEqual({ own: { comment: 'host1', flags: 0 }, others: new Set() });
    expect(read()).toEqual(EXAMPLE);
  });

  test('written by nft(8) is read by Buoy', () => {
    nft(EXAMPLE_LISTING);
    expect(readTables(socket).own?.comment).toBe('host1');
    expect(read()).toEqual(EXAMPLE);
  });

  test('sets the mark as `meta mark & 0xffffffef | 0x10` does', () => {
    nft(EXAMPLE_LISTING.replace('meta mark | 0x00000010', 'meta mark & 0xffffffef | 0x10'));
    expect(read()).toEqual(EXAMPLE);
  });

  test('whatever it is, comes back as it was written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/);
    const address = fc
      .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
      .map((octets) => ipv4(octets.join('.')));
    const statement = (map: string, hook: Chain['hook']) =>
      fc.oneof<fc.Arbitrary<Statement>[]>(
        fc.record({
          kind: fc.constant('interface'),
          direction: fc.constant(hook === 'prerouting' ? 'in' : 'out'),
          name: fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/).map(linkName),
        }),
        fc.record({
          kind: fc.constantFrom('source-in-set', 'destination-in-set'),
          set: fc.constantFrom('some', 'counting'),
        }),
        fc.record({ kind: fc.constant('set-mark-bits'), bits: fc.integer({ min: 0, max: 0xffffffff }) }),
        hook === 'prerouting'
          ? fc.record({ kind: fc.constant('destination-nat'), map: fc.constant(map) })
          : fc.record({ kind: fc.constant('source-nat'), map: fc.constant(map) }),
      );
    const chain = fc.constantFrom<Chain['hook']>('prerouting', 'postrouting').chain((hook) =>
      fc.record({
        type: fc.constant<'nat'>('nat'),
        hook: fc.constant(hook),
        priority: fc.integer({ min: -190, max: 2 ** 31 - 1 }),
        rules: fc.array(fc.array(statement('other', hook), { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
      }),
    );
    const set = fc.array(address).map((keys) => ({ kind: 'set' as const, elements: new Set(keys) }));
    const counters = fc.array(address).map((keys) => ({ kind: 'counters' as const, elements: new Set(keys) }));
    const map = fc
      .array(fc.tuple(address, address))
      .map((pairs) => ({ kind: 'map' as const, elements: new Map(pairs) }));
    const ruleset = fc.record({
      chains: fc.uniqueArray(fc.tuple(name, chain), { selector: ([key]) => key, maxLength: 4 }),
      set,
      counters,
      map,
    });
    fc.assert(
      fc.property(ruleset, ({ chains, set: some, counters: counting, map: other }) => {
        const wanted: Ruleset = {
          chains: new Map(chains),
          sets: new Map<string, typeof some | typeof counting | typeof other>([
            ['some', some],
            ['counting', counting],
            ['other', other],
          ]),
        };
        const errnos = commit((batch) => {
          if (readTables(socket).own !== undefined) deleteTable(batch, OWN_TABLE);
          writeRuleset(batch, 'host1', wanted);
        });
        expect(errnos).toEqual([]);
        expect(read()).toEqual(wanted);
      }),
    );
  });
});

describe('the table', () => {
  test('is never taken over', () => {
    nft('table ip buoy { comment "host2"; }');
    expect(commit((batch) => addTable(batch, 'host1'))).toEqual([EEXIST]);
    expect(readTables(socket).own?.comment).toBe('host2');
  });

  test('has no comment when nobody gave it one', () => {
    nft('table ip buoy { }');
    expect(readTables(socket).own).toEqual({ comment: undefined, flags: 0 });
  });

  test('is replaced with all that is in it, in one transaction', () => {
    expect(commit((batch) => writeRuleset(batch, 'host1', EXAMPLE))).toEqual([]);
    const replaced = commit((batch) => {
      deleteTable(batch, OWN_TABLE);
      addTable(batch, 'host1');
      addSet(batch, 'marked', 'map');
    });
    expect(replaced).toEqual([]);
    expect(read()).toEqual({ chains: new Map(), sets: new Map([['marked', { kind: 'map', elements: new Map() }]]) });
  });

  test('stands beside others, which are deleted by family and name', () => {
    nft('table inet buoy {}; table ip6 buoy {}; table ip nat {}; table arp a {}; table netdev n {}; table ip buoy {}');
    const others = ['inet buoy', 'ip6 buoy', 'ip nat', 'arp a', 'netdev n'];
    expect(readTables(socket).others).toEqual(new Set(others));
    expect(commit((batch) => others.forEach((table) => deleteTable(batch, table)))).toEqual([]);
    expect(nftList()).toBe('table ip buoy {\n}\n');
  });
});

describe('chains', () => {
  test('are replaced with their rules by being defined again', () => {
    const chain = must(EXAMPLE.chains.get('prerouting-raw'));
    expect(commit((batch) => writeRuleset(batch, 'host1', EXAMPLE))).toEqual([]);
    expect(commit((batch) => defineChain(batch, 'prerouting-raw', chain))).toEqual([]);
    expect(read()).toEqual(EXAMPLE);
    expect(commit((batch) => defineChain(batch, 'prerouting-raw', { ...chain, rules: [] }))).toEqual([]);
    expect(read().chains.get('prerouting-raw')).toEqual({ ...chain, rules: [] });
  });

  test('do not move to another hook', () => {
    const chain = must(EXAMPLE.chains.get('postrouting-nat'));
    expect(commit((batch) => writeRuleset(batch, 'host1', EXAMPLE))).toEqual([]);
    expect(commit((batch) => defineChain(batch, 'prerouting-nat', { ...chain, rules: [] }))).not.toEqual([]);
    expect(read()).toEqual(EXAMPLE);
  });
});

describe('elements', () => {
  beforeEach(() => {
    const errnos = commit((batch) => {
      addTable(batch, 'host1');
      addSet(batch, 'floating', 'map');
      setElements(batch, 'floating', numbered(3));
    });
    expect(errnos).toEqual([]);
  });

  const elements = () => read().sets.get('floating')?.elements;
  const pairs = (list: ReturnType<typeof numbered>) => new Map(list.map(({ key, value }) => [key, value]));

  test('may be added again', () => {
    expect(commit((batch) => setElements(batch, 'floating', numbered(4)))).toEqual([]);
    expect(elements()).toEqual(pairs(numbered(4)));
  });

  test('get another value when the one before is named, and only then', () => {
    const [first, ...rest] = numbered(3);
    const moved = { ...must(first), value: ipv4('10.9.9.9') };
    expect(commit((batch) => setElements(batch, 'floating', [moved]))).toEqual([EEXIST]);
    expect(elements()).toEqual(pairs(numbered(3)));
    expect(commit((batch) => setElements(batch, 'floating', [{ ...moved, before: must(first).value }]))).toEqual([]);
    expect(elements()).toEqual(pairs([moved, ...rest]));
  });

  test('of a set that counts keep their counts when they are added again, and lose them when they go', () => {
    nft(`table ip buoy {
      set s {
        type ipv4_addr
        counter
        elements = { 203.0.0.0 counter packets 3 bytes 9007199254740991, 203.0.0.1 counter packets 1 bytes 84 }
      }
    }`);
    const [kept, anew] = numbered(3).map(({ key }) => ({ key, value: undefined }));
    const all = numbered(3).map(({ key }) => ({ key, value: undefined }));
    expect(commit((batch) => deleteElements(batch, 's', [must(anew)]))).toEqual([]);
    expect(commit((batch) => setElements(batch, 's', all))).toEqual([]);
    expect(readCounters(socket, 's')).toEqual(
      new Map([
        [must(kept).key, { packets: 3, bytes: 9007199254740991 }],
        ...all.slice(1).map(({ key }) => [key, { packets: 0, bytes: 0 }] as const),
      ]),
    );
    expect(read().sets.get('s')).toEqual({ kind: 'counters', elements: new Set(all.map(({ key }) => key)) });
  });

  test('of a set that does not count, or is not there, have counted nothing', () => {
    nft('table ip buoy {\nset plain { type ipv4_addr; elements = { 10.0.0.1 }; }\n}');
    expect(readCounters(socket, 'plain')).toEqual(new Map());
    expect(readCounters(socket, 'nowhere')).toEqual(new Map());
  });

  test('are deleted together, or none of them', () => {
    expect(commit((batch) => deleteElements(batch, 'floating', numbered(4)))).toEqual([ENOENT]);
    expect(elements()).toEqual(pairs(numbered(3)));
    expect(commit((batch) => deleteElements(batch, 'floating', numbered(2)))).toEqual([]);
    expect(elements()).toEqual(pairs(numbered(1, 2)));
  });

  test('no message of a refused transaction has an effect, though the kernel tries the others', () => {
    const errnos = commit((batch) => {
      setElements(batch, 'floating', numbered(9));
      setElements(batch, 'nowhere', numbered(1));
      addTable(batch, 'host1');
      addSet(batch, 'fixed', 'map');
    });
    expect(errnos).toEqual([ENOENT, EEXIST]);
    expect(read()).toEqual({
      chains: new Map(),
      sets: new Map([['floating', { kind: 'map', elements: pairs(numbered(3)) }]]),
    });
  });

  test('ten thousand of them are all read at once, though the kernel reorders them just then', () => {
    for (let round = 0; round < 8; round++) {
      const errnos = commit((batch) => {
        deleteTable(batch, OWN_TABLE);
        addTable(batch, 'host1');
        addSet(batch, 'floating', 'map');
      });
      expect(errnos).toEqual([]);
      const all = numbered(10_000);
      for (let start = 0; start < all.length; start += 2500) {
        expect(commit((batch) => setElements(batch, 'floating', all.slice(start, start + 2500)))).toEqual([]);
      }
      for (let times = 0; times < 4; times++) expect(elements()).toEqual(pairs(all));
      expect(commit((batch) => deleteElements(batch, 'floating', all.slice(1)))).toEqual([]);
      expect(elements()).toEqual(pairs(all.slice(0, 1)));
    }
  });
});

describe('what Buoy never makes', () => {
  const chainsOf = (body: string) => {
    nft(`table ip buoy {\n${body}\n}`);
    return read().chains;
  };

  test.each([
    ['chain a { }', 'a (not a base chain)'],
    ['chain a { type filter hook output priority 0; }', 'a (hook output)'],
    ['chain a { type route hook output priority 0; }', 'a (type route)'],
    ['chain a { type filter hook prerouting priority 0; policy drop; }', 'a (policy drop)'],
    ['flags dormant; chain a { type filter hook prerouting priority 0; }', 'a (in a table with flags 1)'],
  ])('%s', (body, name) => {
    expect([...chainsOf(body).keys()]).toEqual([name]);
  });

  test('rules of it are listed by the kernel’s words', () => {
    const chains = chainsOf(`chain a {
      type filter hook prerouting priority 0;
      counter packets 0 bytes 0 log
      iifname "rfp-*" notrack
      iifname != "eth0" notrack
      ip saddr 10.0.0.1 accept
      notrack comment "with a comment"
    }`);
    expect(chains.get('a')?.rules).toEqual([
      [{ kind: 'unknown', text: 'counter log' }],
      [{ kind: 'unknown', text: 'meta cmp' }, { kind: 'notrack' }],
      [{ kind: 'unknown', text: 'meta cmp' }, { kind: 'notrack' }],
      [{ kind: 'unknown', text: 'payload cmp immediate' }],
      [{ kind: 'notrack' }],
    ]);
  });

  test.each([
    ['set s { type inet_service; }', 's (flags 0 key type 13 of 2 bytes, data type 0 of 0, size 0)'],
    ['set s { type ipv4_addr; flags interval; }', 's (flags 4 key type 7 of 4 bytes, data type 0 of 0, size 0)'],
    ['set s { type ipv4_addr; timeout 1h; }', 's (flags 16 key type 7 of 4 bytes, data type 0 of 0, size 0)'],
    ['set s { type ipv4_addr; size 9; }', 's (flags 0 key type 7 of 4 bytes, data type 0 of 0, size 9)'],
    ['map s { type ipv4_addr : mark; }', 's (flags 8 key type 7 of 4 bytes, data type 19 of 4, size 0)'],
    ['map s { type ipv4_addr : verdict; }', 's (flags 8 key type 7 of 4 bytes, data type 4294967040 of 16, size 0)'],
    ['map s { type ipv4_addr : ipv4_addr; elements = { * : 10.0.0.1 }; }', 's (elements of another kind)'],
    [
      'set s { type ipv4_addr; quota over 25 bytes; }',
      's (flags 0 key type 7 of 4 bytes, data type 0 of 0, size 0, with quota)',
    ],
    [
      'set s { type ipv4_addr; counter; quota over 25 bytes; }',
      's (flags 256 key type 7 of 4 bytes, data type 0 of 0, size 0, with several)',
    ],
    [
      'map s { type ipv4_addr : ipv4_addr; counter; }',
      's (flags 8 key type 7 of 4 bytes, data type 7 of 4, size 0, with counter)',
    ],
  ])('%s', (body, name) => {
    nft(`table ip buoy {\n${body}\n}`);
    expect([...read().sets.keys()]).toEqual([name]);
  });

  test('comments of elements change nothing', () => {
    nft('table ip buoy {\nset s { type ipv4_addr; elements = { 10.0.0.1 comment "a", 10.0.0.2 }; }\n}');
    expect(read().sets.get('s')).toEqual({ kind: 'set', elements: new Set([ipv4('10.0.0.1'), ipv4('10.0.0.2')]) });
  });
});
