// What the neighbours are told by gratuitous ARP.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatAddress } from '../../src/model/address.ts';
import type { Operation } from '../../src/host/plan.ts';
import { MAIN_TABLE, PROTOCOL_STATIC } from '../../src/host/state.ts';
import type { Model } from '../../src/model/model.ts';
import { routerNamespace } from '../../src/model/names.ts';
import { ArpCapture } from '../support/arp-capture.ts';
import { floatingIp, modelOf, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';
import { link, prefix } from '../support/models.ts';
import { must } from '../support/must.ts';

const WEB = floatingIp('203.0.113.11', 'blue', '10.0.0.10');
const SHOP = floatingIp('203.0.113.21', 'green', '10.0.0.10');
const model = modelOf({ ...TWO_TENANTS, floatingips: [WEB, SHOP] });
const withOneMore = modelOf({
  ...TWO_TENANTS,
  floatingips: [WEB, SHOP, floatingIp('203.0.113.12', 'blue', '10.0.0.11')],
});

let lab: Lab;
let outside: ArpCapture;
let blue: ArpCapture;

beforeAll(async () => {
  lab = await Lab.create(model);
  outside = await ArpCapture.open(lab.playground, must(lab.world.outside[0]));
  blue = await ArpCapture.open(lab.playground, must(lab.world.workloads.find(({ routerId }) => routerId === 'blue')));
});
afterAll(async () => {
  for (const capture of [outside, blue]) capture[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

/** What is announced on the external network, and by the router of blue on its own, while a model is applied. */
async function announcedBy(after: Model) {
  for (const capture of [outside, blue]) capture.take();
  await lab.apply(after);
  return { outside: outside.takeAnnounced(), blue: blue.takeAnnounced() };
}

test('a host that starts announces its own port, all floating IPs, and the gateways of the subnets', async () => {
  const { agentGateway } = must(model.networks.get('public'));
  const gateway = must(agentGateway);
  const own = formatAddress(must(gateway.addresses[0]).address);
  const announced = await announcedBy(model);
  expect(announced.outside).toEqual(
    new Map([own, '203.0.113.11', '203.0.113.21'].map((address) => [address, gateway.mac])),
  );

  const ports = must(model.routers.get('blue')).interfaces;
  expect(announced.blue).toEqual(
    new Map(ports.map(({ addresses, mac }) => [formatAddress(must(addresses[0]).address), mac])),
  );
});

test.each(['203.0.113.11', '203.0.113.21'])('%s is announced only when it works', async (floating) => {
  await lab.apply(undefined);
  const { steps } = await lab.plan(model);
  const announces = (operation: Operation): boolean =>
    operation.kind === 'address.announce' && operation.addresses.map(formatAddress).includes(floating);
  const last = steps.findIndex((step) => step.operations.some(announces));
  const operations = must(steps[last]).operations;
  const sofar = [
    ...steps.slice(0, last),
    { ...must(steps[last]), operations: operations.slice(0, operations.findIndex(announces) + 1) },
  ];
  outside.take();
  expect((await lab.kernel.apply({ steps: sofar })).failures).toEqual([]);
  expect([...outside.takeAnnounced().keys()]).toContain(floating);
  expect(await lab.troublesOn([lab.journey(model, 'in by floating IP', floating)])).toEqual([]);
});

test('what is there already is not announced again', async () => {
  await lab.apply(model);
  expect(await announcedBy(model)).toEqual({ outside: new Map(), blue: new Map() });
});

test('a floating IP that is added is announced, and nothing else', async () => {
  await lab.apply(model);
  const announced = await announcedBy(withOneMore);
  expect([...announced.outside.keys()]).toEqual(['203.0.113.12']);
  expect(announced.blue).toEqual(new Map());
});

test('a floating IP that goes is withdrawn in silence', async () => {
  await lab.apply(withOneMore);
  expect(await announcedBy(model)).toEqual({ outside: new Map(), blue: new Map() });
});

test('after a run that did not end well, everything is announced and stale connections are ended, as nobody knows what has been', async () => {
  await lab.apply(model);
  const impossible: Operation = {
    kind: 'route.set',
    namespace: routerNamespace('blue'),
    table: MAIN_TABLE,
    destination: prefix('192.0.2.0/24'),
    hop: { link: link('nobody'), gateway: undefined, protocol: PROTOCOL_STATIC, type: 'unicast' },
    before: undefined,
  };
  // It is not tried: nobody knows afterwards which connections are left.
  const owed: Operation = { kind: 'connections.flush', namespace: impossible.namespace, fixed: [], others: true };
  const step = { subject: impossible.namespace, operations: [impossible, owed], after: [] };
  expect((await lab.kernel.apply({ steps: [step] })).failures).toHaveLength(1);
  const kinds = (await lab.plan(model)).steps.flatMap(({ operations }) => operations.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(['address.announce', 'connections.flush']));
  const { outside: told } = await announcedBy(model);
  expect([...told.keys()]).toEqual(expect.arrayContaining(['203.0.113.11', '203.0.113.21']));
  expect(await announcedBy(model)).toEqual({ outside: new Map(), blue: new Map() });
});
