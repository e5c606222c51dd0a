import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareAddresses,
  formatAddress,
  formatPrefix,
  lastAddress,
  networkOf,
  parseAddress,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../src/model/address.ts';
import type { Prefix } from '../../src/model/address.ts';
import { must } from '../support/must.ts';
import { anyAddress, anyPrefix, hostileText } from './arbitraries.ts';

test('an address is what its text says', () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      expect(parseAddress(formatAddress(address))).toBe(address);
    }),
  );
});

test('a prefix is what its text says', () => {
  fc.assert(
    fc.property(anyPrefix, (prefix) => {
      expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
    }),
  );
});

test('IPv6 addresses are written as RFC 5952 says', () => {
  const texts = [
    '::',
    '::1',
    '2001:db8::1',
    '2001:db8::1:0:0:1',
    '1:0:2:3:4:5:6:7',
    'fe80::a:b:c:d',
    '1::',
    '2001:db8:0:1:1:1:1:1',
  ];
  for (const text of texts) expect(formatAddress(must(parseIpv6(text)))).toBe(text);
  expect(formatAddress(must(parseIpv6('2001:DB8:0:0:0:0:192.0.2.1')))).toBe('2001:db8::c000:201');
});

test.each([
  '',
  '.',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.4\n',
  '+1.2.3.4',
  '0x1.2.3.4',
  '1.2.3.-4',
  '1e1.2.3.4',
  '１.2.3.4',
  '1.2.3.4/24',
  '1..2.3',
])('%j is not an IPv4 address', (text) => {
  expect(parseIpv4(text)).toBeUndefined();
});

test.each([
  '',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '12345::',
  'g::',
  '::1%eth0',
  '1:2:3:4:5:6:7::8',
  '::1.2.3',
  '1.2.3.4::',
  '::1.2.3.4:5',
  ' ::1',
  '::1\n',
  '1:2:3:4:5:6:7:',
])('%j is not an IPv6 address', (text) => {
  expect(parseIpv6(text)).toBeUndefined();
});

test.each([
  '10.0.0.1/24',
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  '10.0.0.0/24/24',
  '/24',
  '::1/127',
  '::/129',
  '10.0.0.0/ 8',
])('%j is not a prefix', (text) => expect(parsePrefix(text)).toBeUndefined());

test('whatever text there is, parsers answer nothing or something that says the same', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const address = parseAddress(text);
      if (address !== undefined) expect(parseAddress(formatAddress(address))).toBe(address);
      const prefix = parsePrefix(text);
      if (prefix !== undefined) expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      const mac = parseMac(text);
      if (mac !== undefined) expect(mac).toBe(text.toLowerCase());
    }),
  );
});

describe('arithmetic of prefixes', () => {
  const first = (prefix: Prefix) => prefix.address;

  test('a prefix has its first and last address and none beyond', () => {
    fc.assert(
      fc.property(anyPrefix, anyAddress, (prefix, address) => {
        expect(prefixContains(prefix, first(prefix))).toBe(true);
        expect(prefixContains(prefix, lastAddress(prefix))).toBe(true);
        const inRange =
          typeof address === typeof prefix.address && first(prefix) <= address && address <= lastAddress(prefix);
        expect(prefixContains(prefix, address)).toBe(inRange);
        expect(networkOf(address, 0)).toBe(typeof address === 'number' ? 0 : 0n);
      }),
    );
  });

  test('two prefixes overlap when one has the first address of the other', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        expect(prefixesOverlap(a, b)).toBe(prefixContains(a, first(b)) || prefixContains(b, first(a)));
        expect(prefixesOverlap(a, b)).toBe(prefixesOverlap(b, a));
      }),
    );
  });

  test('addresses have one order', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (a, b) => {
        expect(Math.sign(compareAddresses(a, b))).toBe(-Math.sign(compareAddresses(b, a)) + 0);
        expect(compareAddresses(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
