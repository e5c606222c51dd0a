// The real kernel, with a process boundary before it, but for the process.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diff } from '../../../src/host/diff.ts';
import { listing } from '../../../src/host/listing.ts';
import { ownerMark } from '../../../src/host/mark.ts';
import { operationCount } from '../../../src/host/plan.ts';
import { readIntent } from '../../../src/intent/index.ts';
import { LinuxKernel } from '../../../src/kernel/linux/index.ts';
import { RemoteKernel, serveKernel } from '../../../src/kernel/remote/index.ts';
import { compile, livePairs } from '../../../src/layout/index.ts';
import type { Model } from '../../../src/model/model.ts';
import { HOST } from '../../../src/model/names.ts';
import { devices, ip, KernelHost } from '../../cli/kernel-host.ts';
import { link, NOTHING } from '../../support/models.ts';
import { planOf } from '../../support/plans.ts';

const INSTANCE = 'default';

let host: KernelHost;
beforeEach(() => {
  host = new KernelHost();
});
afterEach(() => host[Symbol.dispose]());

/** Brings a host to what is wanted, all of it; answers how many operations that took. */
async function bring(remote: RemoteKernel, model: Model): Promise<number> {
  const actual = await remote.read();
  const plan = diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
  expect((await remote.apply(plan)).failures).toEqual([]);
  return operationCount(plan);
}

test('a host is brought up and down again, and what is not ours stays as it is', async () => {
  await using own = new LinuxKernel({ instance: INSTANCE, directory: host.names });
  const [near, far] = duplexPair();
  serveKernel(own, far, { space: { mark: ownerMark(INSTANCE), devices: new Set([link('br-ex'), link('br-blue')]) } });
  const remote = new RemoteKernel(near);
  ip('link', 'add', 'tap0f0f0f0f-0f', 'type', 'bridge');
  const before = devices();

  const model = await readIntent('test/cli/intents/net.yaml', { format: 'yaml' });
  expect(await bring(remote, model)).toBeGreaterThan(20);
  expect(await bring(remote, model)).toBe(0);
  const state = await remote.read();
  expect(state).toEqual(await own.read());
  expect(listing(state)).toContain('tap');

  const taps = [...(state.namespaces.get(HOST)?.links.keys() ?? [])];
  for (const name of ['br-ex', 'tap0f0f0f0f-0f']) {
    const theft = planOf([[...taps, link(name)].map((tap) => ({ kind: 'link.delete', namespace: HOST, link: tap }))]);
    await expect(remote.apply(theft)).rejects.toMatchObject({ code: 'BUOY_OUTSIDE_OWNED_SPACE' });
  }
  expect(await bring(remote, model)).toBe(0);

  expect(await bring(remote, NOTHING)).toBeGreaterThan(0);
  expect(devices()).toEqual(before);
  await remote.close();
});

test.each([
  [
    'a rule with bits beyond its prefix',
    'ip rule add from 10.1.2.3/24 lookup 77; ip -6 rule add from 2001:db8::5/32 lookup 9',
  ],
  ['a device whose name is no text', String.raw`ip link add "$(printf '\377\377\377\377\377\377')" type bridge`],
])('%s, of an administrator’s making, is taken away', async (_what, script) => {
  await using own = new LinuxKernel({ instance: INSTANCE, directory: host.names });
  const [near, far] = duplexPair();
  serveKernel(own, far, { space: { mark: ownerMark(INSTANCE), devices: undefined } });
  const remote = new RemoteKernel(near);
  const model = await readIntent('test/cli/intents/net.yaml', { format: 'yaml' });
  await bring(remote, model);
  for (const name of host.namespaces())
    execFileSync('nsenter', [`--net=${join(host.names, name)}`, 'sh', '-ec', script]);
  expect(await bring(remote, model)).toBeGreaterThan(0);
  expect(await bring(remote, model)).toBe(0);
  await remote.close();
});
