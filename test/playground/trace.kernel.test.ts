// The packet walker tells the truth: what it says of packets is what becomes of real ones, on hosts
// where single things are broken.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { describe as describeOperation } from '../../src/host/describe.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import type { Model } from '../../src/model/model.ts';
import { HOST } from '../../src/model/names.ts';
import { modelOf, router, THREE_FLOATING_IPS, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';
import { must } from '../support/must.ts';
import { models } from '../support/random-models.ts';
import { singleFaults } from '../support/single-faults.ts';
import { misjudged } from '../support/walked-packets.ts';

/** Broken one after the other on each host. */
const FAULTS = 8;
const SEED = 11;
/** A link that has just come up may lose packets for as long as the kernel takes to notice. */
const SETTLED_MS = 1200;

const run = promisify(execFile);

let lab: Lab;

afterEach(async () => lab[Symbol.asyncDispose]());

const routes = [{ destination: '192.168.7.0/24', nexthop: '10.0.0.77' }];
const bridges = modelOf({
  ...TWO_TENANTS,
  routers: [
    router('blue', 'public', ['blue-10.0.0.0', 'blue-10.0.1.0'], { routes }),
    router('green', 'public', ['green-10.0.0.0']),
  ],
  floatingips: THREE_FLOATING_IPS,
});
const macvlans = modelOf({
  ...TWO_TENANTS,
  networks: [
    { name: 'public', 'router:external': true, macvlan: 'nic0' },
    { name: 'blue', macvlan: 'nic1' },
    { name: 'green', bridge: 'br-green' },
  ],
  floatingips: THREE_FLOATING_IPS,
});
/** With floating IPs on two routers at least, and nothing that no host has room for. */
const random = must(
  fc.sample(models, { seed: SEED, numRuns: 500 }).find(({ networks, routers: all }) => {
    const serving = [...all.values()].filter((one) => one.floatingIps.size > 0);
    return serving.length > 1 && [...networks.values()].every(({ plug }) => plug.driver === 'bridge');
  }),
);

/** The walker's packets ask for MAC addresses anew: so shall real ones. */
async function forgetNeighbours({ namespaces }: HostState): Promise<void> {
  const { outside, nexthops, workloads } = lab.world;
  const machines = [...outside, ...nexthops, ...workloads].map(({ namespace }) => namespace);
  const paths = [...machines, ...namespaces.keys()].filter((name) => name !== HOST);
  const script = paths.map((name) => `nsenter --net='${join(lab.directory, name)}' ip neigh flush all`).join('; ');
  await run('sh', ['-c', script]);
}

async function misjudgedNow(model: Model, state: HostState): Promise<string[]> {
  await forgetNeighbours(state);
  const wrong = await misjudged(lab, model, state);
  if (wrong.length === 0) return [];
  await sleep(SETTLED_MS);
  await forgetNeighbours(state);
  return misjudged(lab, model, state);
}

/** What is misjudged when this alone is broken; a fault that the kernel refuses is none. */
async function misjudgedAfter(model: Model, fault: Operation): Promise<string[]> {
  await lab.kernel.apply({ steps: [{ subject: fault.namespace, operations: [fault], after: [] }] });
  const wrong = await misjudgedNow(model, await lab.kernel.read());
  await lab.apply(model);
  return wrong.map((one) => `${fault.namespace}: ${describeOperation(fault).join('; ')}\n${one}`);
}

test.each([
  ['on bridges', bridges],
  ['on NICs', macvlans],
  ['of a random model', random],
])('packets go as the walker says: %s', async (_, model) => {
  lab = await Lab.create(model);
  await lab.apply(model);
  const whole = await lab.kernel.read();
  expect(await misjudgedNow(model, whole)).toEqual([]);
  const faults = singleFaults(whole);
  for (const index of fc.sample(fc.nat(faults.length - 1), { seed: SEED, numRuns: FAULTS }))
    expect(await misjudgedAfter(model, must(faults[index]))).toEqual([]);
});

test.each(['1', '2'])('a reverse path filter (%s) does what the walker says', async (value) => {
  lab = await Lab.create(bridges);
  await lab.apply(bridges);
  const state = await lab.kernel.read();
  const name = 'net.ipv4.conf.all.rp_filter';
  for (const [namespace, one] of state.namespaces) {
    if (namespace === HOST) continue;
    const filter = { kind: 'sysctl.set', namespace, name, before: undefined } as const;
    const set = async (to: string): Promise<unknown> =>
      lab.kernel.apply({ steps: [{ subject: namespace, operations: [{ ...filter, value: to }], after: [] }] });
    await set(value);
    // A state that is read does not tell of it, as Buoy does not set it.
    const filtered = { ...one, sysctls: new Map([...one.sysctls, [name, value]]) };
    const namespaces = new Map([...state.namespaces, [namespace, filtered]]);
    expect(await misjudgedNow(bridges, { ...state, namespaces }), namespace).toEqual([]);
    await set('0');
  }
});
