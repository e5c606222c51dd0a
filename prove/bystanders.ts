import type { Operation, Plan } from '../src/host/plan.ts';

/**
 * An operation that was not tried though nothing has failed that it belongs to or comes after; undefined if
 * there is none.
 */
export function neglected(
  plan: Plan,
  failed: ReadonlySet<Operation>,
  notTried: ReadonlySet<Operation>,
): string | undefined {
  const subjects = new Set(
    plan.steps.filter(({ operations }) => operations.some((one) => failed.has(one))).map(({ subject }) => subject),
  );
  for (const { subject, after, operations } of plan.steps) {
    if (subjects.has(subject) || after.some((other) => subjects.has(other))) continue;
    const found = operations.find((operation) => notTried.has(operation));
    if (found !== undefined) return `${found.kind} in ${found.namespace}`;
  }
  return undefined;
}
