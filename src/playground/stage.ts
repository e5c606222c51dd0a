// What the acts of the demo share: a host, a playground around it, and a report.

import { describe } from '../host/describe.ts';
import { diff } from '../host/diff.ts';
import type { Plan } from '../host/plan.ts';
import { operationCount } from '../host/plan.ts';
import { compile, livePairs } from '../layout/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Model } from '../model/model.ts';
import type { DemoReport } from './demo-report.ts';
import { counted, duration } from './demo-report.ts';
import type { Playground } from './playground.ts';

export const INSTANCE = 'demo';

export interface Stage {
  readonly kernel: Kernel;
  readonly playground: Playground;
  readonly report: DemoReport;
}

/** What there is to be done for a model. */
export async function planFor({ kernel }: Stage, model: Model): Promise<Plan> {
  const actual = await kernel.read();
  return diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
}

/** Does it, and reports how long that took and what the kernel refused. */
export async function carryOut({ kernel, report }: Stage, plan: Plan): Promise<void> {
  const start = performance.now();
  const { failures, notTried } = await kernel.apply(plan);
  const took = duration(performance.now() - start);
  report.check(failures.length === 0, `${counted(operationCount(plan), 'operation')} done in ${took}`);
  for (const { operation, errno, message } of failures)
    report.text(`    ${describe(operation).join('; ')}: ${message} (${errno})\n`);
  if (notTried > 0) report.text(`    ${counted(notTried, 'operation')} not tried after that\n`);
}
