// A watch and a reading that were begun before they were asked for lose nothing of what happened meanwhile.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Disturbance } from '../../../src/kernel/disturbance.ts';
import { HeadStart } from '../../../src/kernel/remote/head-start.ts';
import type { NamespaceName } from '../../../src/model/names.ts';
import { parseNamespaceName } from '../../../src/model/names.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';
import { pair, RecordingKernel } from './kernels.ts';

const [ROUTER_A, ROUTER_B, ROUTER_C] = [router('a'), router('b'), router('c')];
const CREATE = planOf([[{ kind: 'namespace.create', namespace: ROUTER_A }]]);

function router(id: string): NamespaceName {
  return must(parseNamespaceName(`qrouter-${id}`));
}

function changedIn(...names: readonly NamespaceName[]): Disturbance {
  return { namespaces: new Set(names), gone: [] };
}

function disturb(kernel: RecordingKernel, disturbed: Disturbance): void {
  for (const listener of kernel.listeners) listener(disturbed);
}

test('the first to ask gets the state that was read before, and everybody after that a new one', async () => {
  const kernel = new RecordingKernel();
  await using ahead = new HeadStart(kernel);
  await using _watch = await ahead.watch(() => undefined);
  // Time enough for the reading, which the kernel in memory does at once.
  await turnOfTheLoop();
  await kernel.apply(CREATE);
  expect((await ahead.read()).namespaces.has(ROUTER_A)).toBe(false);
  expect((await ahead.read()).namespaces.has(ROUTER_A)).toBe(true);
});

test('what changed since is told when the state is asked for, before it comes, and then as it happens', async () => {
  const kernel = new RecordingKernel();
  const gate = Promise.withResolvers<void>();
  kernel.gate = gate.promise;
  await using ahead = new HeadStart(kernel);
  disturb(kernel, changedIn(ROUTER_A));
  const told: unknown[] = [];
  await using _watch = await ahead.watch((disturbed) => told.push(disturbed));
  disturb(kernel, changedIn(ROUTER_B));
  expect(told).toEqual([]);
  const state = ahead.read().then(() => told.push('the state'));
  disturb(kernel, changedIn(ROUTER_C));
  gate.resolve();
  await state;
  expect(told).toEqual([changedIn(ROUTER_A, ROUTER_B), changedIn(ROUTER_C), 'the state']);
});

test('lost events stay lost, whatever else is heard', async () => {
  const kernel = new RecordingKernel();
  await using ahead = new HeadStart(kernel);
  disturb(kernel, 'everything');
  disturb(kernel, changedIn(ROUTER_A));
  const told: Disturbance[] = [];
  await using _watch = await ahead.watch((disturbed) => told.push(disturbed));
  await ahead.read();
  expect(told).toEqual(['everything']);
});

test('who watches second has a watch of its own', async () => {
  const kernel = new RecordingKernel();
  await using ahead = new HeadStart(kernel);
  await using _first = await ahead.watch(() => undefined);
  expect(kernel.listeners.size).toBe(1);
  await using _second = await ahead.watch(() => undefined);
  expect(kernel.listeners.size).toBe(2);
});

test('a state that is asked for by who does not watch is a new one', async () => {
  const kernel = new RecordingKernel();
  await using ahead = new HeadStart(kernel);
  await turnOfTheLoop();
  await kernel.apply(CREATE);
  expect((await ahead.read()).namespaces.has(ROUTER_A)).toBe(true);
});

test('that the kernel cannot be watched is told to who asks, and nobody else', async () => {
  const kernel = new RecordingKernel();
  kernel.watch = () => Promise.reject(new Error('no more sockets'));
  const ahead = new HeadStart(kernel);
  await expect(ahead.watch(() => undefined)).rejects.toThrow('no more sockets');
  await ahead[Symbol.asyncDispose]();
  await new HeadStart(kernel)[Symbol.asyncDispose]();
});

test('what nobody has asked for ends with the connection', async () => {
  const { kernel, served } = pair({}, undefined, { hasHeadStart: true });
  expect(kernel.listeners.size).toBe(1);
  served.end();
  await served.ended;
  expect(kernel.listeners.size).toBe(0);
});

test('over a connection it is as any other watch, and ends as one', async () => {
  const { remote, kernel } = pair({}, undefined, { hasHeadStart: true });
  disturb(kernel, changedIn(ROUTER_A));
  const told: Disturbance[] = [];
  const watch = await remote.watch((disturbed) => told.push(disturbed));
  await remote.read();
  expect(told).toEqual([changedIn(ROUTER_A)]);
  await watch[Symbol.asyncDispose]();
  expect(kernel.listeners.size).toBe(0);
});
