import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/intent/index.ts';
import type { Model } from '../../src/model/model.ts';
import { picture } from '../../src/playground/picture.ts';
import { worldOf } from '../../src/playground/world.ts';
import { external, floatingIp, modelOf, router, subnet, tenant } from '../support/intent.ts';

const WIDEST = 100;
const QUICKSTART = 'examples/quickstart.yaml';

function draw(model: Model): string {
  const text = picture(model, worldOf(model));
  for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(WIDEST);
  return text;
}

test('the quickstart', () => {
  expect(`\n${draw(parseYaml(readFileSync(QUICKSTART, 'utf8'), QUICKSTART))}`).toBe(`
                                ┌─────────────────────────────────┐
                                │ outside                         │
                                │ 203.0.113.1/24                  │
                                │ and beyond it 198.51.100.10     │
                                └────────────────┬────────────────┘
━━ br-ex, network public ━━━━━━━━━━━━━━━━━━━━━━━━┿━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                               ┌─────────────────┴─────────────────┐
                               │ fip-public                        │
                               │ fg-a163ff8d-6b  203.0.113.199/24  │
                               └─────────────────┬─────────────────┘
                        ┌────────────────────────┴─────────────────────────┐
┌───────────────────────┴──────────────────────┐   ┌───────────────────────┴──────────────────────┐
│ qrouter-blue                                 │   │ qrouter-green                                │
│ qr-c73da5ec-78  10.0.0.1/24                  │   │ qr-e186caa6-8e  10.0.0.1/24                  │
│ qr-fb7eab0c-28  10.0.1.1/24                  │   └─┬────────────────────────────────────────────┘
└─┬────────────────────────────────────────────┘     ┕━━ br-green ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
  ┕━━ br-blue ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━          green-1  10.0.0.10   ⇄ 203.0.113.103
       blue-1  10.0.0.10   ⇄ 203.0.113.101                green-2  10.0.0.20   ⇄ 203.0.113.104
       blue-2  10.0.0.254                                 green-3  10.0.0.254
       blue-3  10.0.1.10   ⇄ 203.0.113.102
       blue-4  10.0.1.254
`);
});

test('a single router stands in the middle, with its routes and its networks', () => {
  const model = modelOf({
    networks: [external('public', 'br-ex'), tenant('web'), tenant('db')],
    subnets: [subnet('public', '203.0.113.0/24'), subnet('web', '10.0.0.0/24'), subnet('db', '10.0.1.0/24')],
    routers: [
      router('shop', 'public', ['web-10.0.0.0', 'db-10.0.1.0'], {
        routes: [{ destination: '192.168.7.0/24', nexthop: '10.0.1.254' }],
      }),
    ],
    floatingips: [floatingIp('203.0.113.9', 'shop', '10.0.0.9')],
  });
  expect(draw(model)).toContain(`
                         │ 192.168.7.0/24 via 10.0.1.254                │
                         └─┬────────────────────────────────────────────┘
                           ┝━━ br-web ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                           │    web-1  10.0.0.9    ⇄ 203.0.113.9
                           │    web-2  10.0.0.254
                           ┕━━ br-db ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
                                db-1  10.0.1.253
                                db-2  10.0.1.254
`);
});

test('more routers, workloads and addresses than fit are counted', () => {
  const names = Array.from({ length: 11 }, (_, index) => `router-${index}`);
  const model = modelOf({
    networks: [external('public', 'br-ex'), ...names.map((name) => tenant(name, { bridge: 'br-all' }))],
    subnets: [subnet('public', '203.0.112.0/20'), ...names.map((name) => subnet(name, '10.0.0.0/16'))],
    routers: names.map((name) => router(name, 'public', [`${name}-10.0.0.0`])),
    floatingips: Array.from({ length: 20 }, (_, index) =>
      floatingIp(`203.0.113.${index + 1}`, 'router-0', `10.0.1.${index + 1}`),
    ),
  });
  const text = draw(model);
  expect(text).toContain('… and 14 more workloads');
  expect(text.trimEnd().split('\n').at(-1)).toBe('… and 3 more routers');
});

test('each external network has a picture of its own, and routers without one stand alone', () => {
  const model = modelOf({
    networks: [
      external('north', 'br-north'),
      external('south', 'br-south'),
      tenant('blue'),
      tenant('green'),
      tenant('red'),
    ],
    subnets: [
      subnet('north', '203.0.113.0/24'),
      subnet('south', '192.0.2.0/24'),
      ...['blue', 'green', 'red'].map((name) => subnet(name, '10.0.0.0/24')),
    ],
    routers: [
      router('blue', 'north', ['blue-10.0.0.0']),
      router('green', 'south', ['green-10.0.0.0']),
      router('red', undefined, ['red-10.0.0.0']),
    ],
  });
  const text = draw(model);
  const order = [
    '━━ br-north',
    'fip-north',
    'qrouter-blue',
    '━━ br-south',
    'fip-south',
    'qrouter-green',
    'qrouter-red',
  ].map((word) => text.indexOf(word));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});
