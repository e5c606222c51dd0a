import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fipGatewayName,
  fipToRouterName,
  linuxBridgeName,
  parseLinkName,
  parseNamespaceName,
  routerNamespace,
  routerPortName,
  routerToFipName,
  shortId,
  tapName,
  uuidFromText,
} from '../../src/model/names.ts';
import { hostileText } from './arbitraries.ts';

const UUID = '0c858f80-9449-4ea6-abd3-e997bbf92934';

test('names are those of Neutron', () => {
  expect(routerNamespace(UUID)).toBe('qrouter-0c858f80-9449-4ea6-abd3-e997bbf92934');
  expect(routerPortName(UUID)).toBe('qr-0c858f80-94');
  expect(fipGatewayName(UUID)).toBe('fg-0c858f80-94');
  expect(routerToFipName(UUID)).toBe('rfp-0c858f80-9');
  expect(fipToRouterName(UUID)).toBe('fpr-0c858f80-9');
  expect(tapName(UUID)).toBe('tap0c858f80-94');
  expect(linuxBridgeName(UUID)).toBe('brq0c858f80-94');
});

test('ids that are no UUIDs but begin alike have different device names', () => {
  expect(shortId('production-router-1')).not.toBe(shortId('production-router-2'));
});

test('every id makes names that the kernel takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      for (const name of [
        routerPortName(id),
        fipGatewayName(id),
        routerToFipName(id),
        fipToRouterName(id),
        tapName(id),
      ]) {
        expect(parseLinkName(name)).toBe(name);
      }
      expect(uuidFromText(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(uuidFromText(id)).toBe(uuidFromText(id));
    }),
  );
});

test.each([
  '',
  '.',
  '..',
  'a/b',
  'a:b',
  'a b',
  'a\tb',
  'a\u0000',
  'sixteen-bytes-xx',
  'ünïcödé-brïdgé',
  'a\u007f',
  'a\u00a0b',
])('%j is not a device name', (text) => expect(parseLinkName(text)).toBeUndefined());

test('a device name has up to 15 bytes, not characters', () => {
  expect(parseLinkName('a'.repeat(15))).toBe('a'.repeat(15));
  expect(parseLinkName('é'.repeat(7))).toBe('é'.repeat(7));
  expect(parseLinkName('é'.repeat(8))).toBeUndefined();
});

test('what passes as a name is no path and has no control characters', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      for (const name of [parseLinkName(text), parseNamespaceName(text)]) {
        if (name === undefined) continue;
        expect(name).toBe(text);
        expect(['', '.', '..']).not.toContain(name);
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        expect(name).not.toMatch(/[/\u0000-\u001f\u007f]/);
      }
    }),
  );
});
