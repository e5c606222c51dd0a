// Every operation of a scenario fails once, in every way in which one can: the kernel refuses it, or the process
// dies before or after it. And where something has failed, the run that repairs it may fail at any place too.

import { afterAll, describe, expect, test } from 'vitest';
import type { FaultDraw } from '../../prove/fault.ts';
import { Violation } from '../../prove/violation.ts';
import { Ordeals } from './ordeal.ts';
import { SCENARIOS } from './scenarios.ts';

/** The kernel takes namespaces apart at one of so many times. */
const SEEDS = 8;
/** Operations of a scenario after whose failure the next run dies at every place. */
const PAIRED = 4;
/** Violations that are told of a scenario. */
const TOLD = 3;

let cases = 0;
afterAll(() => console.log(`${SCENARIOS.length} scenarios, ${cases} cases of something going wrong`));

describe.each(SCENARIOS)('When $name', (scenario) => {
  test('every operation may fail', async () => {
    const ordeals = await Ordeals.prepare(scenario);
    const operations = await undisturbed(ordeals);
    await expectNone(ordeals, everyOperation(operations));
  });

  test('the run that repairs what failed may fail too', async () => {
    const ordeals = await Ordeals.prepare(scenario);
    const operations = await ordeals.endure([], 0);
    for (const first of firstOfPairs(operations)) {
      const left = await ordeals.endure([first], 0);
      await expectNone(ordeals, pairs(first, left));
    }
  });
});

/** How many operations a run has in which nothing goes wrong, whenever the kernel takes namespaces apart. */
async function undisturbed(ordeals: Ordeals): Promise<number> {
  let operations = 0;
  for (let seed = 0; seed < SEEDS; seed++) operations = await ordeals.endure([], seed);
  return operations;
}

async function expectNone(ordeals: Ordeals, all: Iterable<readonly FaultDraw[]>): Promise<void> {
  const broken: string[] = [];
  for (const faults of all) {
    const trouble = await violation(ordeals, faults);
    if (trouble !== undefined) broken.push(trouble);
  }
  expect(broken.slice(0, TOLD).join('\n\n'), `${broken.length} violations`).toBe('');
}

async function violation(ordeals: Ordeals, faults: readonly FaultDraw[]): Promise<string | undefined> {
  cases++;
  try {
    await ordeals.endure(faults, (faults.at(-1)?.at ?? 0) % SEEDS);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error.message;
    throw error;
  }
}

/** Errnos take turns: neither kernel does anything else after one than after another. */
function* everyOperation(operations: number): Generator<readonly FaultDraw[]> {
  for (let at = 0; at < operations; at++) {
    yield [{ kind: 'refuse', at, count: 1, errno: at }];
    yield [{ kind: 'refuse', at, count: 8, errno: 0 }];
    yield [{ kind: 'die before', at, count: 1, errno: 0 }];
    yield [{ kind: 'die after', at, count: 1, errno: 0 }];
  }
}

/** Operations spread over a run, of which some are refused and after some the process dies. */
function firstOfPairs(operations: number): FaultDraw[] {
  const count = Math.min(PAIRED, operations);
  return Array.from({ length: count }, (_, index): FaultDraw => {
    const at = Math.floor(((index + 1) * operations) / (count + 1));
    return { kind: index % 2 === 0 ? 'die after' : 'refuse', at, count: 1, errno: 0 };
  });
}

function* pairs(first: FaultDraw, operations: number): Generator<readonly FaultDraw[]> {
  for (let at = 0; at < operations; at++)
    yield [first, { kind: at % 2 === 0 ? 'die before' : 'die after', at, count: 1, errno: 0 }];
}
