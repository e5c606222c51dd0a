// The way between the store and the agent.

import { setImmediate as tellAll } from 'node:timers/promises';
import type { SQLInputValue } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { AgentEvent } from '../../src/agent/events.ts';
import { ownerMark } from '../../src/host/mark.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { Networking } from '../../src/intent/store/index.ts';
import type { Fault } from '../../src/kernel/simulated/index.ts';
import { changeHost, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, HOST, linuxBridgeName, routerNamespace } from '../../src/model/names.ts';
import { followStore, tellStore } from '../../src/service/follow-store.ts';
import { strangers } from '../../prove/foreign.ts';
import { link } from '../support/models.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { all, make, memoryStore, world } from '../support/stores.ts';
import type { World } from '../support/stores.ts';

const INSTANCE = 'test';
const MARK = ownerMark(INSTANCE);

/** A host on which there is every bridge that a store's networks need. */
class Host {
  readonly clock = new ManualClock();
  readonly events: AgentEvent[] = [];
  fault: (operation: Operation) => Fault | undefined = () => undefined;
  readonly #host: SimulatedHost;

  constructor(bridges: readonly LinkName[]) {
    const links = new Map([...bridges.map((name) => [name, 'bridge'] as const), [link('eth0'), 'device'] as const]);
    const foreign = { ...strangers().foreign, links };
    this.#host = new SimulatedHost({ state: { ...strangers(), foreign }, mark: MARK });
  }

