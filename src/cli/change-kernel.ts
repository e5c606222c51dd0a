// What the commands that change the kernel share: one writer at a time, progress while it lasts, and
// a word on what became of it.

import { AuditLog } from '../agent/audit-log.ts';
import type { Plan } from '../host/plan.ts';
import { operationCount } from '../host/plan.ts';
import { namespaceText } from '../host/text.ts';
import { BuoyError, EXIT } from '../errors.ts';
import type { Failure, Kernel, Outcome } from '../kernel/kernel.ts';
import { refusalText } from '../kernel/refusal-text.ts';
import type { GlobalOptions, JsonOption, ChangeOptions } from './options.ts';
import { errorDocument, errorText } from './output/error-report.ts';
import { ProgressLine } from './output/progress.ts';
import { tally, tallyDocument, tallyText } from './output/tally.ts';
import { colorsFor, counted, note, print, printJson } from './output/terminal.ts';
import { lackingFor } from './requirements/lacking.ts';
import { requirement } from './requirements/requirement.ts';
import { withKernelToChange } from './with-kernel.ts';

export interface Change {
  /** `buoy apply net.yaml`: what others are told who want to change this host meanwhile. */
  readonly holder: string;
  /** What to say when there is nothing to do. */
  readonly nothingToDo: string;
  /** Reads the kernel and makes the plan. */
  readonly plan: (kernel: Kernel) => Promise<Plan>;
}

/** Applies the plan, reports what came of it, and answers the exit code. Throws BuoyError. */
export async function changeKernel(
  options: GlobalOptions & JsonOption & ChangeOptions,
  change: Change,
): Promise<number> {
  const start = performance.now();
  const [plan, outcome] = await withKernelToChange(options, change.holder, async (kernel) => {
    const made = await change.plan(kernel);
    using log =
      options.auditLog === undefined ? undefined : new AuditLog(options.auditLog, options.instance, change.holder);
    return [made, await applyPlan(kernel, made, log)] as const;
  });
  const seconds = (performance.now() - start) / 1000;
  const errors = outcome.failures.map(failureError);
  if (options.json === true) {
    printJson({
      operations: operationCount(plan),
      done: outcome.done,
      not_tried: outcome.notTried,
      seconds: Number(seconds.toFixed(3)),
      ...tallyDocument(tally(plan)),
      errors: errors.map(errorDocument),
    });
  } else if (errors.length > 0) {
    note(errorText(errors, colorsFor(process.stderr, options.color), options.debug === true));
    note(
      `${counted(outcome.done, 'operation')} done, ${outcome.failures.length} failed, ${outcome.notTried} not tried. The same command does what is left.\n`,
    );
  } else if (operationCount(plan) === 0) {
    print(`${change.nothingToDo}\n`);
  } else {
    const colors = colorsFor(process.stdout, options.color);
    print(`${colors.green('Done')} in ${seconds.toFixed(2)} s.\n${tallyText(tally(plan))}`);
  }
  return errors.length > 0 ? EXIT.failed : EXIT.ok;
}

async function applyPlan(kernel: Kernel, plan: Plan, log: AuditLog | undefined): Promise<Outcome> {
  using progress = new ProgressLine('applying', 'operations');
  using _interrupts = tellWhenInterrupted();
  // With an empty plan as well: it sweeps what a run that died left of namespaces without a mark.
  return await kernel.apply(plan, {
    progress: (tried, total) => progress.update(tried, total),
    settled: (operation, result) => log?.add(operation, result),
  });
}

/** The operations under way are finished, since signals are not looked at in the midst of them. */
function tellWhenInterrupted(): Disposable {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = (): void => signals.forEach((signal) => process.off(signal, end));
  const end = (signal: NodeJS.Signals): void => {
    note('\nInterrupted. What was done stays; the same command does the rest.\n');
    stop();
    process.kill(process.pid, signal);
  };
  signals.forEach((signal) => process.on(signal, end));
  return { [Symbol.dispose]: stop };
}

function failureError(failure: Failure): BuoyError {
  const lacking = lackingFor(failure);
  return new BuoyError('BUOY_KERNEL_REFUSED', refusalText(failure), {
    subject: namespaceText(failure.operation.namespace),
    ...(lacking !== undefined && { remedy: requirement(lacking).remedy }),
  });
}
