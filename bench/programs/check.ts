// Inside a sandbox: says whether the kernel has what a model wants, whoever put it there. The state
// that is read must be the wanted one to the last object, and the first and the last floating IP
// must carry packets, in and out.
//
//     node bench/programs/check.ts ROUTERS FLOATING-IPS

import { describePlan } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Journey } from '../../src/playground/journey.ts';
import type { Workload } from '../../src/playground/machine.ts';
import { probe } from '../../src/playground/probe.ts';
import { OUTSIDE_MACHINE, plugMachines, workloadOf } from '../machines.ts';
import type { Served } from '../models.ts';
import { INSTANCE, modelOf, OUTSIDE, readSize, servedAt } from '../models.ts';

const PLAN_CHARACTERS = 2000;

const [routers, floatingIps] = process.argv.slice(2);
const size = readSize(routers, floatingIps);
const model = modelOf(size);
await checkState();
if (model.routers.size > 0) await checkPackets();

async function checkState(): Promise<void> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  const actual = await kernel.read();
  const plan = diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
  if (plan.steps.length === 0) return;
  throw new Error(`the kernel's state is not the wanted one:\n${describePlan(plan).slice(0, PLAN_CHARACTERS)}`);
}

async function checkPackets(): Promise<void> {
  const first = servedAt(model, 0, 0);
  const last = servedAt(model, size.routers - 1, size.floatingIps - 1);
  const served = last.floating === first.floating ? [first] : [first, last];
  const workloads = served.map((one, index) => workloadOf(`workload-${index}`, one));
  await using playground = await plugMachines(workloads);
  for (const [index, workload] of workloads.entries()) {
    for (const journey of journeysOf(served[index] ?? first, workload)) {
      const { ok, detail } = await probe(playground, journey, 'icmp');
      if (!ok) throw new Error(`${journey.way}: ${detail}`);
    }
  }
}

function journeysOf({ floating }: Served, workload: Workload): Journey[] {
  const inside = { machine: workload, address: workload.address };
  const outside = { machine: OUTSIDE_MACHINE, address: OUTSIDE };
  return [
    {
      way: 'in by floating IP',
      from: OUTSIDE_MACHINE,
      source: OUTSIDE,
      to: floating,
      target: inside,
      expectedSeenAs: OUTSIDE,
    },
    {
      way: 'out by floating IP',
      from: workload,
      source: workload.address,
      to: OUTSIDE,
      target: outside,
      expectedSeenAs: floating,
    },
  ];
}
