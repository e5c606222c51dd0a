// Inside a sandbox with the bridge of the external network: the agent does one thing after the other, and is measured.
//
//     node bench/programs/agent.ts PROGRAM ROUTERS FLOATING-IPS

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerMark } from '../../src/host/mark.ts';
import type { Operation, Plan } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { openStore } from '../../src/intent/store/index.ts';
import { Execution } from '../../src/kernel/linux/execution.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { Namespaces } from '../../src/kernel/linux/namespaces.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { LOOPBACK, parseLinkName, routerIdOf } from '../../src/model/names.ts';
import type { AgentMeasurement } from '../agent-measurement.ts';
import { makeTenantBridges } from '../agent/bridges.ts';
import { Client } from '../agent/client.ts';
import type { Filled } from '../agent/fill-store.ts';
import { fillStore } from '../agent/fill-store.ts';
import { AgentProcess, writeConfig } from '../agent/process.ts';
import { Settlements } from '../agent/settlements.ts';
import { waitForCleanUp } from '../clean-up.ts';
import { INSTANCE, readSize } from '../models.ts';

const NAMESPACES = '/run/netns';
const ADDITIONS = 200;
const SUSTAINED = 1000;
const AT_ONCE = 8;
const REPAIRS = 100;
/** After work its garbage is collected, in steps of some seconds. */
const REST_MS = 30_000;
const IDLE_MS = 30_000;

let agent: AgentProcess;

const [program = '', routers, floatingIps] = process.argv.slice(2);
await waitForCleanUp();
const folder = mkdtempSync(join(tmpdir(), 'buoy-bench-agent-'));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<AgentMeasurement> {
  const size = readSize(routers, floatingIps);
  const config = writeConfig(folder, INSTANCE);
  const filled = fill();
  makeTenantBridges(filled.routers.map(({ network }) => network));

  const fromNothingMs = await timeOf(async () => void (agent = await AgentProcess.start(program, config)));
  const client = new Client(join(folder, 'buoy.sock'));
  const added = await additions(client, filled);
  const addedASecond = await sustained(client, filled);
  const repaired = await repairs(client);
  client.close();
  await sleep(REST_MS);
  const cpu = agent.cpuMs();
  await sleep(IDLE_MS);
  const idlePercent = ((agent.cpuMs() - cpu) / IDLE_MS) * 100;
  const memory = agent.memory();
  await agent.end('SIGTERM');
  const restartMs = await timeOf(async () => void (agent = await AgentProcess.start(program, config)));
  await agent.end('SIGKILL');
  const afterDeathMs = await timeOf(async () => void (agent = await AgentProcess.start(program, config)));
  const memoryAfter = agent.memory();
  await agent.end('SIGTERM');
  return {
    size,
    fromNothingMs,
    restartMs,
    afterDeathMs,
    added,
    addedASecond,
    repaired,
    idlePercent,
    memory,
    memoryAfter,
  };
}

function fill(): Filled {
  const physicalNetworks = new Map([['public', { driver: 'bridge', bridge: link('br-ex') } as const]]);
  using store = openStore(join(folder, 'buoy.db'), { host: 'bench', physicalNetworks });
  return fillStore(store, readSize(routers, floatingIps));
}

function link(name: string): NonNullable<ReturnType<typeof parseLinkName>> {
  const parsed = parseLinkName(name);
  if (parsed === undefined) throw new TypeError(`${name} is no device name`);
  return parsed;
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Floating IPs, one after the other, of one router: until the answer, and until the kernel has it. */
async function additions(
  client: Client,
  { externalNetwork, routers: all }: Filled,
): Promise<AgentMeasurement['added']> {
  const settlements = await Settlements.hear(client, 'intent');
  const router = all[Math.floor(all.length / 2)];
  if (router === undefined) throw new Error('no router');
  const answered: number[] = [];
  const working: number[] = [];
  for (let count = 0; count < ADDITIONS; count++) {
    const port_id = await newPort(client, router.network);
    const settled = settlements.of(`qrouter-${router.id}`);
    const start = performance.now();
    await newFloatingIp(client, externalNetwork, port_id);
    const answer = performance.now() - start;
    answered.push(answer);
    working.push(Math.max(answer, (await settled) - start));
  }
  return { answered, working };
}

/** Several at a time, on routers in turn. Answers how many a second. */
async function sustained(client: Client, { externalNetwork, routers: all }: Filled): Promise<number> {
  const ports = [];
  for (let count = 0; count < SUSTAINED; count++)
    ports.push(await newPort(client, all[count % all.length]?.network ?? ''));
  const start = performance.now();
  const next = ports.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const port of next) await newFloatingIp(client, externalNetwork, port);
    }),
  );
  while ((await unsettled(client)) > 0) await sleep(1);
  return SUSTAINED / ((performance.now() - start) / 1000);
}

