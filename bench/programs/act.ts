// Inside a sandbox: Buoy does one thing, and measures itself.
//
//     node bench/programs/act.ts up|up-running|unchanged|down|one-more|counters ROUTERS FLOATING-IPS
//
// Whether the result is right is for check.ts to say; here it is enough that nothing was refused.

import type { HostState } from '../../src/host/state.ts';
import { diff } from '../../src/host/diff.ts';
import type { Plan } from '../../src/host/plan.ts';
import { operationCount } from '../../src/host/plan.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import { keepYoungGenerationSmall } from '../../src/sys/heap.ts';
import { waitForCleanUp } from '../clean-up.ts';
import type { Additions, Measurement } from '../measurement.ts';
import { Stopwatch } from '../stopwatch.ts';
import { INSTANCE, modelOf, NO_MODEL, readSize, withOneMore } from '../models.ts';

/** How often the counters are read. */
const READINGS = 20;
/** How often a floating IP is added. */
const ADDITIONS = 40;
/** What a running process has done before; floating IPs in all. */
const WARM_UP = { routers: 20, floatingIps: 1000 };

// As the command line does.
keepYoungGenerationSmall();

const [act, routers, floatingIps] = process.argv.slice(2);
const model = modelOf(readSize(routers, floatingIps));
const print = (value: unknown): void => console.log(JSON.stringify(value));

switch (act) {
  case 'up':
    print(await bring(model, 'something'));
    break;
  case 'up-running':
    print(await bringWhenRunning(model));
    break;
  case 'unchanged':
    print(await bring(model, 'nothing'));
    break;
  case 'down':
    print(await bring(NO_MODEL, 'something'));
    break;
  case 'one-more':
    print(await addOneByOne(model));
    break;
  case 'counters':
    print(await readCounters(model));
    break;
  default:
    throw new TypeError(`no act ${act}`);
}

/** Brings the kernel from whatever it has to the model. */
async function bring(wantedModel: Model, toDo: 'something' | 'nothing'): Promise<Measurement> {
  const stopwatch = new Stopwatch();
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  await bringOnce(kernel, wantedModel, stopwatch, (plan) => {
    if (operationCount(plan) > 0 !== (toDo === 'something'))
      throw new Error(`${operationCount(plan)} operations where ${toDo} was to be done`);
  });
  return stopwatch.end();
}

/** As `bring`, in a process that has done the like before: its worker runs, its code is compiled. */
async function bringWhenRunning(wantedModel: Model): Promise<Measurement> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  const few = Math.min(wantedModel.routers.size, WARM_UP.routers);
  const before = modelOf({ routers: few, floatingIps: WARM_UP.floatingIps / few });
  for (const other of [before, NO_MODEL]) await bringOnce(kernel, other, new Stopwatch(), () => undefined);
  await waitForCleanUp();
  const stopwatch = new Stopwatch();
  await bringOnce(kernel, wantedModel, stopwatch, () => undefined);
  return stopwatch.end();
}

/** Adds floating IPs, for half of them with the reading of the kernel measured, for the other half without. */
async function addOneByOne(base: Model): Promise<Additions> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  let current = base;
  const add = async (isReadBefore: boolean): Promise<Measurement> => {
    // The intent is somebody else's to make.
    current = withOneMore(current);
    const known = isReadBefore ? await kernel.read() : undefined;
    const stopwatch = new Stopwatch();
    await bringOnce(kernel, current, stopwatch, mustBeSmall, known);
    return stopwatch.end();
  };
  const additions: Additions = { withReading: [], onReadState: [] };
  for (let count = 0; count < ADDITIONS; count++) {
    additions.withReading.push(await add(false));
    additions.onReadState.push(await add(true));
  }
  const actual = await kernel.read();
  const left = operationCount(diff(actual, compile(current, livePairs(actual), { instance: INSTANCE })));
  if (left > 0) throw new Error(`${left} operations are left after all floating IPs were added`);
  return additions;
}

/** Reads the counters again and again; the first time, the process has done nothing before. */
async function readCounters({ routers: all }: Model): Promise<Measurement[]> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  const wanted = all.values().reduce((sum, { floatingIps: own }) => sum + own.size, 0);
  const readings: Measurement[] = [];
  while (readings.length < READINGS) {
    const stopwatch = new Stopwatch();
    const counters = await kernel.readCounters();
    readings.push(stopwatch.end());
    const found = counters.values().reduce((sum, { size }) => sum + size, 0);
    if (found !== wanted) throw new Error(`${found} floating IPs are counted, not ${wanted}`);
  }
  return readings;
}

function mustBeSmall(plan: Plan): void {
  const count = operationCount(plan);
  if (count < 1 || count > 10) throw new Error(`${count} operations for one floating IP`);
}

/** Reads the kernel, if its state is not known already, and does what is to be done. */
async function bringOnce(
  kernel: LinuxKernel,
  wantedModel: Model,
  stopwatch: Stopwatch,
  judge: (plan: Plan) => void,
  known?: HostState,
): Promise<void> {
  const actual = known ?? (await stopwatch.part('read', () => kernel.read()));
  const wanted = await stopwatch.part('compile', () => compile(wantedModel, livePairs(actual), { instance: INSTANCE }));
  const plan = await stopwatch.part('diff', () => diff(actual, wanted));
  judge(plan);
  if (plan.steps.length === 0) return;
  const { failures } = await stopwatch.part('apply', () => kernel.apply(plan));
  if (failures[0] !== undefined) throw new Error(`${failures[0].operation.kind}: ${failures[0].message}`);
}
