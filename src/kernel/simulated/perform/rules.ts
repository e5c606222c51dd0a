// Policy rules (net/core/fib_rules.c).

import type { Rule } from '../../../host/state.ts';
import { ruleKey } from '../../../host/state.ts';
import type { SimulatedNamespace } from '../namespace.ts';
import type { Errno } from './errno.ts';

/** To the kernel, a rule for all senders is there already when one of the same kind for some of them is (rule_exists()). */
export function addRule(namespace: SimulatedNamespace, rule: Rule): Errno | undefined {
  for (const there of namespace.rules.values()) if (isTakenFor(there, rule)) return 'EEXIST';
  namespace.rules.set(ruleKey(rule), rule);
  namespace.touch('rules');
  return undefined;
}

function isTakenFor(there: Rule, rule: Rule): boolean {
  if (there.priority !== rule.priority || there.family !== rule.family) return false;
  const { from: _, ...senders } = there;
  return ruleKey(there) === ruleKey(rule) || (rule.from === undefined && ruleKey(senders) === ruleKey(rule));
}

/** Deletes the first rule that has all that is named, whatever else it has. */
export function deleteRule(namespace: SimulatedNamespace, rule: Rule): Errno | undefined {
  for (const [key, there] of namespace.rules) {
    if (!hasAllOf(there, rule)) continue;
    namespace.rules.delete(key);
    namespace.touch('rules');
    return undefined;
  }
  return 'ENOENT';
}

function hasAllOf(there: Rule, { family, priority, table, from, incoming, mark, other }: Rule): boolean {
  return (
    there.family === family &&
    there.priority === priority &&
    there.table === table &&
    (from === undefined || (there.from?.address === from.address && there.from.length === from.length)) &&
    (incoming === undefined || there.incoming === incoming) &&
    (mark === undefined || (there.mark?.value === mark.value && there.mark.mask === mark.mask)) &&
    (other !== undefined || there.other?.includes('action') !== true)
  );
}
