// The note of unfinished runs: there from the beginning of a run until all that failed has been made up for.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Operation, Plan } from '../../src/host/plan.ts';
import type { Outcome } from '../../src/kernel/kernel.ts';
import { UnfinishedRuns } from '../../src/kernel/unfinished-runs.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';

const [A, B] = [must(parseNamespaceName('qrouter-a')), must(parseNamespaceName('qrouter-b'))];
const GOOD: Outcome = { done: 1, failures: [], notTried: 0 };
const NOTHING: Plan = { steps: [] };

let note: { isThere: boolean; leave: () => void; take: () => void };
let runs: UnfinishedRuns;

beforeEach(() => {
  note = { isThere: false, leave: () => (note.isThere = true), take: () => (note.isThere = false) };
  runs = new UnfinishedRuns(note);
});

function planOf(...subjects: NamespaceName[]): Plan {
  const operations = (namespace: NamespaceName): Operation[] => [{ kind: 'namespace.delete', namespace, ends: [] }];
  return { steps: subjects.map((subject) => ({ subject, operations: operations(subject), after: [] })) };
}

function failureOf({ steps }: Plan, subject: NamespaceName): Outcome {
  const operation = must(steps.find((step) => step.subject === subject)?.operations[0]);
  return { done: 0, failures: [{ operation, errno: 'EPERM', message: '' }], notTried: 0 };
}

function run(plan: Plan, outcome: Outcome | undefined): void {
  runs.end(runs.begin(plan), outcome);
}

describe('within a process', () => {
  test('a note is there while a plan is applied, and not for a plan without steps', () => {
    const first = runs.begin(planOf(A));
    expect(note.isThere).toBe(true);
    runs.end(first, GOOD);
    expect(note.isThere).toBe(false);
    runs.begin(NOTHING);
    expect(note.isThere).toBe(false);
  });

  test('it stays while any plan is applied', () => {
    const first = runs.begin(planOf(A));
    const second = runs.begin(planOf(B));
    runs.end(first, GOOD);
    expect(note.isThere).toBe(true);
    expect(runs.readAll()).toBe(false);
    runs.end(second, GOOD);
    expect(note.isThere).toBe(false);
  });

  test('what was never made is not unfinished, but who waits for it is', () => {
    const steps = [A, B].map((subject) => ({
      subject,
      operations: [{ kind: 'namespace.create' as const, namespace: subject }],
      after: subject === B ? [A] : [],
    }));
    run({ steps }, failureOf({ steps }, A));
    expect([A, B].map((name) => runs.isUnfinishedIn(new Set([name])))).toEqual([false, true]);
    expect(note.isThere).toBe(true);
    run(planOf(B), GOOD);
    expect(note.isThere).toBe(false);
  });

  test('what failed is unfinished until a plan of the same subject succeeds', () => {
    const both = planOf(A, B);
    run(both, failureOf(both, A));
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(false);
    expect(runs.readAll()).toBe(true);
    run(planOf(B), GOOD);
    expect(note.isThere).toBe(true);
    run(planOf(A), GOOD);
    expect(note.isThere).toBe(false);
    expect(runs.readAll()).toBe(false);
  });

  test('a step that comes after one that failed has failed too', () => {
    const [first, second] = planOf(A, B).steps;
    const plan: Plan = { steps: [must(first), { ...must(second), after: [A] }] };
    run(plan, failureOf(plan, A));
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(true);
  });

  test('of a plan that was not applied to its end nothing is finished', () => {
    run(planOf(A), undefined);
    expect(note.isThere).toBe(true);
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
  });
});

describe('a note that a predecessor left', () => {
  beforeEach(() => note.leave());

  test('goes when the first plan after a reading of everything is applied, be it empty', () => {
    for (const plan of [planOf(A), NOTHING]) {
      note.leave();
      expect(runs.readAll()).toBe(true);
      run(plan, GOOD);
      expect(note.isThere).toBe(false);
    }
  });

  test('stays for plans that were not made from everything', () => {
    run(planOf(A), GOOD);
    expect(note.isThere).toBe(true);
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
    expect(runs.readAll()).toBe(true);
    run(planOf(B), GOOD);
    expect(note.isThere).toBe(false);
  });

  test('is narrowed to what failed', () => {
    const both = planOf(A, B);
    runs.readAll();
    run(both, failureOf(both, A));
    expect(note.isThere).toBe(true);
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(false);
    run(planOf(A), GOOD);
    expect(note.isThere).toBe(false);
  });
});
