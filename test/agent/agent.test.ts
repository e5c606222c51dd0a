import { setImmediate as tellAll } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { AgentEvent } from '../../src/agent/events.ts';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import { ownerMark } from '../../src/host/mark.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { MAIN_TABLE } from '../../src/host/state.ts';
import type { Fault } from '../../src/kernel/simulated/index.ts';
import { changeHost, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model, Router } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, HOST, routerNamespace, routerToFipName } from '../../src/model/names.ts';
import { strangers } from '../../prove/foreign.ts';
import { pair } from '../kernel/remote/kernels.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  bridge,
  external,
  ipv4,
  link,
  modelOf,
  network,
  NOTHING,
  port,
  prefix,
  router,
  uuid,
} from '../support/models.ts';
import { must } from '../support/must.ts';

const INSTANCE = 'test';
const MARK = ownerMark(INSTANCE);
const AUDIT_MS = 600_000;

const plug = bridge('br-a');
const OUTSIDE = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] }, { plug });
const TENANT = network('c0000000', { plug });
const ONE = routerNamespace(uuid('d0000001'));
const TWO = routerNamespace(uuid('d0000002'));
const FIP = fipNamespace(OUTSIDE.id);

function routerWith(number: 1 | 2, floatingIps: Record<string, string>): Router {
  const inside = port(`b000000${number}`, 'c0000000', { addresses: [`10.0.0.${number}/24`] });
  return router(`d000000${number}`, { external: 'a0000001', interfaces: [inside], floatingIps });
}

function model(...routers: Router[]): Model {
  return modelOf([OUTSIDE, TENANT], routers);
}

const first = routerWith(1, { '203.0.113.20': '10.0.0.20' });
const second = routerWith(2, { '203.0.113.30': '10.0.0.30' });
const both = model(first, second);

/** What was told to it by now is done. */
async function atRest(agent: Agent): Promise<void> {
  await tellAll();
  await agent.atRest();
}

