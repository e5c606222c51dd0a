// Inside a sandbox with the bridge of the external network: the agent is ended and started again, in every way there is, while
// packets run through floating IPs.
//
//     node bench/programs/silence.ts PROGRAM OTHER-BUILD TIMES ROUTERS FLOATING-IPS

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '../../src/intent/store/index.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import type { Ipv4Address } from '../../src/model/address.ts';
import { parseIpv4 } from '../../src/model/address.ts';
import { linuxBridgeName } from '../../src/model/names.ts';
import { linkName } from '../../src/playground/machine.ts';
import type { Workload } from '../../src/playground/machine.ts';
import type { Way } from '../../test/support/steady-traffic.ts';
import { SteadyTraffic } from '../../test/support/steady-traffic.ts';
import { makeTenantBridges } from '../agent/bridges.ts';
import { Client } from '../agent/client.ts';
import type { Filled } from '../agent/fill-store.ts';
import { fillStore } from '../agent/fill-store.ts';
import { AgentProcess, writeConfig } from '../agent/process.ts';
import { waitForCleanUp } from '../clean-up.ts';
import { OUTSIDE_MACHINE, plugMachines, workloadOf } from '../machines.ts';
import { EXTERNAL_BRIDGE, INSTANCE, OUTSIDE, readSize } from '../models.ts';
import type { SilenceMeasurement } from '../silence-measurement.ts';

const WORKLOADS = 3;
const CHANGES = 200;
const WARM_UP_MS = 1000;

/** One way to end an agent and to have another one, by its name. */
interface Restart {
  readonly name: string;
  /** Answers milliseconds until the new one is ready. */
  readonly run: () => Promise<number>;
}

interface Served {
  readonly workload: Workload;
  readonly floating: Ipv4Address;
}

const FLOATING_IPS = z.object({
  floatingips: z.array(z.object({ fixed_ip_address: z.string(), floating_ip_address: z.string() })),
});
const CREATED = z.record(z.string(), z.object({ id: z.string() }));

