import { expect, test } from 'vitest';
import { KnownHost } from '../../src/agent/known-host.ts';
import { compile } from '../../src/layout/index.ts';
import { fipNamespace, routerNamespace } from '../../src/model/names.ts';
import { external, ipv4, modelOf, network, port, router, uuid } from '../support/models.ts';

const OUTSIDE = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] });
const FIP = fipNamespace(OUTSIDE.id);
const ONE = routerNamespace(uuid('d0000001'));
const [A, B, C] = ['203.0.113.20', '203.0.113.21', '203.0.113.22'] as const;

/** What a host has with one router, of the router alone. */
function sliceOf(floatingIps: Record<string, string>, isConnected = true) {
  const interfaces = [port('b0000001', 'c0000000', { addresses: ['10.0.0.1/24'] })];
  const one = router('d0000001', { ...(isConnected && { external: 'a0000001' }), interfaces, floatingIps });
  const known = new KnownHost();
  known.learn(compile(modelOf([OUTSIDE, network('c0000000')], [one]), new Map(), { instance: 'test' }));
  return { known, slice: known.slice(ONE) };
}

test('a floating IP that is not there any more leads nowhere, and others lead on', () => {
  const { known } = sliceOf({ [A]: '10.0.0.20', [B]: '10.0.0.21' });
  known.replace(ONE, sliceOf({ [B]: '10.0.0.21', [C]: '10.0.0.22' }).slice);
  expect(known.holdersIn(FIP)).toEqual(new Map([B, C].map((address) => [ipv4(address), ONE])));
});

test('a router without its external network holds no pair', () => {
  const { known } = sliceOf({ [A]: '10.0.0.20' });
  expect(known.pairs.size).toBe(1);
  known.replace(ONE, sliceOf({}, false).slice);
  expect(known.slice(ONE)?.has(ONE)).toBe(true);
  expect([...known.pairs]).toEqual([]);
  expect([...(known.holdersIn(FIP) ?? [])]).toEqual([]);
});
