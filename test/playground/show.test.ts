import { expect, test } from 'vitest';
import { BLUE_1, GREEN_1, ipv4 } from '../../src/playground/show/cast.ts';
import { eventLine } from '../../src/playground/show/event-line.ts';
import type { Tenant } from '../../src/playground/show/stage.ts';
import { topology } from '../../src/playground/show/topology.ts';

const ID = '4f1c22aa-0b6e-4b8e-9a55-0d2f1e9c7b11';

function tenant(workload: Tenant['workload'], floating: string): Tenant {
  const ids = { networkId: ID, subnetId: ID, routerId: ID, portId: ID, floatingIpId: ID };
  return { ...ids, ports: new Map(), workload, floating: ipv4(floating) };
}

test('the picture fits into 80 columns and has every machine with its floating IP', () => {
  const text = topology({
    networkId: ID,
    subnetId: ID,
    blue: tenant(BLUE_1, '203.0.113.198'),
    green: tenant(GREEN_1, '203.0.113.199'),
  });
  for (const line of text.split('\n')) expect([...line].length).toBeLessThan(80);
  expect(text).toContain('qrouter-4f1c…   NAT 1:1');
  expect(text).toMatch(
    / blue-1 {2}10\.0\.0\.10 {2}⇄ 203\.0\.113\.198 .* green-1 {2}10\.0\.0\.10 {2}⇄ 203\.0\.113\.199\n/,
  );
  expect(text).toMatch(/ blue-2 {2}10\.0\.0\.20\n/);
});

test('events are told in a line each', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6);
  const line = (kind: string, data: Readonly<Record<string, unknown>>): string | undefined =>
    eventLine({ kind, data, at: 0 }, at);
  const namespace = `qrouter-${ID}`;
  expect(line('drift', { namespace, put_off: false })).toBe(
    '03:04:05.006  drift    qrouter-4f1c…: somebody changed it',
  );
  expect(
    line('kernel', { where: `netns ${namespace}`, what: ['+ addr 10.0.0.1/24 dev qr-4f1c22aa-0b'], result: 'done' }),
  ).toBe('03:04:05.006  kernel   qrouter-4f1c…: + addr 10.0.0.1/24 dev qr-4f1c…');
  expect(line('kernel', { where: 'host', what: ['+ link'], result: 'failed', message: 'File exists' })).toBe(
    '03:04:05.006  kernel   host: + link: failed File exists',
  );
  expect(line('settled', { namespace, cause: 'drift', milliseconds: 3.25 })).toMatch(/as it shall be, 3\.25 ms later$/);
  expect(line('intent', { collection: 'ports', id: ID, action: 'delete' })).toMatch(/ {2}ports\/4f1c…: deleted$/);
  expect(line('closing', { reason: 'stopping' })).toBeUndefined();
});