const [program = '', otherBuild = '', times = '', routers, floatingIps] = process.argv.slice(2);
await waitForCleanUp();
const folder = mkdtempSync(join(tmpdir(), 'buoy-bench-silence-'));
const auditLog = join(folder, 'audit.jsonl');
let agent: AgentProcess;
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<SilenceMeasurement> {
  const size = readSize(routers, floatingIps);
  const config = writeConfig(folder, INSTANCE, { audit_log: auditLog });
  const filled = fill();
  makeTenantBridges(filled.routers.map(({ network }) => network));
  agent = await AgentProcess.start(program, config);
  const client = new Client(join(folder, 'buoy.sock'));
  const served = await servedOf(client, filled);
  await using playground = await plugMachines(served.map(({ workload }) => workload));

  // Whoever watches is another process than the agent, and takes all that the agent does for done by others.
  await using witness = new LinuxKernel({ instance: INSTANCE });
  let heard = 0;
  await using _watch = await witness.watch(() => heard++);
  await witness.read();

  const memory: SilenceMeasurement['memory'] = [];
  const noteMemory = (name: string): void => {
    memory.push({ name, resident: agent.memory().now, proportional: agent.proportionalMemory() });
  };
  await agent.end('SIGTERM');
  const usualMs = await again(program, config);
  noteMemory('just started');

  // What is sent at first finds no neighbours yet, and is in no phase that counts.
  const traffic = await SteadyTraffic.start(playground, waysOf(served));
  await sleep(WARM_UP_MS);
  const phases = [];
  for (const [number, { name, run }] of restarts(config, usualMs).entries()) {
    traffic.enter(number + 1);
    const before = { heard, audited: auditRecords() };
    const [readyMs, cpuMs]: [number[], number[]] = [[], []];
    let counted = 0;
    for (let time = 0; time < Number(times); time++) {
      readyMs.push(await run());
      cpuMs.push(agent.cpuMs());
      counted += await operationsOf(client);
    }
    phases.push({
      name,
      readyMs,
      cpuMs,
      heard: heard - before.heard,
      audited: auditRecords() - before.audited,
      counted,
    });
  }
  const reports = await traffic.finish();

  const before = heard;
  await changes(client, filled);
  const heardInTheEnd = heard - before;
  noteMemory(`after ${CHANGES} changes`);
  client.close();
  await agent.end('SIGTERM');
  return {
    size,
    phases: phases.map((phase, number) => {
      const report = reports[number + 1];
      if (report === undefined) throw new Error(`nothing was sent in phase ${number}`);
      return { ...phase, traffic: report };
    }),
    heardInTheEnd,
    memory,
  };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function again(build: string, config: string): Promise<number> {
  return timeOf(async () => void (agent = await AgentProcess.start(build, config)));
}

/** The first one ends nothing, and takes as long as a restart does. */
function restarts(config: string, usualMs: number): Restart[] {
  const after = async (end: Promise<void>): Promise<number> => {
    await end;
    return again(program, config);
  };
  let isOther = false;
  return [
    { name: 'left alone', run: async () => timeOf(async () => sleep(usualMs)) },
    { name: 'SIGTERM', run: async () => after(agent.end('SIGTERM')) },
    {
      name: 'kill -9, listening process',
      // Of an agent that was just started: one whose listening process dies again and again waits longer each time.
      run: async () => {
        await after(agent.end('SIGTERM'));
        return timeOf(async () => agent.replaceListener());
      },
    },
    { name: 'kill -9, privileged process', run: async () => after(agent.end('SIGKILL')) },
    { name: 'kill -9, both', run: async () => after(agent.end('SIGKILL', true)) },
    {
      name: 'upgrade',
      run: async () => {
        await agent.end('SIGTERM');
        isOther = !isOther;
        return again(isOther ? otherBuild : program, config);
      },
    },
  ];
}

function fill(): Filled {
  const physicalNetworks = new Map([['public', { driver: 'bridge', bridge: EXTERNAL_BRIDGE } as const]]);
  using store = openStore(join(folder, 'buoy.db'), { host: 'bench', physicalNetworks });
  return fillStore(store, readSize(routers, floatingIps));
}

/** One floating IP each of some routers, with the workload that it leads to. */
async function servedOf(client: Client, filled: Filled): Promise<Served[]> {
  const served: Served[] = [];
  for (let number = 0; number < WORKLOADS; number++) {
    const router = filled.routers[Math.floor((number * filled.routers.length) / WORKLOADS)];
    if (router === undefined) throw new Error('too few routers');
    const { body } = await client.call('GET', `/v2.0/floatingips?router_id=${router.id}&limit=1`);
    const [found] = FLOATING_IPS.parse(body).floatingips;
    const [fixed, floating] = [parseIpv4(found?.fixed_ip_address ?? ''), parseIpv4(found?.floating_ip_address ?? '')];
    if (fixed === undefined || floating === undefined) throw new Error(`router ${router.id} has no floating IP`);
    const bridge = linkName(linuxBridgeName(router.network));
    served.push({ floating, workload: workloadOf(`w${number}`, { router, networkId: router.network, bridge, fixed }) });
  }
  return served;
}

/** Pings to all of them and from the first; a connection to the second, and one from the third. */
function waysOf(served: readonly Served[]): { pings: Way[]; streams: Way[] } {
  const inward = served.map(({ workload, floating }): Way => {
    const target = { machine: workload, address: workload.address };
    return { from: OUTSIDE_MACHINE, source: OUTSIDE, to: floating, target };
  });
  const outward = served.map(({ workload }): Way => {
    const target = { machine: OUTSIDE_MACHINE, address: OUTSIDE };
    return { from: workload, source: workload.address, to: OUTSIDE, target };
  });
  return { pings: [...inward, ...outward.slice(0, 1)], streams: [...inward.slice(1, 2), ...outward.slice(2, 3)] };
}

/** Records of the audit log so far. */
function auditRecords(): number {
  return readFileSync(auditLog, 'latin1').split('\n').length - 1;
}

/** Operations that the agent has done since it was started, by its own count. */
async function operationsOf(client: Client): Promise<number> {
  const { body } = await client.call('GET', '/metrics');
  const counts = String(body).matchAll(/^buoy_kernel_operations_total(?:\{[^}]*\})? (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Floating IPs that come, on routers in turn; returns when the kernel has them. */
async function changes(client: Client, { externalNetwork, routers: all }: Filled): Promise<void> {
  for (let count = 0; count < CHANGES; count++) {
    const port = await created(client, 'port', { network_id: all[count % all.length]?.network });
    await created(client, 'floatingip', { floating_network_id: externalNetwork, port_id: port });
  }
  for (;;) {
    const { body } = await client.call('GET', '/v1/status');
    if (z.object({ unsettled: z.number() }).parse(body).unsettled === 0) return;
    await sleep(10);
  }
}

async function created(client: Client, kind: string, what: object): Promise<string> {
  const { status, body } = await client.call('POST', `/v2.0/${kind}s`, { [kind]: what });
  if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return CREATED.parse(body)[kind]?.id ?? '';
}
