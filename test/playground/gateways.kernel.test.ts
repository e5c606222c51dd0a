// External networks: their gateways and subnets, and several of them on one host.

import { afterEach, expect, test } from 'vitest';
import { describePlan } from '../../src/host/describe.ts';
import type { Model } from '../../src/model/model.ts';
import type { Entry } from '../support/intent.ts';
import { external, floatingIp, modelOf, router, subnet, tenant } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';
import { must } from '../support/must.ts';

let lab: Lab | undefined;

afterEach(async () => {
  await lab?.[Symbol.asyncDispose]();
  lab = undefined;
});

/** One router behind an external network with these subnets. */
function behind(subnets: readonly Entry[], floating: string): Model {
  return modelOf({
    networks: [external('public', 'br-ex', { agent_gateway_ip: '203.0.113.200' }), tenant('blue')],
    subnets: [...subnets, subnet('blue', '10.0.0.0/24')],
    routers: [router('blue', 'public', ['blue-10.0.0.0'])],
    floatingips: [floatingIp(floating, 'blue', '10.0.0.10'), floatingIp('203.0.113.12', 'blue', '10.0.0.11')],
  });
}

/** Applies one model after the other, and tries each with packets. */
async function tryAll(...models: readonly Model[]): Promise<string[]> {
  lab = await Lab.create(...models);
  const troubles: string[] = [];
  for (const model of models) {
    await lab.apply(model);
    troubles.push(...(await lab.troubles(model)), describePlan(await lab.plan(model)));
  }
  return troubles.filter((text) => text !== '');
}

const inside = behind([subnet('public', '203.0.113.0/24', { gateway_ip: '203.0.113.1' })], '203.0.113.11');
const otherGateway = behind([subnet('public', '203.0.113.0/24', { gateway_ip: '203.0.113.254' })], '203.0.113.11');
const outsideItsSubnet = behind([subnet('public', '203.0.113.0/24', { gateway_ip: '192.0.2.1' })], '203.0.113.11');
const withoutGateway = behind([subnet('public', '203.0.113.0/24', { gateway_ip: null })], '203.0.113.11');

test('a gateway that changes is used', async () => {
  lab = await Lab.create(otherGateway);
  await lab.apply(inside);
  expect(await lab.troublesOn([lab.journey(otherGateway, 'out by floating IP')])).not.toEqual([]);
  await lab.apply(otherGateway);
  expect(await lab.troubles(otherGateway)).toEqual([]);
  expect(describePlan(await lab.plan(otherGateway))).toBe('');
});

test('a gateway outside of its subnet is reached on the link, whatever there was before', async () => {
  expect(await tryAll(outsideItsSubnet, inside, outsideItsSubnet)).toEqual([]);
});

test('without a gateway, floating IPs are reached on the link, and nothing beyond it', async () => {
  lab = await Lab.create(inside);
  for (const model of [inside, withoutGateway]) await lab.apply(model);
  const onLink = ['in by floating IP', 'out to the gateway'].map((way) => must(lab).journey(inside, way));
  const beyond = { ...lab.journey(inside, 'out by floating IP'), expectedSeenAs: undefined };
  expect(await lab.troublesOn([...onLink, beyond])).toEqual([]);
  expect(describePlan(await lab.plan(withoutGateway))).toBe('');
});

test('floating IPs of further subnets of the network are reached on the link', async () => {
  const subnets = [
    subnet('public', '203.0.113.0/24'),
    subnet('public', '192.0.2.0/24'),
    subnet('public', '198.51.100.0/25'),
  ];
  expect(await tryAll(inside, behind(subnets, '192.0.2.11'), behind(subnets, '198.51.100.11'), inside)).toEqual([]);
});

test('several external networks are on one host, and a router moves from one to the other', async () => {
  const networks = [external('north', 'br-north'), external('south', 'br-south'), tenant('blue'), tenant('green')];
  const subnets = [
    subnet('north', '203.0.113.0/24'),
    subnet('south', '192.0.2.0/24'),
    subnet('blue', '10.0.0.0/24'),
    subnet('green', '10.0.0.0/24'),
  ];
  const green = router('green', 'south', ['green-10.0.0.0']);
  const apart = modelOf({
    networks,
    subnets,
    routers: [router('blue', 'north', ['blue-10.0.0.0']), green],
    floatingips: [floatingIp('203.0.113.11', 'blue', '10.0.0.10'), floatingIp('192.0.2.11', 'green', '10.0.0.10')],
  });
  const together = modelOf({
    networks,
    subnets,
    routers: [router('blue', 'south', ['blue-10.0.0.0']), green],
    floatingips: [floatingIp('192.0.2.12', 'blue', '10.0.0.10'), floatingIp('192.0.2.11', 'green', '10.0.0.10')],
  });
  expect(await tryAll(apart, together, apart)).toEqual([]);
});
