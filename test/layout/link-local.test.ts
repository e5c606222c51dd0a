import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BuoyError } from '../../src/errors.ts';
import type { Ipv4Address } from '../../src/model/address.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import { isLinkLocalPair, LINK_LOCAL_PAIRS, linkLocalPair } from '../../src/model/link-local.ts';
import { routerNamespace, routerToFipName } from '../../src/model/names.ts';
import { diff } from '../../src/host/diff.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { assignPairs } from '../../src/layout/link-local.ts';
import { TestHost } from '../support/apply-plan.ts';
import { external, ip, ipv4, link, modelOf, NOTHING, router, uuid } from '../support/models.ts';
import { must } from '../support/must.ts';

const NONE: ReadonlyMap<string, Ipv4Address> = new Map();
const ROUTERS = Array.from({ length: 20 }, (_, index) => `router-${index}`);

describe('Link-local pairs', () => {
  test('are the 8192 of 169.254.64.0/18, told by their even address', () => {
    expect(LINK_LOCAL_PAIRS).toBe(8192);
    expect(formatIpv4(linkLocalPair(0))).toBe('169.254.64.0');
    expect(formatIpv4(linkLocalPair(8191))).toBe('169.254.127.254');
    const texts = ['169.254.64.0', '169.254.127.254', '169.254.64.1', '169.254.63.254', '169.254.128.0', '10.0.0.0'];
    expect(texts.filter((text) => isLinkLocalPair(ipv4(text)))).toEqual(['169.254.64.0', '169.254.127.254']);
  });

  test('are the same for the same routers, in whatever order they come', () => {
    const pairs = assignPairs(ROUTERS, NONE);
    expect(assignPairs([...ROUTERS].reverse(), NONE)).toEqual(pairs);
    expect(new Set(pairs.values()).size).toBe(ROUTERS.length);
  });

  test('stay with the routers that hold them, and are never given twice', () => {
    const ids = fc.uniqueArray(fc.constantFrom(...ROUTERS));
    fc.assert(
      fc.property(ids, fc.uniqueArray(fc.nat(30)), ids, (holders, numbers, wanted) => {
        const held = new Map(
          holders.slice(0, numbers.length).map((id, index) => [id, linkLocalPair(numbers[index] ?? 0)]),
        );
        const assigned = assignPairs(wanted, held);
        for (const [id, pair] of assigned) {
          if (held.has(id)) expect(pair).toBe(held.get(id));
          else expect([...held.values()]).not.toContain(pair);
        }
        expect(new Set(assigned.values()).size).toBe(wanted.length);
      }),
    );
  });

  test('may be held by a router that goes, and are not free until it has gone', () => {
    const before = assignPairs(['a'], NONE);
    const pair = must(before.get('a'));
    const after = assignPairs(['a'], new Map([['another', pair]]));
    expect(after.get('a')).not.toBe(pair);
  });

  test('wrap around at the end of the range', () => {
    const last = must(assignPairs(['a'], NONE).get('a'));
    const taken = new Map<string, Ipv4Address>();
    for (let number = 0; number < LINK_LOCAL_PAIRS; number++) {
      if (linkLocalPair(number) >= last) taken.set(`holder ${number}`, linkLocalPair(number));
    }
    expect(formatIpv4(must(assignPairs(['a'], taken).get('a')))).toBe('169.254.64.0');
  });

  test('run out with an error that has a code', () => {
    const all = new Map(
      Array.from({ length: LINK_LOCAL_PAIRS }, (_, number) => [`holder ${number}`, linkLocalPair(number)]),
    );
    expect(() => assignPairs(['a'], all)).toThrow(
      expect.objectContaining({ code: 'BUOY_LINK_LOCAL_EXHAUSTED', subject: 'router a' }),
    );
    expect(() => assignPairs(['a'], all)).toThrow(BuoyError);
  });
});

describe('The live pairs of a host', () => {
  const MODEL = modelOf(
    [external('a0000001', { addresses: ['203.0.113.10/24'] })],
    [
      router('d0000001', { external: 'a0000001' }),
      router('d0000002', { external: 'a0000001' }),
      router('d0000003', {}),
    ],
  );
  const RFP = link('rfp-d0000001-0');
  const QROUTER = routerNamespace(uuid('d0000001'));

  function made(pairs: ReadonlyMap<string, Ipv4Address>): TestHost {
    const empty = compile(NOTHING, NONE, { instance: 'test' });
    return new TestHost(empty).apply(diff(empty, compile(MODEL, pairs, { instance: 'test' })));
  }

  test('are those that its routers were given', () => {
    const pairs = new Map([
      [uuid('d0000001'), ipv4('169.254.88.134')],
      [uuid('d0000002'), ipv4('169.254.64.0')],
    ]);
    expect(livePairs(made(pairs))).toEqual(pairs);
  });

  test('leave the layout as it is', () => {
    const host = made(new Map([[uuid('d0000001'), ipv4('169.254.88.134')]]));
    expect(diff(host, compile(MODEL, livePairs(host), { instance: 'test' })).steps).toEqual([]);
  });

  test('are no other addresses that somebody put on the link', () => {
    const host = made(NONE);
    const pair = must(livePairs(host).get(uuid('d0000001')));
    host.run({ kind: 'address.delete', namespace: QROUTER, address: { link: RFP, address: pair, length: 31 } });
    const strangers = [
      ['169.254.88.135', 31], // the odd address of a pair
      ['169.254.88.134', 32],
      ['10.0.0.2', 31],
      ['2001:db8::', 31],
    ] as const;
    for (const [text, length] of strangers) {
      host.run({ kind: 'address.add', namespace: QROUTER, address: { link: RFP, address: ip(text), length } });
    }
    expect([...livePairs(host).keys()]).toEqual([uuid('d0000002')]);
  });

  test('are the first router’s when two have the same', () => {
    const host = made(NONE);
    const pair = must(livePairs(host).get(uuid('d0000001')));
    const address = { link: routerToFipName('aaa'), address: pair, length: 31 };
    const namespace = must(host.namespaces.get(QROUTER));
    host.namespaces.set(routerNamespace('aaa'), { ...namespace, addresses: new Map([['', address]]) });
    expect([...livePairs(host)].filter(([, held]) => held === pair)).toEqual([['aaa', pair]]);
  });
});
