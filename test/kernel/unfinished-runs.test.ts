// The note of unfinished runs: there from the beginning of a run until all that failed has been made up for.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Operation, Plan } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { EMPTY_NAMESPACE, NO_FOREIGN } from '../../src/host/state.ts';
import type { Run } from '../../src/kernel/unfinished-runs.ts';
import { UnfinishedRuns } from '../../src/kernel/unfinished-runs.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';

const [A, B] = [must(parseNamespaceName('qrouter-a')), must(parseNamespaceName('qrouter-b'))];
const NOTHING: Plan = { steps: [] };

let note: { isThere: boolean; leave: () => void; take: () => void };
let runs: UnfinishedRuns;

beforeEach(() => {
  note = { isThere: false, leave: () => (note.isThere = true), take: () => (note.isThere = false) };
  runs = new UnfinishedRuns(note);
});

function planOf(...subjects: NamespaceName[]): Plan {
  const operations = (namespace: NamespaceName): Operation[] => [
    { kind: 'connections.flush', namespace, fixed: [], others: true },
  ];
  return { steps: subjects.map((subject) => ({ subject, operations: operations(subject), after: [] })) };
}

function stateWith(...names: NamespaceName[]): HostState {
  return { namespaces: new Map(names.map((name) => [name, EMPTY_NAMESPACE])), foreign: NO_FOREIGN };
}

/** Applies a plan to its end; nothing is done for `stopped`. */
function run(plan: Plan, ...stopped: NamespaceName[]): void {
  const begun = runs.begin(plan);
  for (const { subject, operations } of plan.steps)
    for (const operation of operations) runs.note(begun, operation, stopped.includes(subject) ? 'not tried' : 'done');
  runs.end(begun, true);
}

function finish(begun: Run): void {
  for (const { operations } of begun.plan.steps)
    for (const operation of operations) runs.note(begun, operation, 'done');
  runs.end(begun, true);
}

/** A plan of which nothing is done, for whatever reason. */
function abandon(plan: Plan): void {
  runs.end(runs.begin(plan), false);
}

describe('within a process', () => {
  test('a note is there while a plan is applied, and not for a plan without steps', () => {
    const first = runs.begin(planOf(A));
    expect(note.isThere).toBe(true);
    finish(first);
    expect(note.isThere).toBe(false);
    runs.begin(NOTHING);
    expect(note.isThere).toBe(false);
  });

  test('it stays while any plan is applied', () => {
    const first = runs.begin(planOf(A));
    const second = runs.begin(planOf(B));
    finish(first);
    expect(note.isThere).toBe(true);
    expect(runs.readAll()).toBe(false);
    finish(second);
    expect(note.isThere).toBe(false);
  });

  test('what failed is unfinished until a plan of the same subject succeeds', () => {
    const both = planOf(A, B);
    run(both, A);
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(false);
    expect(runs.readAll()).toBe(true);
    run(planOf(B));
    expect(note.isThere).toBe(true);
    run(planOf(A));
    expect(note.isThere).toBe(false);
    expect(runs.readAll()).toBe(false);
  });

  test('what was done is not owed, whatever has failed before it', () => {
    const [first, second] = planOf(A, B).steps;
    run({ steps: [must(first), { ...must(second), after: [A] }] }, A);
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(false);
  });

  test('what failed and had nothing to do that the kernel forgets leaves nothing unfinished', () => {
    const plan: Plan = {
      steps: [{ subject: A, operations: [{ kind: 'namespace.create', namespace: A }], after: [] }],
    };
    run(plan, A);
    expect(note.isThere).toBe(false);
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(false);
  });

  test('of a namespace that is gone nothing is unfinished', () => {
    const both = planOf(A, B);
    abandon(both);
    runs.learn(new Set([B]), stateWith(B));
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
    runs.learn(new Set([A]), stateWith());
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(false);
    expect(note.isThere).toBe(true);
    runs.learn(undefined, stateWith(A));
    expect(note.isThere).toBe(false);
  });

  test('of a plan that was not applied to its end nothing is finished', () => {
    abandon(planOf(A));
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
      run(plan);
      expect(note.isThere).toBe(false);
    }
  });

  test('stays for plans that were not made from everything', () => {
    run(planOf(A));
    expect(note.isThere).toBe(true);
    expect(runs.isUnfinishedIn(new Set([A]))).toBe(true);
    expect(runs.readAll()).toBe(true);
    run(planOf(B));
    expect(note.isThere).toBe(false);
  });

  test('is narrowed to what failed', () => {
    const both = planOf(A, B);
    runs.readAll();
    run(both, A);
    expect(note.isThere).toBe(true);
    expect(runs.isUnfinishedIn(new Set([B]))).toBe(false);
    run(planOf(A));
    expect(note.isThere).toBe(false);
  });
});
