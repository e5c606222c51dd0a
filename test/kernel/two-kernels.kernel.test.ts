// The simulated kernel and the real one are one truth: the same operations come to the same end on both.

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { diff } from '../../src/host/diff.ts';
import type { Operation } from '../../src/host/plan.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { ipv4 } from '../support/models.ts';
import { must } from '../support/must.ts';
import { models } from '../support/random-models.ts';
import { deletions, INSTANCE, operations, START } from '../support/random-operations.ts';
import { planOf } from '../support/plans.ts';
import type { Steps } from '../support/plans.ts';
import { TwoKernels } from '../support/two-kernels.ts';

let kernels: TwoKernels;

beforeAll(async () => {
  kernels = await TwoKernels.create();
});

afterEach(() => kernels.clean());

afterAll(() => kernels[Symbol.asyncDispose]());

async function expectSameEnd(start: readonly Operation[], before: Steps, deleted: NamespaceName, after: Steps) {
  await kernels.clean();
  for (const steps of [[start], before]) expectEqual(await kernels.apply(planOf(steps)));
  expectEqual(await kernels.deleteNamespace(deleted));
  expectEqual(await kernels.apply(planOf(after)));
}

function expectEqual({ real, simulated }: Awaited<ReturnType<TwoKernels['apply']>>): void {
  expect(simulated).toEqual(real);
}

const starts = fc.oneof(fc.constant([...START]), fc.subarray([...START]));

describe('The simulated and the real kernel come to the same end', () => {
  test('with operations on their own', async () => {
    const steps = fc.array(
      operations.map((operation) => [operation]),
      { minLength: 5, maxLength: 30 },
    );
    await fc.assert(fc.asyncProperty(starts, steps, deletions, steps, expectSameEnd), { numRuns: 40 });
  });

  test('with operations that stop when one of them fails', async () => {
    const steps = fc.array(fc.array(operations, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    await fc.assert(fc.asyncProperty(starts, steps, deletions, steps, expectSameEnd), { numRuns: 40 });
  });

  test('with a transaction of which the last operation is refused: nothing of it is done', async () => {
    await kernels.clean();
    const [namespace] = [...START].map((operation) => operation.namespace);
    const set = (name: string, value: string | undefined): Operation => ({
      kind: 'elements.set',
      namespace: must(namespace),
      set: name,
      elements: [{ key: ipv4('203.0.113.1'), value: value === undefined ? undefined : ipv4(value) }],
    });
    await kernels.apply(planOf([[...START]]));
    expectEqual(await kernels.apply(planOf([[set('m', '10.0.0.5'), set('none', undefined)]])));
  });

  test('with the plans that lead from one layout to another', async () => {
    const expectSameLayouts = async (from: Model, to: Model): Promise<void> => {
      await kernels.clean();
      for (const model of [from, to]) {
        const actual = await kernels.read();
        expectEqual(await kernels.apply(diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }))));
      }
    };
    await fc.assert(fc.asyncProperty(models, models, expectSameLayouts), { numRuns: 30 });
  });
});
