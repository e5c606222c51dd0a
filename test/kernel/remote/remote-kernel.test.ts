// A kernel in another process is as one's own.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from '../../../src/host/diff.ts';
import type { Plan } from '../../../src/host/plan.ts';
import { operationCount } from '../../../src/host/plan.ts';
import type { HostState } from '../../../src/host/state.ts';
import type { Disturbance } from '../../../src/kernel/disturbance.ts';
import type { Kernel, Outcome } from '../../../src/kernel/kernel.ts';
import { compile, livePairs } from '../../../src/layout/index.ts';
import { SENT } from '../../../src/host/translation.ts';
import { parseIpv4 } from '../../../src/model/address.ts';
import type { Model } from '../../../src/model/model.ts';
import { HOST, parseNamespaceName } from '../../../src/model/names.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';
import { models } from '../../support/random-models.ts';
import { SystemError } from '../../../src/sys/system-error.ts';
import { INSTANCE, pair, RecordingKernel } from './kernels.ts';

const ROUTER = must(parseNamespaceName('qrouter-a'));
const CREATE: Plan = planOf([[{ kind: 'namespace.create', namespace: ROUTER }]]);

interface End {
  readonly outcome: Outcome;
  readonly settled: readonly unknown[];
  readonly state: HostState;
}

async function bring(kernel: Kernel, model: Model): Promise<End> {
  const actual = await kernel.read();
  const plan = diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
  const settled: unknown[] = [];
  let last = 0;
  const outcome = await kernel.apply(plan, {
    settled: (operation, result) => settled.push([operation, result]),
    progress: (tried) => (last = tried),
  });
  expect(last).toBe(operationCount(plan));
  return { outcome, settled, state: await kernel.read() };
}

describe('What is told over the connection', () => {
  test('of plans, outcomes, observers and states is the same as without it', async () => {
    await fc.assert(
      fc.asyncProperty(models, models, fc.nat(60), async (from, to, failing) => {
        const options = {
          fault: (_operation: unknown, index: number) => (index === failing ? { errno: 'EBUSY' } : undefined),
        };
        const own = new RecordingKernel(options);
        const { remote, kernel, refused } = pair(options);
        for (const model of [from, to]) {
          const [near, far] = [await bring(own, model), await bring(remote, model)];
          expect(far).toStrictEqual(near);
        }
        expect(kernel.plans).toStrictEqual(own.plans);
        expect(refused).toEqual([]);
        await remote.close();
      }),
      { numRuns: 25 },
    );
  });

  test('of an operation that failed is which one of the caller’s it was', async () => {
    const { remote } = pair({ fault: () => ({ errno: 'EBUSY' }) });
    const { failures } = await remote.apply(CREATE);
    expect(failures[0]?.operation).toBe(CREATE.steps[0]?.operations[0]);
    expect(failures[0]?.errno).toBe('EBUSY');
  });

  test('of some namespaces is what the kernel tells', async () => {
    const { remote, kernel } = pair();
    await remote.apply(CREATE);
    expect(await remote.readNamespaces(new Set([HOST]))).toStrictEqual(await kernel.readNamespaces(new Set([HOST])));
    expect([...(await remote.readNamespaces(new Set([ROUTER]))).namespaces.keys()]).toEqual([ROUTER]);
  });

  test('of what has passed is what the kernel tells', async () => {
    const { remote, kernel } = pair();
    await remote.apply(CREATE);
    const floating = must(parseIpv4('203.0.113.1'));
    const sets = new Map([[SENT, 'counters' as const]]);
    await remote.apply(
      planOf([
        [
          { kind: 'ruleset.define', namespace: ROUTER, chains: new Map(), sets, replace: false },
          { kind: 'elements.set', namespace: ROUTER, set: SENT, elements: [{ key: floating, value: undefined }] },
        ],
      ]),
    );
    const nothing = { packets: 0, bytes: 0 };
    const expected = new Map([[ROUTER, new Map([[floating, { received: nothing, sent: nothing }]])]]);
    expect(await kernel.readCounters()).toEqual(expected);
    expect(await remote.readCounters()).toEqual(expected);
    expect(await remote.readCounters(new Set([ROUTER]))).toEqual(expected);
    expect(await remote.readCounters(new Set([HOST]))).toEqual(new Map());
  });

  test('of disturbances comes to the listener until it goes', async () => {
    const { remote, kernel } = pair();
    const told = Promise.withResolvers<Disturbance>();
    const subscription = await remote.watch(told.resolve);
    const disturbed: Disturbance = {
      namespaces: new Set([ROUTER]),
      gone: [{ kind: 'rule', namespace: HOST, key: 'a rule' }],
    };
    for (const listener of kernel.listeners) listener(disturbed);
    expect(await told.promise).toEqual(disturbed);
    await subscription[Symbol.asyncDispose]();
    expect(kernel.listeners.size).toBe(0);
  });
});

test('requests do not wait for one another', async () => {
  const { remote, kernel } = pair();
  const gate = Promise.withResolvers<void>();
  kernel.gate = gate.promise;
  const reading = remote.read();
  const outcomes = await Promise.all([remote.apply(CREATE), remote.apply(planOf([]))]);
  expect(outcomes.map(({ done }) => done)).toEqual([1, 0]);
  gate.resolve();
  expect((await reading).namespaces.has(ROUTER)).toBe(true);
});

test('an error of the kernel’s arrives as what it was', async () => {
  const { remote, kernel } = pair();
  kernel.gate = Promise.reject(new SystemError('open', 24));
  await expect(remote.read()).rejects.toThrow(SystemError);
  await expect(remote.read()).rejects.toMatchObject({ call: 'open', errno: 24 });
});

test('what an observer throws ends the run and reaches who called', async () => {
  const { remote, kernel } = pair();
  const names = Array.from({ length: 3000 }, (_, index) => must(parseNamespaceName(`qrouter-${index}`)));
  const plan = planOf(names.map((namespace) => [{ kind: 'namespace.create', namespace }]));
  const full = new Error('the disk is full');
  const thrower = () => {
    throw full;
  };
  await expect(remote.apply(plan, { settled: thrower })).rejects.toBe(full);
  await expect(remote.apply(CREATE, { progress: thrower })).rejects.toBe(full);
  expect(kernel.plans).toHaveLength(2);
});

describe('The end of the connection', () => {
  test.each([0, 1])('rejects all that waits, whichever end dies (%i)', async (dying) => {
    const { remote, kernel, streams, served } = pair();
    kernel.gate = new Promise(() => undefined);
    const waiting = [remote.read(), remote.read()];
    const settled = Promise.allSettled(waiting);
    streams[dying]?.destroy();
    for (const result of await settled) expect(result).toMatchObject({ reason: { code: 'BUOY_KERNEL_PROCESS_GONE' } });
    await expect(remote.apply(CREATE)).rejects.toMatchObject({ code: 'BUOY_KERNEL_PROCESS_GONE' });
    kernel.gate = Promise.resolve();
    void served;
  });

  test('lets a plan that was begun come to its end', async () => {
    const { remote, kernel, served } = pair();
    const applying = remote.apply(CREATE).catch(() => undefined);
    // The request is on its way before the end of the stream is.
    await remote.close();
    await applying;
    expect(await served.ended).toBeUndefined();
    expect((await kernel.read()).namespaces.has(ROUTER)).toBe(true);
  });

  test('ends its watches', async () => {
    const { remote, kernel, served } = pair();
    await remote.watch(() => undefined);
    await remote.close();
    await served.ended;
    expect(kernel.listeners.size).toBe(0);
  });
});
