import type { Rule } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';
import { sortedWhere } from './namespace-diff.ts';

/**
 * New rules are added from the last to the first and old ones deleted from the first to the last:
 * the kernel walks its list of rules up to the place of each, and so that place is at the front.
 *
 * A rule with selectors that Buoy does not write stands in the way of all others of its priority: told
 * to delete it, the kernel takes the first that has what the message names, and told to add ours it may
 * take that for the same. So all of that priority go before what is wanted there is added.
 */
export function diffRules({ namespace, actual, wanted, owners, plan }: NamespaceDiff): void {
  for (const rule of actual.lostRules ?? [])
    plan.make(namespace, 'default rules', { kind: 'rule.add', namespace, rule });
  const unwanted = sortedWhere(actual.rules, (_, key) => !wanted.rules.has(key));
  const crowded = new Set(unwanted.filter((rule) => rule.other !== undefined).map(place));
  const isDisplaced = (rule: Rule): boolean => crowded.size > 0 && crowded.has(place(rule));
  const displaced = sortedWhere(actual.rules, isDisplaced);
  for (const rule of displaced) {
    plan.make(owners.actual.ofRule(namespace, rule), 'displaced rules', { kind: 'rule.delete', namespace, rule });
  }
  const missing = sortedWhere(wanted.rules, (rule, key) => !actual.rules.has(key) || isDisplaced(rule));
  for (const rule of missing.sort((a, b) => b.priority - a.priority)) {
    plan.make(owners.wanted.ofRule(namespace, rule), 'rules', { kind: 'rule.add', namespace, rule });
  }
  for (const rule of unwanted.filter((other) => !isDisplaced(other)).sort((a, b) => a.priority - b.priority)) {
    plan.unmake(owners.actual.ofRule(namespace, rule), 'rules', { kind: 'rule.delete', namespace, rule });
  }
}

function place({ family, priority }: Rule): string {
  return `${family} ${priority}`;
}
