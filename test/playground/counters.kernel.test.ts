// Every packet of a floating IP is counted once in each direction, whatever else changes.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Traffic } from '../../src/host/counters.ts';
import { diff } from '../../src/host/diff.ts';
import type { Chain, Ruleset, Statement } from '../../src/host/ruleset.ts';
import type { HostState, NamespaceState } from '../../src/host/state.ts';
import { RECEIVED, SENT } from '../../src/host/translation.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { formatIpv4, parseIpv4 } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import type { Journey } from '../../src/playground/journey.ts';
import { MESSAGES, probe } from '../../src/playground/probe.ts';
import { floatingIp, modelOf, router, subnet, TWO_TENANTS } from '../support/intent.ts';
import { INSTANCE, Lab } from '../support/lab.ts';
import { must } from '../support/must.ts';
import { SteadyPing } from '../support/steady-ping.ts';

const WEB = floatingIp('203.0.113.11', 'blue', '10.0.0.10');
const DATABASE = floatingIp('203.0.113.12', 'blue', '10.0.1.10');
const SHOP = floatingIp('203.0.113.21', 'green', '10.0.0.10');
const [web, database, shop] = ['203.0.113.11', '203.0.113.12', '203.0.113.21'];

const model = modelOf({ ...TWO_TENANTS, floatingips: [WEB, DATABASE, SHOP] });

/** A header of IP, one of ICMP, and what a ping of the playground carries. */
const PING_BYTES = 20 + 8 + 16;
const PATIENCE_MS = 3000;
const PINGS = { packets: MESSAGES, bytes: MESSAGES * PING_BYTES };
const NOTHING = { packets: 0, bytes: 0 };
/** Of a floating IP that was pinged, or from which somebody was. */
const THERE_AND_BACK: Traffic = { received: PINGS, sent: PINGS };
/** Of one that pinged itself: each ping and each answer goes out, and comes in again. */
const TWICE: Traffic = {
  received: { packets: 2 * PINGS.packets, bytes: 2 * PINGS.bytes },
  sent: { packets: 2 * PINGS.packets, bytes: 2 * PINGS.bytes },
};
const UNTOUCHED: Traffic = { received: NOTHING, sent: NOTHING };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.create(model);
});
beforeEach(async () => {
  await lab.apply(undefined);
  await lab.apply(model);
});
afterAll(async () => lab[Symbol.asyncDispose]());

/** What every floating IP has counted. */
async function traffic(): Promise<Record<string, Traffic>> {
  const counters = await lab.kernel.readCounters();
  return Object.fromEntries(
    [...counters.values()].flatMap((own) => [...own].map(([key, one]) => [formatIpv4(key), one])),
  );
}

async function ping(journey: Journey): Promise<void> {
  const { ok, detail } = await probe(lab.playground, journey, 'icmp');
  expect(ok, detail).toBe(true);
}

test.each<[string, () => Journey, Record<string, Traffic>]>([
  ['from outside', () => lab.journey(model, 'in by floating IP', web), { [web]: THERE_AND_BACK }],
  ['to the outside', () => lab.journey(model, 'out by floating IP'), { [web]: THERE_AND_BACK }],
  [
    'to a floating IP of the same router',
    () => lab.journey(model, 'to a floating IP, same router'),
    { [web]: THERE_AND_BACK, [database]: THERE_AND_BACK },
  ],
  [
    'to a floating IP of another router',
    () => lab.journey(model, 'to a floating IP, next router'),
    { [web]: THERE_AND_BACK, [shop]: THERE_AND_BACK },
  ],
  [
    "to a workload's own floating IP",
    () => {
      const { target, ...inwards } = lab.journey(model, 'in by floating IP', web);
      const { machine, address } = must(target);
      return { ...inwards, from: machine, source: address, target, expectedSeenAs: must(parseIpv4(web)) };
    },
    { [web]: TWICE },
  ],
  [
    'between subnets of a router, which no floating IP has to do with',
    () => lab.journey(model, 'to another subnet'),
    {},
  ],
])('pings %s', async (_way, journeyOf, counted) => {
  await ping(journeyOf());
  expect(await traffic()).toEqual({ [web]: UNTOUCHED, [database]: UNTOUCHED, [shop]: UNTOUCHED, ...counted });
});

test('a floating IP goes on counting while others come and go', async () => {
  const others = modelOf({ ...TWO_TENANTS, floatingips: [WEB, SHOP] });
  const journey = lab.journey(model, 'to a floating IP, same router');
  await ping(journey);
  await lab.apply(others);
  expect(await traffic()).toEqual({ [web]: THERE_AND_BACK, [shop]: UNTOUCHED });
  await lab.apply(model);
  expect(await traffic()).toEqual({ [web]: THERE_AND_BACK, [database]: UNTOUCHED, [shop]: UNTOUCHED });
  await ping(journey);
  expect(await traffic()).toEqual({ [web]: TWICE, [database]: THERE_AND_BACK, [shop]: UNTOUCHED });
});

