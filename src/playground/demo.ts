// The demo: an intent is applied to a host in a sandbox, and packets show that it works. What it
// prints is written for someone who sees Buoy for the first time.

import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../model/address.ts';
import type { Model } from '../model/model.ts';
import { describePlan } from '../host/describe.ts';
import { diff } from '../host/diff.ts';
import { operationCount } from '../host/plan.ts';
import type { HostState } from '../host/state.ts';
import { NO_FOREIGN } from '../host/state.ts';
import { LinuxKernel } from '../kernel/linux/index.ts';
import type { IntentOptions } from '../intent/index.ts';
import { readIntent } from '../intent/index.ts';
import { counted, DemoReport, duration } from './demo-report.ts';
import { journeysOf } from './journey.ts';
import type { Move } from './move.ts';
import { firstPossibleMove } from './move.ts';
import { picture } from './picture.ts';
import { summarizePlan } from './plan-summary.ts';
import { Playground } from './playground.ts';
import { probeAll } from './probe.ts';
import { requireSandbox } from './require-sandbox.ts';
import type { Stage } from './stage.ts';
import { carryOut, INSTANCE, planFor } from './stage.ts';
import { TcpConnection } from './tcp.ts';
import { worldOf } from './world.ts';

export interface DemoOptions {
  readonly intentFile: string;
  readonly intent: IntentOptions;
  readonly write: (text: string) => void;
  /** Whether `write` takes ANSI colours. */
  readonly color: boolean;
  /** Every operation of the first plan, not only their counts. */
  readonly verbose: boolean;
  /** Whether the caller knows that this process runs in a sandbox; the demo refuses to run elsewhere. */
  readonly inSandbox: boolean;
}

const SETTINGS = { host: '/proc/self/ns/net', directory: '/run/netns' };
const PATIENCE_MS = 1000;

/**
 * Plays the demo through. `ok` says whether all that it checked held, every packet among it.
 * Throws BUOY_NOT_IN_SANDBOX, what `readIntent` throws, and BUOY_KERNEL_REFUSED or SystemError
 * where the playground cannot be built.
 */
export async function runDemo(options: DemoOptions): Promise<{ readonly ok: boolean }> {
  const start = performance.now();
  requireSandbox(options.inSandbox);
  const model = await readIntent(options.intentFile, options.intent);
  const report = new DemoReport(options.write, options.color);
  await using playground = await Playground.build(worldOf(model), SETTINGS);
  await using kernel = new LinuxKernel({ instance: INSTANCE, ...SETTINGS });
  const stage = { kernel, playground, report };
  const before = await kernel.read();

  introduce(stage, options.intentFile, model);
  await apply(stage, model, options.verbose);
  await tryPackets(stage, model);
  await applyAgain(stage, model);
  const move = firstPossibleMove(model, playground.world);
  if (move !== undefined) await moveFloatingIp(stage, model, move);
  await destroy(stage, before);
  report.verdict(`${duration(performance.now() - start)} in all`);
  return { ok: report.ok };
}

function introduce({ playground, report }: Stage, file: string, model: Model): void {
  const routers = [...model.routers.values()];
  const floatingIps = routers.reduce((count, router) => count + router.floatingIps.size, 0);
  const has = [
    counted(model.networks.size, 'network'),
    counted(routers.length, 'router'),
    counted(floatingIps, 'floating IP'),
  ];
  report.heading(file, has.join(', '));
  report.picture(picture(model, playground.world));
  const { outside, workloads } = playground.world;
  report.text(
    `\nThe playground is a sandbox: nothing in it reaches this machine's own network. Its bridges,\n` +
      `${counted(outside.length, 'outside host')} and ${counted(workloads.length, 'workload')} are there; the rest is for Buoy to make.\n`,
  );
}

async function apply(stage: Stage, model: Model, verbose: boolean): Promise<void> {
  const plan = await planFor(stage, model);
  stage.report.heading('The plan', verbose ? '' : 'counted; --verbose shows every operation');
  stage.report.plan(verbose ? describePlan(plan) : summarizePlan(plan));
  await carryOut(stage, plan);
}

async function tryPackets({ playground, report }: Stage, model: Model): Promise<void> {
  report.heading('Packets', 'answers / messages sent');
  report.probes(await probeAll(playground, journeysOf(model, playground.world)));
}

async function applyAgain(stage: Stage, model: Model): Promise<void> {
  const { report } = stage;
  report.heading('The same again');
  const start = performance.now();
  const plan = await planFor(stage, model);
  const took = duration(performance.now() - start);
  report.check(
    operationCount(plan) === 0,
    `${counted(operationCount(plan), 'operation')} to do: read and compared in ${took}`,
  );
  report.plan(describePlan(plan));
}

async function moveFloatingIp(stage: Stage, model: Model, { model: moved, floating, from, to }: Move): Promise<void> {
  const { playground, report } = stage;
  report.heading(
    'A floating IP moves',
    `${formatAddress(floating)} from ${from.name} to ${to.name}, ${formatAddress(to.address)}`,
  );
  const inward = journeysOf(model, playground.world).find((journey) => journey.to === floating);
  using connection = inward && (await TcpConnection.open(playground, inward, performance.now() + PATIENCE_MS));
  report.check(
    (await connection?.carries(performance.now() + PATIENCE_MS)) === true,
    `a TCP connection from outside to ${from.name} is open`,
  );
  const plan = await planFor(stage, moved);
  report.plan(describePlan(plan));
  await carryOut(stage, plan);
  report.check((await connection?.carries(performance.now() + PATIENCE_MS)) === false, 'that connection is cut');
  const results = await probeAll(playground, journeysOf(moved, playground.world));
  const isAboutIt = Object.groupBy(results, ({ journey }) =>
    journey.to === floating || journey.from === from || journey.from === to ? 'it' : 'others',
  );
  const { it = [], others = [] } = isAboutIt;
  report.probes(it);
  report.check(
    others.every((result) => result.ok),
    `${counted(others.length, 'other probe')} with packets came out as before`,
  );
}

async function destroy(stage: Stage, before: HostState): Promise<void> {
  const { kernel, report } = stage;
  report.heading('All of it goes');
  const plan = diff(await kernel.read(), { namespaces: new Map(), foreign: NO_FOREIGN });
  report.plan(summarizePlan(plan));
  await carryOut(stage, plan);
  report.check(isDeepStrictEqual(await kernel.read(), before), 'nothing is left, and the host is as it was before');
}
