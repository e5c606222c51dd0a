// Inside a sandbox: Buoy does one thing, and measures itself.
//
//     node bench/programs/act.ts up|unchanged|down|one-more ROUTERS FLOATING-IPS
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
import type { Measurement } from '../measurement.ts';
import { Stopwatch } from '../stopwatch.ts';
import { INSTANCE, modelOf, NO_MODEL, readSize, withOneMore } from '../models.ts';

/** How often a floating IP is added. */
const ADDITIONS = 40;

// As the command line does.
keepYoungGenerationSmall();

const [act, routers, floatingIps] = process.argv.slice(2);
const model = modelOf(readSize(routers, floatingIps));
const print = (value: unknown): void => console.log(JSON.stringify(value));

switch (act) {
  case 'up':
    print(await bring(model, 'something'));
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

/** Adds floating IPs, each with the kernel read anew first, and then each on the state known from the one before. */
async function addOneByOne(base: Model): Promise<{ afterReading: Measurement[]; onKnownState: Measurement[] }> {
  await using kernel = new LinuxKernel({ instance: INSTANCE });
  let current = base;
  let state = await kernel.read();
  const add = async (known: HostState | undefined): Promise<Measurement> => {
    // The intent is somebody else's to make.
    current = withOneMore(current);
    const stopwatch = new Stopwatch();
    state = await bringOnce(kernel, current, stopwatch, mustBeSmall, known);
    return stopwatch.end();
  };
  const afterReading: Measurement[] = [];
  const onKnownState: Measurement[] = [];
  for (let count = 0; count < ADDITIONS; count++) afterReading.push(await add(undefined));
  for (let count = 0; count < ADDITIONS; count++) onKnownState.push(await add(state));
  const left = operationCount(diff(await kernel.read(), state));
  if (left > 0) throw new Error(`${left} operations are left after all floating IPs were added`);
  return { afterReading, onKnownState };
}

function mustBeSmall(plan: Plan): void {
  const count = operationCount(plan);
  if (count < 1 || count > 10) throw new Error(`${count} operations for one floating IP`);
}

/** Answers the state that the kernel then has. */
async function bringOnce(
  kernel: LinuxKernel,
  wantedModel: Model,
  stopwatch: Stopwatch,
  judge: (plan: Plan) => void,
  known?: HostState,
): Promise<HostState> {
  const actual = known ?? (await stopwatch.part('read', () => kernel.read()));
  const wanted = await stopwatch.part('compile', () => compile(wantedModel, livePairs(actual), { instance: INSTANCE }));
  const plan = await stopwatch.part('diff', () => diff(actual, wanted));
  judge(plan);
  if (plan.steps.length > 0) {
    const { failures } = await stopwatch.part('apply', () => kernel.apply(plan));
    if (failures[0] !== undefined) throw new Error(`${failures[0].operation.kind}: ${failures[0].message}`);
  }
  return wanted;
}