describe('An agent', () => {
  const clock = new ManualClock();
  let host: SimulatedHost;
  let events: AgentEvent[];
  /** Operations that the kernel was asked for. */
  let written: Operation[];
  let fault: (operation: Operation) => Fault | undefined;
  let losesEvents: boolean;
  /** Told when something was read and is not answered yet. */
  let duringReading: (kind: 'read' | 'readNamespaces') => void;
  let agents: Agent[];

  beforeEach(() => {
    host = new SimulatedHost({ state: strangers(), mark: MARK });
    events = [];
    written = [];
    fault = () => undefined;
    losesEvents = false;
    duringReading = () => undefined;
    agents = [];
  });

  afterEach(async () => {
    for (const agent of agents) await agent.stop();
  });

  class ReadKernel extends SimulatedKernel {
    override async read(): Promise<HostState> {
      const state = await super.read();
      duringReading('read');
      return state;
    }

    override async readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
      const state = await super.readNamespaces(names);
      duringReading('readNamespaces');
      return state;
    }
  }

  function newAgent(): Agent {
    const kernel = new ReadKernel(host, {
      instance: INSTANCE,
      fault: (operation) => {
        written.push(operation);
        return fault(operation);
      },
      loses: () => losesEvents,
    });
    const tell = (event: AgentEvent): void => void events.push(event);
    const agent = new Agent(kernel, { instance: INSTANCE, auditEveryMs: AUDIT_MS, tell, clock, random: () => 0.5 });
    agents.push(agent);
    return agent;
  }

  async function started(wanted: Model): Promise<Agent> {
    const agent = newAgent();
    await agent.start(wanted);
    await atRest(agent);
    written = [];
    events = [];
    return agent;
  }

  function expectHost(wanted: Model): void {
    const actual = host.read(MARK);
    expect(diff(actual, compile(wanted, livePairs(actual), { instance: INSTANCE })).steps).toEqual([]);
  }

  function kinds<K extends AgentEvent['kind']>(kind: K): Extract<AgentEvent, { kind: K }>[] {
    return events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind);
  }

  /** What an administrator does by hand. */
  function meddle(operation: Operation): void {
    expect(changeHost(host, operation)).toBeUndefined();
  }

  function deleteRoute(): void {
    const address = ipv4('203.0.113.20');
    const { hosts } = must(must(host.read(MARK).namespaces.get(FIP)).routes.get(MAIN_TABLE));
    const destination = { address, length: 32 };
    meddle({ kind: 'route.delete', namespace: FIP, table: MAIN_TABLE, destination, hop: must(hosts.get(address)) });
  }

  function addRoute(): void {
    const device = must([...must(host.read(MARK).namespaces.get(TWO)).links.keys()][1]);
    const hop = { link: device, gateway: undefined, protocol: 4, type: 'unicast' };
    const destination = prefix('192.168.0.0/16');
    meddle({ kind: 'route.set', namespace: TWO, table: MAIN_TABLE, destination, hop, before: undefined });
  }

  function addBridge(): void {
    const name = link('br-new');
    const kind = { type: 'other', word: 'bridge' } as const;
    const device = { name, kind, mac: undefined, mtu: 1500, up: true, master: undefined, alias: undefined };
    meddle({ kind: 'link.create', namespace: HOST, link: device, peer: undefined });
  }

  test('brings a host to what is wanted, and then what changes', async () => {
    const agent = await started(both);
    expectHost(both);
    expect(agent.status(ONE)).toEqual({ status: 'ACTIVE' });
    const more = model(routerWith(1, { '203.0.113.20': '10.0.0.20', '203.0.113.21': '10.0.0.21' }), second);
    agent.want(() => more);
    await atRest(agent);
    expectHost(more);
    expect(new Set(written.map(({ namespace }) => namespace))).toEqual(new Set([ONE, FIP]));
    expect(kinds('settled').map(({ subject, cause }) => [subject, cause])).toEqual([[ONE, 'intent']]);
  });

  test('writes nothing when it starts on a host that is as it is wanted', async () => {
    await (await started(both)).stop();
    const before = listing(host.read(MARK));
    const again = newAgent();
    await again.start(both);
    await atRest(again);
    expect(written).toEqual([]);
    expect(listing(host.read(MARK))).toBe(before);
  });

  test('knows when it starts what others have changed since it began to read', async () => {
    await (await started(both)).stop();
    const again = newAgent();
    await again.begin();
    deleteRoute();
    await tellAll();
    await again.start(both);
    expectHost(both);
    expect(written.map(({ kind }) => kind)).toEqual(['route.set', 'address.announce']);
  });

  test('can be stopped when it has only begun to read', async () => {
    await (await started(both)).stop();
    const again = newAgent();
    const begun = again.begin();
    await again.stop();
    await begun;
    deleteRoute();
    await tellAll();
    expect([written, events.map(({ kind }) => kind)]).toEqual([[], ['read']]);
  });

  test('leaves the host as it is when it is stopped', async () => {
    const agent = await started(both);
    await agent.stop();
    expect(written).toEqual([]);
    expectHost(both);
  });

  test('puts back what others delete, and reads nothing for it', async () => {
    const agent = await started(both);
    deleteRoute();
    await atRest(agent);
    expectHost(both);
    expect(kinds('read')).toEqual([]);
    expect(kinds('drift')).toHaveLength(1);
    expect(kinds('settled').map(({ cause }) => cause)).toEqual(['drift']);
  });

  test('puts back a namespace that others delete', async () => {
    const agent = await started(both);
    meddle({ kind: 'namespace.delete', namespace: ONE, ends: [] });
    host.settle();
    await atRest(agent);
    expectHost(both);
  });

  test('takes away what others add', async () => {
    const agent = await started(both);
    addRoute();
    await atRest(agent);
    expectHost(both);
  });

  test('reads the whole host when events were lost', async () => {
    const agent = await started(both);
    losesEvents = true;
    deleteRoute();
    await atRest(agent);
    expectHost(both);
    expect(kinds('lost events')).toHaveLength(1);
    expect(kinds('read').map(({ namespaces }) => namespaces)).toContain('all');
  });

  test.each(['read', 'readNamespaces'] as const)('does not forget what others change during a %s', async (reading) => {
    const agent = await started(both);
    duringReading = (kind) => {
      if (kind !== reading) return;
      duringReading = () => undefined;
      const [rule] = must(host.read(MARK).namespaces.get(TWO)).rules.values();
      meddle({ kind: 'rule.delete', namespace: TWO, rule: must(rule) });
    };
    if (reading === 'read') agent.audit();
    addRoute();
    await atRest(agent);
    expectHost(both);
  });

  test('does not take a change of the intent for one by others, when the whole host has just been read', async () => {
    const agent = await started(both);
    const more = model(routerWith(1, { '203.0.113.20': '10.0.0.20', '203.0.113.21': '10.0.0.21' }), second);
    clock.pass(AUDIT_MS);
    agent.want(() => more);
    await atRest(agent);
    expectHost(more);
    expect(kinds('drift')).toEqual([]);
    expect(kinds('settled').map(({ subject, cause }) => [subject, cause])).toEqual([[ONE, 'intent']]);
  });

  test('finds in an audit what nobody told it', async () => {
    const agent = await started(both);
    // The watcher is told of nothing.
    const watchers = [...host.watchers];
    host.watchers.clear();
    deleteRoute();
    for (const watcher of watchers) host.watchers.add(watcher);
    await atRest(agent);
    expect(kinds('drift')).toEqual([]);
    clock.pass(AUDIT_MS);
    await atRest(agent);
    expectHost(both);
    expect(kinds('drift')).toHaveLength(1);
  });

  test('tells of a router that is well again, also when an audit had found what it then failed with', async () => {
    const agent = await started(both);
    losesEvents = true;
    fault = () => ({ errno: 'EBUSY' });
    deleteRoute();
    await atRest(agent);
    expect(kinds('failure').map(({ subject }) => subject)).toEqual([ONE]);
    fault = () => undefined;
    clock.pass(100);
    await atRest(agent);
    expect(kinds('settled').map(({ subject, cause, router: { id } = {} }) => [subject, cause, id])).toEqual([
      [ONE, 'drift', first.id],
    ]);
  });

  test('owes nothing for a router that could not be made and is not wanted any more', async () => {
    const agent = await started(both);
    const third = router('d0000003', {
      external: 'a0000001',
      interfaces: [port('b0000003', 'c0000000', { addresses: ['10.0.0.3/24'] })],
      floatingIps: { '203.0.113.40': '10.0.0.40' },
    });
    fault = ({ kind }) => (kind === 'namespace.create' ? { errno: 'ENOSPC' } : undefined);
    agent.want(() => model(first, second, third));
    await atRest(agent);
    expect(kinds('failure').map(({ subject }) => subject)).toEqual([routerNamespace(third.id)]);
    fault = () => undefined;
    agent.want(() => both);
    await atRest(agent);
    written = [];
    clock.pass(AUDIT_MS);
    await atRest(agent);
    expect(written).toEqual([]);
  });

  test('tries a router that failed again, later and later, while others are served', async () => {
    const agent = await started(both);
    fault = ({ namespace, kind }) => (namespace === ONE && kind === 'elements.set' ? { errno: 'EBUSY' } : undefined);
    const more = model(
      routerWith(1, { '203.0.113.20': '10.0.0.20', '203.0.113.21': '10.0.0.21' }),
      routerWith(2, { '203.0.113.30': '10.0.0.30', '203.0.113.31': '10.0.0.31' }),
    );
    agent.want(() => more);
    await atRest(agent);
    expect(agent.status(ONE)?.error?.code).toBe('BUOY_KERNEL_REFUSED');
    expect(agent.status(TWO)?.status).toBe('ACTIVE');
    expect(kinds('failure').map(({ againInMs }) => againInMs)).toEqual([100]);
    for (const wait of [100, 200, 400]) {
      clock.pass(wait - 1);
      await atRest(agent);
      const tried = kinds('failure').length;
      clock.pass(1);
      await atRest(agent);
      expect(kinds('failure')).toHaveLength(tried + 1);
    }
    fault = () => undefined;
    clock.pass(800);
    await atRest(agent);
    expectHost(more);
    expect(agent.status(ONE)).toEqual({ status: 'ACTIVE' });
  });

  test('does not take what a router that fails has left in a shared namespace for a change by others', async () => {
    const agent = await started(both);
    fault = ({ namespace, kind }) => (namespace === ONE && kind === 'link.create' ? { errno: 'EPERM' } : undefined);
    meddle({ kind: 'link.delete', namespace: ONE, link: routerToFipName(first.id) });
    await atRest(agent);
    expect(kinds('drift').map(({ subject }) => subject)).toEqual([ONE]);
    expect(kinds('failure').map(({ subject }) => subject)).toEqual([ONE]);
    expect(kinds('round')).toHaveLength(1);
    fault = () => undefined;
    clock.pass(100);
    await atRest(agent);
    expectHost(both);
  });

  test('tells of the end of a failure that began with what an audit found', async () => {
    const agent = await started(both);
    const watchers = [...host.watchers];
    host.watchers.clear();
    deleteRoute();
    for (const watcher of watchers) host.watchers.add(watcher);
    fault = ({ kind }) => (kind === 'route.set' ? { errno: 'ENOBUFS' } : undefined);
    agent.audit();
    await atRest(agent);
    expect(kinds('failure').map(({ subject }) => subject)).toEqual([ONE]);
    fault = () => undefined;
    clock.pass(100);
    await atRest(agent);
    expectHost(both);
    expect(kinds('settled').map(({ subject, cause }) => [subject, cause])).toEqual([[ONE, 'drift']]);
  });

  test('tries at once what is newly wanted of a router that failed', async () => {
    const agent = await started(both);
    fault = ({ namespace }) => (namespace === ONE ? { errno: 'EBUSY' } : undefined);
    agent.want(() => model(routerWith(1, {}), second));
    await atRest(agent);
    fault = () => undefined;
    const other = model(routerWith(1, { '203.0.113.22': '10.0.0.22' }), second);
    agent.want(() => other);
    await atRest(agent);
    expectHost(other);
  });

  test('puts off a repair that others undo again and again', async () => {
    const agent = await started(both);
    let rounds = 0;
    for (; rounds < 30 && !kinds('drift').some(({ isFight }) => isFight); rounds++) {
      deleteRoute();
      await atRest(agent);
    }
    expect(rounds).toBeLessThan(30);
    expect(agent.unsettled.size).toBe(1);
    clock.pass(1000);
    await atRest(agent);
    expectHost(both);
  });

  test('does not take an empty intent for "remove all"', async () => {
    await (await started(both)).stop();
    const again = newAgent();
    await expect(again.start(NOTHING)).rejects.toMatchObject({ code: 'BUOY_NOTHING_WANTED' });
    expect(written).toEqual([]);
    expectHost(both);
    const told = newAgent();
    await told.start(NOTHING, (found) => found.includes(ONE));
    expectHost(NOTHING);
  });

  test('is told in the end that nothing is wanted any more', async () => {
    const agent = await started(both);
    agent.want(() => NOTHING);
    await atRest(agent);
    expectHost(NOTHING);
    expect([...agent.statuses]).toEqual([]);
  });

  test('refuses what the host lacks, and serves it when it is there', async () => {
    const elsewhere = modelOf([OUTSIDE, network('c0000000', { plug: bridge('br-new') })], [second]);
    const agent = await started(elsewhere);
    expect(agent.status(TWO)?.error?.code).toBe('BUOY_BRIDGE_MISSING');
    expect(agent.status(FIP)?.status).toBe('ACTIVE');
    addBridge();
    clock.pass(100);
    await atRest(agent);
    expectHost(elsewhere);
    expect(agent.status(TWO)?.status).toBe('ACTIVE');
  });

  test('tells of the end of a refusal that an audit began', async () => {
    addBridge();
    const elsewhere = modelOf([OUTSIDE, network('c0000000', { plug: bridge('br-new') })], [second]);
    const agent = await started(elsewhere);
    const watchers = [...host.watchers];
    host.watchers.clear();
    meddle({ kind: 'link.delete', namespace: HOST, link: link('br-new') });
    for (const watcher of watchers) host.watchers.add(watcher);
    agent.audit();
    await atRest(agent);
    expect(agent.status(TWO)?.error?.code).toBe('BUOY_BRIDGE_MISSING');
    addBridge();
    clock.pass(100);
    await atRest(agent);
    expectHost(elsewhere);
    expect(kinds('settled').map(({ subject }) => subject)).toEqual([TWO]);
  });

  test('knows of a bridge that came after the host was read', async () => {
    const agent = await started(both);
    addBridge();
    const elsewhere = modelOf([OUTSIDE, network('c0000000', { plug: bridge('br-new') })], [first, second]);
    agent.want(() => elsewhere);
    await atRest(agent);
    expectHost(elsewhere);
    expect(kinds('failure')).toEqual([]);
  });

  test('serves the others when a router is to be plugged into what the privileged process does not allow', async () => {
    const allowedDevices = new Set([link('br-a')]);
    const { remote, kernel, refused } = pair({}, allowedDevices);
    const agent = new Agent(remote, { instance: INSTANCE, allowedDevices, auditEveryMs: AUDIT_MS, clock });
    agents.push(agent);
    const other = network('c0000009', { plug: bridge('br-b') });
    const inside = port('b0000009', 'c0000009', { addresses: ['10.9.0.1/24'] });
    await agent.start(modelOf([OUTSIDE, TENANT, other], [first, router('d0000009', { interfaces: [inside] })]));
    expect(refused).toEqual([]);
    expect(agent.status(ONE)).toEqual({ status: 'ACTIVE' });
    expect((await kernel.read()).namespaces.has(ONE)).toBe(true);
    expect(agent.status(routerNamespace(uuid('d0000009')))?.error?.code).toBe('BUOY_OUTSIDE_OWNED_SPACE');
  });
});
