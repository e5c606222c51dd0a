// While something else changes, floating IPs that stay lose not a single packet.

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operation } from '../../src/host/plan.ts';
import type { Model, Network } from '../../src/model/model.ts';
import { floatingIp, modelOf, router, subnet, tenant, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';
import { mac, uuid } from '../support/models.ts';
import { must } from '../support/must.ts';
import { SteadyPing } from '../support/steady-ping.ts';

const WEB = floatingIp('203.0.113.11', 'blue', '10.0.0.10');
const DATABASE = floatingIp('203.0.113.12', 'blue', '10.0.1.10');
const SHOP = floatingIp('203.0.113.21', 'green', '10.0.0.10');
const RED = floatingIp('203.0.113.31', 'red', '10.0.0.10');

const base = modelOf({ ...TWO_TENANTS, floatingips: [WEB, SHOP] });
const withFloatingIp = modelOf({ ...TWO_TENANTS, floatingips: [WEB, SHOP, DATABASE] });
const withRouter = modelOf({
  networks: [...TWO_TENANTS.networks, tenant('red')],
  subnets: [...TWO_TENANTS.subnets, subnet('red', '10.0.0.0/24')],
  routers: [...TWO_TENANTS.routers, router('red', 'public', ['red-10.0.0.0'])],
  floatingips: [WEB, SHOP, RED],
});
const withMovedFloatingIp = modelOf({
  ...TWO_TENANTS,
  floatingips: [WEB, floatingIp('203.0.113.21', 'blue', '10.0.1.10')],
});
const withoutOtherRouter = modelOf({ ...TWO_TENANTS, routers: TWO_TENANTS.routers.slice(0, 1), floatingips: [WEB] });
const withExtraRoute = modelOf({
  ...TWO_TENANTS,
  routers: [
    router('blue', 'public', ['blue-10.0.0.0', 'blue-10.0.1.0'], {
      routes: [{ destination: '192.168.7.0/24', nexthop: '10.0.0.77' }],
    }),
    router('green', 'public', ['green-10.0.0.0']),
  ],
  floatingips: [WEB, SHOP],
});
const withoutOtherInterface = modelOf({
  ...TWO_TENANTS,
  routers: [router('blue', 'public', ['blue-10.0.0.0']), router('green', 'public', ['green-10.0.0.0'])],
  floatingips: [WEB, SHOP],
});

const withOtherGatewayPort = replaceGatewayPort(base);

/** The host's port on the external network is another one, with the same address. */
function replaceGatewayPort(model: Model): Model {
  const networks = [...model.networks].map(([id, network]): [string, Network] => {
    const { agentGateway } = network;
    if (agentGateway === undefined) return [id, network];
    const other = { ...agentGateway, id: uuid('f0f0f0f0'), mac: mac('fa:16:3e:f0:f0:f0') };
    return [id, { ...network, agentGateway: other }];
  });
  return { ...model, networks: new Map(networks) };
}

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.create(withRouter, withFloatingIp);
});
afterAll(async () => lab[Symbol.asyncDispose]());

test.each<[string, Model]>([
  ['the same intent is applied again', base],
  ['a floating IP is added and removed', withFloatingIp],
  ['a router is added and removed', withRouter],
  ['another floating IP moves to this router and back', withMovedFloatingIp],
  ['another router is removed and comes back', withoutOtherRouter],
  ['an extra route is added and removed', withExtraRoute],
  ['another interface of the router is removed and comes back', withoutOtherInterface],
])('when %s, pings through the others are all answered', async (_, changed) => {
  await lab.apply(base);
  const journeys = [lab.journey(base, 'in by floating IP', '203.0.113.11'), lab.journey(base, 'out by floating IP')];
  const pings = await Promise.all(journeys.map(async (journey) => SteadyPing.start(lab.playground, journey)));
  const send = (count: number): Promise<unknown> => Promise.all(pings.map((ping) => ping.send(count)));
  await send(20);
  for (const model of [changed, base, changed, base]) {
    await lab.apply(model);
    await send(10);
  }
  const reports = await Promise.all(pings.map(async (ping) => ping.finish()));
  expect(reports.map(({ lost }) => lost)).toEqual([[], []]);
});

test("when the host's port on the external network is replaced, only what is in flight on the old one may be lost", async () => {
  await lab.apply(base);
  const ping = await SteadyPing.start(lab.playground, lab.journey(base, 'in by floating IP', '203.0.113.11'));
  await ping.send(20);
  const replacements = [withOtherGatewayPort, base, withOtherGatewayPort, base];
  for (const model of replacements) {
    await lab.apply(model);
    await ping.send(10);
  }
  const { lost } = await ping.finish();
  expect(lost.length).toBeLessThanOrEqual(replacements.length);
});

test('while the port is replaced, nobody on the external network is told that others are here', async () => {
  await lab.apply(base);
  const { steps } = await lab.plan(withOtherGatewayPort);
  const isLast = ({ kind }: Operation): boolean => kind === 'link.delete';
  const sofar = steps.map((step) => ({ ...step, operations: step.operations.filter((one) => !isLast(one)) }));
  expect((await lab.kernel.apply({ steps: sofar })).failures).toEqual([]);
  const outside = must(lab.world.outside[0]);
  const inOutside = (...command: string[]): string =>
    execFileSync('nsenter', [`--net=${lab.directory}/${outside.namespace}`, ...command], {
      encoding: 'utf8',
    });
  const isAnswered = (address: string): boolean => {
    try {
      inOutside('ping', '-c1', '-W1', address);
    } catch {
      // Nobody answers the ping either way; the question for the MAC address is what counts.
    }
    return /lladdr/.test(inOutside('ip', 'neigh', 'show', address));
  };
  expect(isAnswered('203.0.113.11')).toBe(true);
  expect(isAnswered('203.0.113.77')).toBe(false);
  await lab.apply(withOtherGatewayPort);
  await lab.apply(base);
});