async function unsettled(client: Client): Promise<number> {
  const { body } = await client.call('GET', '/v1/status');
  return typeof body === 'object' && body !== null && 'unsettled' in body ? Number(body.unsettled) : 0;
}

async function newPort(client: Client, network_id: string): Promise<string> {
  return idOf(await client.call('POST', '/v2.0/ports', { port: { network_id } }), 'port');
}

async function newFloatingIp(client: Client, floating_network_id: string, port_id: string): Promise<string> {
  const answer = await client.call('POST', '/v2.0/floatingips', { floatingip: { floating_network_id, port_id } });
  return idOf(answer, 'floatingip');
}

function idOf({ status, body }: Awaited<ReturnType<Client['call']>>, name: string): string {
  const found: unknown =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
  if (status !== 201 || typeof found !== 'object' || found === null || !('id' in found))
    throw new Error(`${status}: ${JSON.stringify(body)}`);
  return String(found.id);
}

/** Somebody deletes one thing after the other; from when it is gone until the kernel has it again. */
async function repairs(client: Client): Promise<number[]> {
  const settlements = await Settlements.hear(client, 'drift');
  const state = await readHost();
  await using namespaces = new Namespaces({ host: '/proc/self/ns/net', directory: NAMESPACES });
  const targets = [...state.namespaces.keys()].filter((name) => routerIdOf(name) !== undefined);
  const times: number[] = [];
  for (let count = 0; count < REPAIRS; count++) {
    const target = targets[Math.floor((count * targets.length) / REPAIRS)];
    const operation = target && damage(state, target, count);
    if (target === undefined || operation === undefined) continue;
    const settled = settlements.of(target);
    let start = Number.NaN;
    // Not by a kernel's `apply`: somebody who meddles leaves no note of an unfinished run, which the agent would make up for.
    await new Execution(namespaces, NAMESPACES, ownerMark(INSTANCE)).run(planOf(target, operation), {
      settled: () => (start = performance.now()),
    });
    // Of some changes the agent is told before whoever made them.
    times.push(Math.max(0, (await settled) - start));
  }
  return times;
}

async function readHost(): Promise<HostState> {
  await using kernel = new LinuxKernel({ instance: INSTANCE, directory: NAMESPACES });
  return await kernel.read();
}

function planOf(subject: NamespaceName, operation: Operation): Plan {
  return { steps: [{ subject, operations: [operation], after: [] }] };
}

/** A route, a rule, an address, a neighbour, a translation or a device of a router, or its part of the fip namespace, in turn. */
function damage(state: HostState, namespace: NamespaceName, turn: number): Operation | undefined {
  const own = state.namespaces.get(namespace);
  const [table, routes] = [...(own?.routes ?? [])].find(([, { prefixes }]) => prefixes.size > 0) ?? [];
  const [route] = routes?.prefixes.values() ?? [];
  const [rule] = own?.rules.values() ?? [];
  const [address] = own?.addresses.values() ?? [];
  const [neighbour] = own?.neighbours.values() ?? [];
  const set = own?.ruleset?.sets.get('floating');
  const [element] = set?.kind === 'map' ? set.elements : [];
  const device = [...(own?.links.keys() ?? [])].find((name) => name !== LOOPBACK);
  switch (turn % 6) {
    case 0:
      return route && table !== undefined
        ? { kind: 'route.delete', namespace, table, destination: route.destination, hop: route.hop }
        : undefined;
    case 1:
      return rule && { kind: 'rule.delete', namespace, rule };
    case 2:
      return address && { kind: 'address.delete', namespace, address };
    case 3:
      return neighbour && { kind: 'neighbour.delete', namespace, neighbour };
    case 4:
      return (
        element && {
          kind: 'elements.delete',
          namespace,
          set: 'floating',
          elements: [{ key: element[0], value: element[1] }],
        }
      );
    default:
      return device && { kind: 'link.delete', namespace, link: device };
  }
}
