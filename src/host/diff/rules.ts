import type { NamespaceDiff } from './namespace-diff.ts';
import { sortedWhere } from './namespace-diff.ts';

/**
 * New rules are added from the last to the first and old ones deleted from the first to the last:
 * the kernel walks its list of rules up to the place of each, and so that place is at the front.
 */
export function diffRules({ namespace, actual, wanted, owners, plan }: NamespaceDiff): void {
  const missing = sortedWhere(wanted.rules, (_, key) => !actual.rules.has(key));
  for (const rule of missing.sort((a, b) => b.priority - a.priority)) {
    plan.make(owners.wanted.ofRule(namespace, rule), 'rules', { kind: 'rule.add', namespace, rule });
  }
  const unwanted = sortedWhere(actual.rules, (_, key) => !wanted.rules.has(key));
  for (const rule of unwanted.sort((a, b) => a.priority - b.priority)) {
    plan.unmake(owners.actual.ofRule(namespace, rule), 'rules', { kind: 'rule.delete', namespace, rule });
  }
}
