// The ways in which a network can be plugged in.

import { afterEach, expect, test } from 'vitest';
import { describePlan } from '../../src/host/describe.ts';
import { HOST } from '../../src/model/names.ts';
import { modelOf, THREE_FLOATING_IPS, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';

let lab: Lab;

afterEach(async () => lab[Symbol.asyncDispose]());

const bridges = modelOf({ ...TWO_TENANTS, floatingips: THREE_FLOATING_IPS });
const macvlans = modelOf({
  ...TWO_TENANTS,
  networks: [
    { name: 'public', 'router:external': true, macvlan: 'nic0' },
    { name: 'blue', macvlan: 'nic1' },
    { name: 'green', macvlan: 'nic2' },
  ],
  floatingips: THREE_FLOATING_IPS,
});

test('macvlan on NICs: nothing but the NICs is needed on the host', async () => {
  lab = await Lab.create(macvlans);
  await lab.apply(macvlans);
  const { namespaces } = await lab.kernel.read();
  expect([...(namespaces.get(HOST)?.links.keys() ?? [])]).toEqual([]);
  const kinds = [...namespaces.values()]
    .flatMap(({ links }) => [...links.values()])
    .filter(({ name }) => /^(qr|fg)-/.test(name));
  expect(kinds.map(({ kind }) => kind.type)).toEqual(['macvlan', 'macvlan', 'macvlan', 'macvlan']);
  expect(await lab.troubles(macvlans)).toEqual([]);
  expect(describePlan(await lab.plan(macvlans))).toBe('');
});

test('what was on NICs can be there again at once after it went', async () => {
  lab = await Lab.create(macvlans);
  for (const model of [macvlans, undefined, macvlans, undefined, macvlans]) await lab.apply(model);
  expect(await lab.troubles(macvlans)).toEqual([]);
});

test('cables between devices of the host are not taken for Buoy’s', async () => {
  lab = await Lab.create(macvlans);
  await lab.apply(macvlans);
  await lab.apply(undefined);
  const { foreign } = await lab.kernel.read();
  for (const name of ['nic0', 'nic1', 'nic2', 'to-nic0', 'to-nic1', 'to-nic2'])
    expect([...foreign.links.keys()]).toContain(name);
});

test('a network moves from a bridge to a NIC, and packets follow', async () => {
  const networks = TWO_TENANTS.networks.map((network) =>
    network['name'] === 'blue' ? { name: 'blue', macvlan: 'nic1' } : network,
  );
  const mixed = modelOf({ ...TWO_TENANTS, networks, floatingips: THREE_FLOATING_IPS });
  lab = await Lab.create(bridges, mixed);
  await lab.apply(bridges);
  expect(await lab.troubles(mixed)).not.toEqual([]);
  await lab.apply(mixed);
  expect(await lab.troubles(mixed)).toEqual([]);
  expect(describePlan(await lab.plan(mixed))).toBe('');
});
