// What a real neutron-server answered to sync_routers, applied as it came.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePlan } from '../../src/host/describe.ts';
import { parseNeutronRouters } from '../../src/intent/index.ts';
import { formatAddress } from '../../src/model/address.ts';
import { HOST } from '../../src/model/names.ts';
import { journeysOf } from '../../src/playground/journey.ts';
import { Lab } from '../support/lab.ts';

const FILE = fileURLToPath(new URL('../fixtures/neutron/dvr/openvswitch/routers.json', import.meta.url));
const model = parseNeutronRouters(readFileSync(FILE, 'utf8'), FILE, { host: 'labhost', bridges: new Map() });

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.create(model);
  await lab.apply(model);
});
afterAll(async () => lab[Symbol.asyncDispose]());

test('there are the namespaces and devices that Neutron has for it, on the bridges of its agent', async () => {
  const { namespaces } = await lab.kernel.read();
  expect([...namespaces.keys()].filter((name) => name !== HOST).toSorted()).toEqual([
    'fip-d4ae17d3-baef-488a-aa23-5942a9d4818e',
    'qrouter-0c858f80-9449-4ea6-abd3-e997bbf92934',
  ]);
  const devices = [...namespaces.values()].flatMap(({ links }) =>
    [...links.values()].map(({ name, master }) => (master === undefined ? name : `${name} on ${master}`)),
  );
  expect(devices.toSorted()).toEqual([
    'fg-84e8ff22-c4',
    'fpr-0c858f80-9',
    'lo',
    'lo',
    'qr-01ea01ba-27',
    'rfp-0c858f80-9',
    'tap01ea01ba-27 on brq72d0d4d3-56',
    'tap84e8ff22-c4 on brqd4ae17d3-ba',
  ]);
});

test('packets go through both of its floating IPs, in both directions and between them', async () => {
  const inward = journeysOf(model, lab.world).filter(({ way }) => way === 'in by floating IP');
  expect(inward.map(({ to, target }) => [formatAddress(to), target && formatAddress(target.address)])).toEqual([
    ['203.0.113.170', '10.20.0.254'],
    ['203.0.113.21', '10.20.0.85'],
  ]);
  expect(await lab.troubles(model)).toEqual([]);
});

test('applied again, it changes nothing', async () => {
  expect(describePlan(await lab.apply(model))).toBe('');
});
