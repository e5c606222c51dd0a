// An agent that is ended, in whatever way, and started again: no packet is lost, and the kernel is left as it is.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { fillStore } from '../../bench/agent/fill-store.ts';
import type { Filled } from '../../bench/agent/fill-store.ts';
import type { Store } from '../../src/intent/store/index.ts';
import { openStore } from '../../src/intent/store/index.ts';
import { placesOf } from '../../src/kernel/disturbance.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { parseIpv4 } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { fipNamespace, linuxBridgeName, routerNamespace } from '../../src/model/names.ts';
import { linkName, machineNamespace } from '../../src/playground/machine.ts';
import type { Machine, Workload } from '../../src/playground/machine.ts';
import { Playground } from '../../src/playground/playground.ts';
import { KernelHost } from '../cli/kernel-host.ts';
import { must } from '../support/must.ts';
import { SteadyTraffic } from '../support/steady-traffic.ts';
import type { Way } from '../support/steady-traffic.ts';
import { gone, RunningAgent } from './running-agent.ts';

const BUOY = fileURLToPath(new URL('../../bin/buoy.js', import.meta.url));
const MTU = 1500;
/** As `fillStore` has it. */
const [OUTSIDE, TENANT_GATEWAY] = [must(parseIpv4('198.18.0.1')), must(parseIpv4('10.0.0.1'))];
const EVERYTHING = { address: must(parseIpv4('0.0.0.0')), length: 0 };
/** Null: the host's own. */
const RECORD = z.looseObject({ namespace: z.string().nullable() });
const NOTHING_LOST = { lost: 0, retransmitted: 0, broken: 0 };

let host: KernelHost;
let agent: RunningAgent;
let filled: Filled;
let playground: Playground;
let ways: readonly Way[];
let witness: LinuxKernel;
/** Namespaces in which something was changed, as somebody else than the agent hears it. */
const heard = new Set<string>();

beforeAll(async () => {
  host = new KernelHost();
  mkdirSync(folder());
  const model = fill();
  for (const { network } of filled.routers) host.addBridge(linuxBridgeName(network));
  await start();

  const outside = machine('outside', filled.externalNetwork, 'br-ex', { address: OUTSIDE, length: 15 });
  const served = filled.routers.map(({ id, network }, number) => {
    const [first] = must(model.routers.get(id)).floatingIps.values();
    const { floating, fixed } = must(first);
    const own = machine(`w${number}`, network, linuxBridgeName(network), { address: fixed, length: 16 });
    const routes = [{ destination: EVERYTHING, gateway: TENANT_GATEWAY }];
    return { floating, workload: { ...own, routes, routerId: id } satisfies Workload };
  });
  const workloads = served.map(({ workload }) => workload);
  const settings = { host: '/proc/self/ns/net', directory: host.names };
  playground = await Playground.build({ wires: [], outside: [outside], workloads, nexthops: [] }, settings);
  ways = served.map(({ floating, workload }) => ({
    from: outside,
    source: OUTSIDE,
    to: floating,
    target: { machine: workload, address: workload.address },
  }));
  witness = new LinuxKernel({ instance: 'default', ...settings });
  await witness.watch((disturbed) => {
    for (const name of disturbed === 'everything' ? ['everything'] : placesOf(disturbed)) heard.add(name);
  });
  await witness.read();
});
afterAll(async () => {
  agent.signal('SIGKILL');
  await agent.ended;
  await witness.close();
  await playground[Symbol.asyncDispose]();
  rmSync(folder(), { recursive: true, force: true });
  host[Symbol.dispose]();
});

test('ended in order, killed, reloaded: nothing is lost, and nothing is written', async () => {
  const recordsBefore = records().length;
  const traffic = await SteadyTraffic.start(playground, { pings: ways, streams: ways.slice(0, 1) });
  const doings: readonly (() => Promise<void>)[] = [
    async () => {
      await end('SIGTERM');
      await start();
    },
    async () => {
      process.kill(await agent.ready(), 'SIGKILL');
      await agent.ready(2);
    },
    async () => {
      config({ audit_interval: 7 });
      agent.signal('SIGHUP');
      await agent.line({ message: 'the configuration was read again' });
    },
    async () => {
      await end('SIGKILL');
      await start();
    },
  ];
  for (const [phase, doing] of doings.entries()) {
    traffic.enter(phase);
    await doing();
  }
  const reports = await traffic.finish();
  expect(reports).toMatchObject(doings.map(() => NOTHING_LOST));
  for (const { pings, segments } of reports) expect(Math.min(pings, segments)).toBeGreaterThan(20);
  expect([...heard]).toEqual([]);
  expect(records().length).toBe(recordsBefore);
});

test('what came to the store while no agent ran is done, and nobody else is touched', async () => {
  const recordsBefore = records().length;
  const changed = must(filled.routers[1]);
  const traffic = await SteadyTraffic.start(playground, { pings: ways, streams: ways });
  await end('SIGTERM');
  {
    using store = open();
    const [port] = store.create('ports', [{ network_id: changed.network }]);
    store.create('floatingips', [{ floating_network_id: filled.externalNetwork, port_id: must(port).id }]);
  }
  await start();
  const [report] = await traffic.finish();
  expect(report).toMatchObject(NOTHING_LOST);
  const touched = new Set([fipNamespace(filled.externalNetwork), routerNamespace(changed.id)]);
  const audited = records().slice(recordsBefore);
  expect(new Set(audited.map(({ namespace }) => namespace))).toEqual(touched);
  expect(heard).toEqual(touched);
});

function folder(): string {
  return `${host.names}-store`;
}

function fill(): Model {
  using store = open();
  filled = fillStore(store, { routers: 3, floatingIps: 2 });
  return store.model();
}

function open(): Store {
  const physicalNetworks = new Map([['public', { driver: 'bridge', bridge: linkName('br-ex') } as const]]);
  return openStore(join(folder(), 'buoy.db'), { host: 'test', physicalNetworks });
}

function config(more: object = {}): string {
  const values = {
    host: 'test',
    netns_directory: host.names,
    store: join(folder(), 'buoy.db'),
    listen: { unix: { path: join(folder(), 'buoy.sock') } },
    physical_networks: { public: { bridge: 'br-ex' } },
    audit_log: join(folder(), 'audit.jsonl'),
    ...more,
  };
  // JSON is YAML.
  return host.write('agent.yaml', JSON.stringify(values));
}

async function start(): Promise<void> {
  agent = new RunningAgent(['--config', config()], {}, BUOY);
  await agent.ready();
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const listener = Number((await agent.line({ message: 'the listening process is ready' }))['pid']);
  agent.signal(signal);
  await agent.ended;
  await gone(listener);
}

/** What the agent has told of changes of the kernel. */
function records(): { readonly namespace: string | null }[] {
  const path = join(folder(), 'audit.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => RECORD.parse(JSON.parse(line)));
}

function machine(name: string, networkId: string, bridge: string, on: Machine['addresses'][number]): Machine {
  const address = must(typeof on.address === 'number' ? on.address : undefined);
  return {
    name,
    namespace: machineNamespace(name),
    networkId,
    bridge: linkName(bridge),
    mtu: MTU,
    address,
    addresses: [on],
    behind: [],
    routes: [],
  };
}
