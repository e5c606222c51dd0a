// A simulated host that is watched, where it differs from the real one: its time and its chance are the test's.

import { expect, test } from 'vitest';
import type { Operation } from '../../src/host/plan.ts';
import { changeHost, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { Disturbances } from '../support/disturbances.ts';
import { must } from '../support/must.ts';
import { planOf } from '../support/plans.ts';
import { INSTANCE, START } from '../support/random-operations.ts';

const [A, FIP] = [must(parseNamespaceName('qrouter-a')), must(parseNamespaceName('fip-a'))];
const RULE: Operation = { kind: 'rule.add', namespace: A, rule: { family: 4, priority: 100, table: 16 } };

test('the other end of a link of a namespace that others delete is told of when it goes', async () => {
  const host = new SimulatedHost();
  const kernel = new SimulatedKernel(host, { instance: INSTANCE });
  await using told = await Disturbances.of(kernel);
  await kernel.apply(planOf([[...START]]));
  changeHost(host, { kind: 'namespace.delete', namespace: A, ends: [] });
  expect(await told.names()).toContain(A);
  host.settle();
  expect(await told.names()).toContain(FIP);
});

test('a kernel is told of what another one does, and of nothing when its events are lost but that', async () => {
  const host = new SimulatedHost();
  let isLost = false;
  const kernel = new SimulatedKernel(host, { instance: INSTANCE, loses: () => isLost });
  await kernel.apply(planOf([[...START]]));
  await using told = await Disturbances.of(kernel);
  const other = new SimulatedKernel(host, { instance: INSTANCE });
  await other.apply(planOf([[RULE]]));
  expect(await told.take()).toEqual([{ namespaces: new Set([A]), gone: [] }]);
  isLost = true;
  changeHost(host, { ...RULE, kind: 'rule.delete' });
  expect(await told.take()).toEqual(['everything']);
});
