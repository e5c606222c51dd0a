// The way between the store and the agent.

import { setImmediate as tellAll } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { Fault } from '../../src/kernel/simulated/index.ts';
import { SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { routerNamespace } from '../../src/model/names.ts';
import { followStore, tellStore } from '../../src/service/follow-store.ts';
import { strangers } from '../../prove/foreign.ts';
import { link } from '../support/models.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryStore, world } from '../support/stores.ts';

test('the API shows what becomes of a router: that it works, that it failed, that it is switched off', async () => {
  const { store } = memoryStore();
  const { router } = world(store);
  const bridges = [...store.model().networks.values()].flatMap(({ plug }) =>
    plug.driver === 'bridge' ? [[plug.bridge, 'bridge'] as const] : [],
  );
  const foreign = { ...strangers().foreign, links: new Map([...bridges, [link('eth0'), 'device'] as const]) };
  let fault: (operation: Operation) => Fault | undefined = () => undefined;
  const kernel = new SimulatedKernel(new SimulatedHost({ state: { ...strangers(), foreign } }), {
    instance: 'test',
    fault: (operation) => fault(operation),
  });
  const clock = new ManualClock();
  const agent = new Agent(kernel, {
    instance: 'test',
    auditEveryMs: 600_000,
    clock,
    tell: (event) => tellStore(store, event),
  });
  await using _following = await followStore(agent, store, { mayRemoveAll: false });
  const status = async (): Promise<unknown> => {
    await tellAll();
    await agent.atRest();
    return store.show('routers', router)['status'];
  };
  expect(await status()).toBe('ACTIVE');
  fault = ({ namespace }) => (namespace === routerNamespace(router) ? { errno: 'EBUSY' } : undefined);
  store.update('routers', router, { admin_state_up: false });
  expect(await status()).toBe('ERROR');
  fault = () => undefined;
  clock.pass(1000);
  expect(await status()).toBe('DOWN');
  store.update('routers', router, { admin_state_up: true });
  expect(await status()).toBe('ACTIVE');
});
