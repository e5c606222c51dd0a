// What is there beside what an intent says should be.

import type { Plan } from '../../host/plan.ts';
import type { NamespaceName } from '../../model/names.ts';
import type { FloatingIpHealth, Health, NamespaceHealth, RouterHealth } from './health.ts';

/**
 * The health of what is there and of what should be. `wanted` is the state of the intent judged in
 * the same way: what it does not have either (a gateway, say) is no problem. `plan` leads from what
 * is there to what should be.
 */
export function againstIntent(actual: Health, wanted: Health, plan: Plan): Health {
  const differences = new Map<NamespaceName, number>();
  for (const { namespace } of plan.steps.flatMap((step) => step.operations))
    differences.set(namespace, (differences.get(namespace) ?? 0) + 1);
  return {
    namespaces: merge<NamespaceHealth>(actual.namespaces, wanted.namespaces, ({ name }) => name).map((namespace) => ({
      ...namespace,
      differences: differences.get(namespace.name) ?? 0,
    })),
    routers: merge<RouterHealth>(actual.routers, wanted.routers, ({ id }) => id),
    floatingIps: merge<FloatingIpHealth>(
      actual.floatingIps,
      wanted.floatingIps,
      ({ floating, routerId }) => `${routerId} ${floating}`,
    ),
  };
}

function merge<T extends { readonly problems: readonly string[] }>(
  actual: readonly T[],
  wanted: readonly T[],
  keyOf: (judged: T) => string,
): T[] {
  const expected = new Map(wanted.map((judged) => [keyOf(judged), judged]));
  const there = actual.map((judged): T => {
    const other = expected.get(keyOf(judged));
    expected.delete(keyOf(judged));
    if (other === undefined) return { ...judged, problems: [...judged.problems, 'is not in the intent'] };
    return { ...judged, problems: judged.problems.filter((problem) => !other.problems.includes(problem)) };
  });
  return [
    ...there,
    ...[...expected.values()].map((judged): T => ({ ...judged, problems: ['is in the intent and not there'] })),
  ];
}
