import type { Operation, Plan, Step } from '../../src/host/plan.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { must } from './must.ts';

/** Lists of operations, each a step with a subject of its own. */
export type Steps = readonly (readonly Operation[])[];

export function planOf(steps: Steps): Plan {
  return {
    steps: steps.map((operations, index): Step => {
      return { subject: must(parseNamespaceName(`qrouter-${index}`)), operations, after: [] };
    }),
  };
}