test('a floating IP that gets another fixed IP goes on counting', async () => {
  await lab.apply(modelOf({ ...TWO_TENANTS, floatingips: [WEB] }));
  await ping(lab.journey(model, 'in by floating IP', web));
  const moved = modelOf({ ...TWO_TENANTS, floatingips: [floatingIp(web, 'blue', '10.0.1.10')] });
  await lab.apply(moved);
  await ping(lab.journey(moved, 'in by floating IP', web));
  expect(await traffic()).toEqual({ [web]: TWICE });
});

test('a floating IP that moves to another router begins anew there', async () => {
  await ping(lab.journey(model, 'in by floating IP', web));
  const moved = modelOf({ ...TWO_TENANTS, floatingips: [floatingIp(web, 'green', '10.0.0.10')] });
  await lab.apply(moved);
  expect(await traffic()).toEqual({ [web]: UNTOUCHED });
  await ping(lab.journey(moved, 'in by floating IP', web));
  expect(await traffic()).toEqual({ [web]: THERE_AND_BACK });
});

test('the routers that are asked for are read, and no others', async () => {
  const names = [...(await lab.kernel.readCounters()).keys()];
  expect(names).toHaveLength(2);
  const some = new Set([must(names[0]), must(parseNamespaceName('qrouter-nowhere'))]);
  expect([...(await lab.kernel.readCounters(some)).keys()]).toEqual(names.slice(0, 1));
});

describe('A host made by a version that counted nothing', () => {
  /** More than go into one transaction. */
  const COUNT = 2000;
  const pair = (index: number): readonly [floating: string, fixed: string] => [
    `198.18.${1 + (index >> 8)}.${index & 255}`,
    `10.64.${1 + (index >> 8)}.${index & 255}`,
  ];
  const modelWith = (indexes: readonly number[]): Model =>
    modelOf({
      ...TWO_TENANTS,
      subnets: [subnet('public', '198.18.0.0/20'), subnet('blue', '10.64.0.0/16'), subnet('green', '10.0.0.0/24')],
      routers: [router('blue', 'public', ['blue-10.64.0.0']), router('green', 'public', ['green-10.0.0.0'])],
      floatingips: indexes.map(pair).map(([floating, fixed]) => floatingIp(floating, 'blue', fixed)),
    });
  const few = modelWith([COUNT - 1]);
  const many = modelWith([...Array(COUNT).keys()]);

  test('counts from the next run on, which no packet and no connection notices', async () => {
    await using crowded = await Lab.create(few);
    const wanted = compile(many, livePairs(await crowded.kernel.read()), { instance: INSTANCE });
    const make = async (state: HostState): Promise<void> => {
      const { failures } = await crowded.kernel.apply(diff(await crowded.kernel.read(), state));
      expect(failures).toEqual([]);
    };
    await make(uncounted(wanted));
    expect([...(await crowded.kernel.readCounters()).values()].map(({ size }) => size)).toEqual([0, 0]);

    const inwards = crowded.journey(few, 'in by floating IP');
    using connection = await crowded.connect(inwards);
    const journeys = [inwards, crowded.journey(few, 'out by floating IP')];
    const pings = await Promise.all(journeys.map(async (one) => SteadyPing.start(crowded.playground, one)));
    expect(await connection.carries(performance.now() + PATIENCE_MS)).toBe(true);
    await make(wanted);
    expect(await connection.carries(performance.now() + PATIENCE_MS)).toBe(true);
    const reports = await Promise.all(pings.map(async (one) => one.finish()));
    expect(reports.map(({ lost }) => lost)).toEqual([[], []]);

    const counted = async (): Promise<Traffic> => {
      const counters = [...(await crowded.kernel.readCounters()).values()];
      expect(new Set(counters.map(({ size }) => size))).toEqual(new Set([0, COUNT]));
      return must(counters.map((own) => own.get(inwards.to)).find((one) => one !== undefined));
    };
    const before = await counted();
    expect((await probe(crowded.playground, inwards, 'icmp')).ok).toBe(true);
    const after = await counted();
    expect(after.received.packets - before.received.packets).toBe(PINGS.packets);
    expect(after.sent.bytes - before.sent.bytes).toBe(PINGS.bytes);
  });
});

/** The state as that version wanted it. */
function uncounted(state: HostState): HostState {
  const older = ({ ruleset, ...others }: NamespaceState): NamespaceState => ({
    ...others,
    ruleset: ruleset && withoutCounters(ruleset),
  });
  return { ...state, namespaces: new Map(Array.from(state.namespaces, ([name, one]) => [name, older(one)])) };
}

function withoutCounters({ chains, sets }: Ruleset): Ruleset {
  const counts = (statement: Statement): boolean => 'set' in statement && [RECEIVED, SENT].includes(statement.set);
  const kept = Array.from(chains, ([name, chain]): [string, Chain] => [
    name,
    { ...chain, rules: chain.rules.filter((rule) => !rule.some(counts)) },
  ]);
  return {
    chains: new Map(kept.filter(([, { rules }]) => rules.length > 0)),
    sets: new Map([...sets].filter(([, { kind }]) => kind !== 'counters')),
  };
}
