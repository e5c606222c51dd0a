// Floating IPs come, move and go, and packets follow.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describePlan } from '../../src/host/describe.ts';
import type { TcpConnection } from '../../src/playground/tcp.ts';
import { floatingIp, modelOf, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';

const WEB = floatingIp('203.0.113.11', 'blue', '10.0.0.10');
const DATABASE = floatingIp('203.0.113.12', 'blue', '10.0.1.10');
const SHOP = floatingIp('203.0.113.21', 'green', '10.0.0.10');

const before = modelOf({ ...TWO_TENANTS, floatingips: [WEB, DATABASE, SHOP] });
const withOneMore = modelOf({
  ...TWO_TENANTS,
  floatingips: [WEB, DATABASE, SHOP, floatingIp('203.0.113.13', 'blue', '10.0.0.11')],
});
const movedToOtherFixedIp = modelOf({
  ...TWO_TENANTS,
  floatingips: [floatingIp('203.0.113.11', 'blue', '10.0.0.11'), DATABASE, SHOP],
});
const movedToOtherRouter = modelOf({
  ...TWO_TENANTS,
  floatingips: [floatingIp('203.0.113.11', 'green', '10.0.0.11'), DATABASE, SHOP],
});
const swapped = modelOf({
  ...TWO_TENANTS,
  floatingips: [floatingIp('203.0.113.12', 'blue', '10.0.0.10'), floatingIp('203.0.113.11', 'blue', '10.0.1.10'), SHOP],
});
const withoutWeb = modelOf({ ...TWO_TENANTS, floatingips: [DATABASE, SHOP] });
const withoutAny = modelOf({ ...TWO_TENANTS, floatingips: [] });

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.create(before, withOneMore, movedToOtherFixedIp, movedToOtherRouter);
});
afterAll(async () => lab[Symbol.asyncDispose]());
beforeEach(async () => {
  await lab.apply(before);
});

async function carries(connection: TcpConnection): Promise<boolean> {
  return connection.carries(performance.now() + 1000);
}

test('every way that packets can go works, and no other', async () => {
  expect(await lab.troubles(before)).toEqual([]);
});

test('applied again, an intent changes nothing', async () => {
  expect(describePlan(await lab.apply(before))).toBe('');
});

test.each([
  ['is added', withOneMore],
  ['moves to another fixed IP', movedToOtherFixedIp],
  ['moves to another router', movedToOtherRouter],
  ['changes places with another', swapped],
  ['is removed', withoutWeb],
  ['is the last and removed', withoutAny],
])('a floating IP %s, and packets follow', async (_, after) => {
  await lab.apply(after);
  expect(await lab.troubles(after)).toEqual([]);
  expect(describePlan(await lab.plan(after))).toBe('');
  await lab.apply(before);
  expect(await lab.troubles(before)).toEqual([]);
});

describe('live TCP connections', () => {
  test.each([
    ['moved to another fixed IP', movedToOtherFixedIp],
    ['moved to another router', movedToOtherRouter],
    ['removed', withoutWeb],
  ])('end with a floating IP that is %s, in both directions; others go on', async (_, after) => {
    using inward = await lab.connect(lab.journey(before, 'in by floating IP', '203.0.113.11'));
    using outward = await lab.connect(lab.journey(before, 'out by floating IP'));
    using sideways = await lab.connect(lab.journey(before, 'to another subnet'));
    using other = await lab.connect(lab.journey(before, 'in by floating IP', '203.0.113.12'));
    for (const connection of [inward, outward, sideways, other]) expect(await carries(connection)).toBe(true);

    await lab.apply(after);

    expect(await carries(inward)).toBe(false);
    expect(await carries(outward)).toBe(false);
    expect(await carries(sideways)).toBe(true);
    expect(await carries(other)).toBe(true);
  });

  test('go on when another floating IP is added', async () => {
    using connection = await lab.connect(lab.journey(before, 'in by floating IP', '203.0.113.11'));
    await lab.apply(withOneMore);
    expect(await carries(connection)).toBe(true);
  });
});