  /** Names of Buoy's namespaces. */
  get namespaces(): readonly string[] {
    return [...this.#host.read(MARK).namespaces.keys()].filter((name) => name !== HOST).toSorted();
  }

  deleteAllBut(rest: NamespaceName): void {
    for (const name of this.#host.read(MARK).namespaces.keys())
      if (name !== HOST && name !== rest)
        changeHost(this.#host, { kind: 'namespace.delete', namespace: name, ends: [] });
    this.#host.settle();
  }

  newAgent(store: Networking): Agent {
    const kernel = new SimulatedKernel(this.#host, {
      instance: INSTANCE,
      fault: (operation) => this.fault(operation),
    });
    const tell = (event: AgentEvent): void => {
      this.events.push(event);
      tellStore(store, event);
    };
    return new Agent(kernel, { instance: INSTANCE, auditEveryMs: 600_000, clock: this.clock, tell });
  }
}

function bridgesOf(store: Networking): readonly LinkName[] {
  return all(store, 'networks').map(({ id }) => linuxBridgeName(id));
}

async function atRest(agent: Agent): Promise<void> {
  await tellAll();
  await agent.atRest();
}

test('the API shows what becomes of a router: that it works, that it failed, that it is switched off', async () => {
  const { store } = memoryStore();
  const { router } = world(store);
  const host = new Host(bridgesOf(store));
  const agent = host.newAgent(store);
  await using _following = await followStore(agent, store, { mayRemoveAll: false });
  const status = async (): Promise<unknown> => {
    await atRest(agent);
    return store.show('routers', router)['status'];
  };
  expect(await status()).toBe('ACTIVE');
  host.fault = ({ namespace }) => (namespace === routerNamespace(router) ? { errno: 'EBUSY' } : undefined);
  store.update('routers', router, { admin_state_up: false });
  expect(await status()).toBe('ERROR');
  host.fault = () => undefined;
  host.clock.pass(1000);
  expect(await status()).toBe('DOWN');
  store.update('routers', router, { admin_state_up: true });
  expect(await status()).toBe('ACTIVE');
});

test('a router that is changed is ACTIVE when the host has the change, and not for what was done before it', async () => {
  const { store } = memoryStore();
  const { router } = world(store);
  const networks = [1, 2].map((number) => {
    const { id } = make(store, 'networks', {});
    return make(store, 'subnets', { network_id: id, ip_version: 4, cidr: `10.${number}.0.0/24` }).id;
  });
  const host = new Host(bridgesOf(store));
  const agent = host.newAgent(store);
  await using _following = await followStore(agent, store, { mayRemoveAll: false });
  const status = (): unknown => store.show('routers', router)['status'];
  const seen: unknown[] = [];
  host.fault = ({ kind }) => {
    // The second change comes while the first is done.
    if (kind === 'link.create' && networks.length > 0) store.addRouterInterface(router, { subnet_id: networks.pop() });
    return undefined;
  };
  store.onChange(() => seen.push(status()));
  store.addRouterInterface(router, { subnet_id: networks.pop() });
  await atRest(agent);
  expect([seen, status()]).toEqual([['DOWN', 'DOWN'], 'ACTIVE']);
  const settled = host.events.filter((event) => event.kind === 'settled' && event.subject === routerNamespace(router));
  expect(settled).toHaveLength(3);
});

test('a change is stored and answered, and done when the Model can be read again', async () => {
  const { store, database } = memoryStore();
  const { router, public: outside } = world(store);
  store.update('routers', router, { external_gateway_info: null });
  const prepare = database.prepare.bind(database);
  let isBroken = false;
  database.prepare = (text) => {
    const statement = prepare(text);
    if (!text.includes('FROM ports WHERE admin_state_up')) return statement;
    const read = statement.all.bind(statement);
    const value = (...values: SQLInputValue[]): unknown => {
      if (isBroken) throw new Error('disk I/O error');
      return read(...values);
    };
    return Object.defineProperty(statement, 'all', { value });
  };
  const host = new Host(bridgesOf(store));
  const agent = host.newAgent(store);
  await using _following = await followStore(agent, store, { mayRemoveAll: false });
  isBroken = true;
  // It changes a network and a router, of which only the one can be read.
  store.update('routers', router, { external_gateway_info: { network_id: outside } });
  await atRest(agent);
  expect(host.events.filter(({ kind }) => kind === 'trouble')).toHaveLength(1);
  expect(host.namespaces).toEqual([routerNamespace(router)]);
  expect(store.show('routers', router)['status']).toBe('DOWN');
  // What was wanted before is kept meanwhile.
  host.deleteAllBut(fipNamespace(outside));
  await atRest(agent);
  expect(host.namespaces).toEqual([routerNamespace(router)]);
  isBroken = false;
  host.clock.pass(1000);
  await atRest(agent);
  expect(host.namespaces).toEqual([fipNamespace(outside), routerNamespace(router)].toSorted());
  expect(store.model().networks.get(outside)?.agentGateway).toBeDefined();
  expect(store.show('routers', router)['status']).toBe('ACTIVE');
});

test('a status that the store could not take is told again', async () => {
  const { store } = memoryStore();
  const { router, workload, public: outside } = world(store);
  const host = new Host(bridgesOf(store));
  const agent = host.newAgent(store);
  await using _following = await followStore(agent, store, { mayRemoveAll: false });
  const setRouterStatus = store.setRouterStatus.bind(store);
  store.setRouterStatus = () => {
    store.setRouterStatus = setRouterStatus;
    throw new Error('disk I/O error');
  };
  const { id } = make(store, 'floatingips', { floating_network_id: outside, port_id: workload });
  // After such trouble it waits, and is not at rest.
  while (!host.clock.isAwaited) await tellAll();
  expect(store.show('floatingips', id)['status']).toBe('DOWN');
  host.clock.pass(1000);
  await atRest(agent);
  expect(store.show('floatingips', id)['status']).toBe('ACTIVE');
  expect(store.show('routers', router)['status']).toBe('ACTIVE');
});

describe('When the last router goes and the agent dies before the host is rid of it, the next one takes it away', () => {
  /** A host that has a router of a store, and nobody who keeps it. */
  async function left(store: Networking): Promise<Host> {
    const host = new Host(bridgesOf(store));
    await (await followStore(host.newAgent(store), store, { mayRemoveAll: false }))[Symbol.asyncDispose]();
    expect(host.namespaces).toHaveLength(2);
    return host;
  }

  function deleteRouter(store: Networking, { router, blueSubnet }: World): void {
    store.removeRouterInterface(router, { subnet_id: blueSubnet });
    store.delete('routers', router);
  }

  /** Everything that is stored. */
  function deleteAll(store: Networking, ids: World): void {
    deleteRouter(store, ids);
    store.delete('ports', ids.workload);
    for (const network of [ids.public, ids.blue]) store.delete('networks', network);
  }

  const ends: readonly (readonly [string, (store: Networking, ids: World) => void])[] = [
    ['deleted', deleteRouter],
    ['deleted, with all else', deleteAll],
    ['switched off', (store, { router }) => void store.update('routers', router, { admin_state_up: false })],
  ];

  test.each(ends)('the router was %s', async (_, end) => {
    const { store } = memoryStore();
    const ids = world(store);
    const host = await left(store);
    end(store, ids);
    await using _following = await followStore(host.newAgent(store), store, { mayRemoveAll: false });
    expect(host.namespaces).toEqual([]);
  });

  test.each(['router', 'public'] as const)('half of it was gone already: what the %s has is left', async (whose) => {
    const { store } = memoryStore();
    const ids = world(store);
    const host = await left(store);
    deleteAll(store, ids);
    const rest = whose === 'router' ? routerNamespace(ids.router) : fipNamespace(ids.public);
    host.deleteAllBut(rest);
    expect(host.namespaces).toEqual([rest]);
    await using _following = await followStore(host.newAgent(store), store, { mayRemoveAll: false });
    expect(host.namespaces).toEqual([]);
  });

  test('but not for a store that is new, or of another host, even one that had routers', async () => {
    const host = await left(
      (() => {
        const { store } = memoryStore();
        world(store);
        return store;
      })(),
    );
    const { store: fresh } = memoryStore();
    const { store: foreign } = memoryStore();
    deleteAll(foreign, world(foreign));
    for (const store of [fresh, foreign]) {
      const following = followStore(host.newAgent(store), store, { mayRemoveAll: false });
      await expect(following).rejects.toMatchObject({ code: 'BUOY_NOTHING_WANTED' });
    }
    expect(host.namespaces).toHaveLength(2);
    await using _following = await followStore(host.newAgent(fresh), fresh, { mayRemoveAll: true });
    expect(host.namespaces).toEqual([]);
  });
});
