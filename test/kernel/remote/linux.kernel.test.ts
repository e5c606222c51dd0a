// The real kernel, with a process boundary before it, but for the process.

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

test('a host is brought up and down again, and what is not ours stays as it is', async () => {
  await using own = new LinuxKernel({ instance: INSTANCE, directory: host.names });
  const [near, far] = duplexPair();
  serveKernel(own, far, { space: { mark: ownerMark(INSTANCE), devices: new Set([link('br-ex'), link('br-blue')]) } });
  const remote = new RemoteKernel(near);
  ip('link', 'add', 'tap0f0f0f0f-0f', 'type', 'bridge');
  const before = devices();

  const bring = async (model: Model): Promise<number> => {
    const actual = await remote.read();
    const plan = diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
    expect((await remote.apply(plan)).failures).toEqual([]);
    return operationCount(plan);
  };
  const model = await readIntent('test/cli/intents/net.yaml', { format: 'yaml' });
  expect(await bring(model)).toBeGreaterThan(20);
  expect(await bring(model)).toBe(0);
  const state = await remote.read();
  expect(state).toEqual(await own.read());
  expect(listing(state)).toContain('tap');

  const taps = [...(state.namespaces.get(HOST)?.links.keys() ?? [])];
  for (const name of ['br-ex', 'tap0f0f0f0f-0f']) {
    const theft = planOf([[...taps, link(name)].map((tap) => ({ kind: 'link.delete', namespace: HOST, link: tap }))]);
    await expect(remote.apply(theft)).rejects.toMatchObject({ code: 'BUOY_OUTSIDE_OWNED_SPACE' });
  }
  expect(await bring(model)).toBe(0);

  expect(await bring(NOTHING)).toBeGreaterThan(0);
  expect(devices()).toEqual(before);
  await remote.close();
});
