// Which operations of a plan are tried, in which order, and what a failure stops: the same for every
// kernel.
//
// Namespaces are made and opened for some steps at a time, while the steps before them are worked on.
// Consecutive operations that go the same way to a kernel are sent together, so a refusal may
// become known only after further operations were tried; nothing is begun after it is known.

import type { Operation, Plan, Step } from '../host/plan.ts';
import { operationCount } from '../host/plan.ts';
import type { NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';
import type { Failure, Observer, Outcome } from './kernel.ts';
import { addTouched, isRouteOperation, isRulesetOperation } from './operation-kinds.ts';

/** Steps whose namespaces are opened together, unless told otherwise. */
const STEPS_AT_ONCE = 32;

/** Who does operations to a kernel. What it throws ends the run. */
export interface Executor<Opened> {
  isOpen(name: NamespaceName): boolean;
  /** Makes namespaces and opens others; those that cannot be had are no reason to reject. */
  open(create: readonly NamespaceName[], open: readonly NamespaceName[]): Promise<Opened>;
  /** Takes over what was opened. */
  adopt(opened: Opened): void;
  /** Begins an operation: it is done, or waits to be sent with others. Failures go to `PlanRun.fail`. */
  perform(operation: Operation): Promise<void> | undefined;
  /** Has new links that wait come up. */
  bringUp(): void;
  /** Sends the operations on links, addresses, routes, rules and neighbours that wait. */
  sendRoute(): void;
  /** Commits the operations on rulesets that wait. */
  sendRuleset(): void;
  /** Closes namespaces that few steps need, but for those that are needed next. */
  release(neededNext: ReadonlySet<NamespaceName>): void;
  /** Waits for what the kernel does in its own time. */
  finish(): Promise<void>;
}

interface Prepared<Opened> {
  readonly steps: readonly Step[];
  /** Namespaces that the steps need. */
  readonly touched: ReadonlySet<NamespaceName>;
  readonly opened: Promise<Opened>;
}

export class PlanRun<Opened> {
  readonly #executor: Executor<Opened>;
  readonly #stepsAtOnce: number;
  /** The first failure of each operation: one may take several messages. */
  readonly #failures = new Map<Operation, Failure>();
  readonly #failedSubjects = new Set<NamespaceName>();
  #subject: NamespaceName = HOST;
  #notTried = 0;

  constructor(executor: Executor<Opened>, stepsAtOnce = STEPS_AT_ONCE) {
    this.#executor = executor;
    this.#stepsAtOnce = stepsAtOnce;
  }

  /** To be called once. */
  async run(plan: Plan, observer: Observer): Promise<Outcome> {
    const total = operationCount(plan);
    let tried = 0;
    let next = this.#prepare(plan, 0);
    try {
      for (let start = 0; start < plan.steps.length; start += this.#stepsAtOnce) {
        const { steps, opened } = next;
        this.#executor.adopt(await opened);
        next = this.#prepare(plan, start + this.#stepsAtOnce);
        for (const step of steps) {
          await this.#runStep(step, observer);
          tried += step.operations.length;
        }
        this.#executor.release(next.touched);
        observer.progress?.(tried, total);
      }
      await this.#executor.finish();
    } finally {
      this.#executor.adopt(await next.opened);
    }
    const failures = [...this.#failures.values()];
    return { done: total - failures.length - this.#notTried, failures, notTried: this.#notTried };
  }

  /** Notes a failure of the step that is worked on. */
  fail(failure: Failure): void {
    if (!this.#failures.has(failure.operation)) this.#failures.set(failure.operation, failure);
    this.#failedSubjects.add(this.#subject);
  }

  /** Has the namespaces made and opened that the next steps need and that are not open already. */
  #prepare(plan: Plan, start: number): Prepared<Opened> {
    const steps = plan.steps.slice(start, start + this.#stepsAtOnce);
    const create = new Set<NamespaceName>();
    const touched = new Set<NamespaceName>();
    for (const { operations } of steps) {
      for (const operation of operations) {
        if (operation.kind === 'namespace.create') create.add(operation.namespace);
        else addTouched(operation, touched);
      }
    }
    const missing = [...touched].filter((name) => !create.has(name) && !this.#executor.isOpen(name));
    return { steps, touched, opened: this.#executor.open([...create], missing) };
  }

  async #runStep(step: Step, observer: Observer): Promise<void> {
    this.#subject = step.subject;
    let tried = 0;
    try {
      for (const operation of step.operations) {
        // An operation may need those before it: what became of them is known before it is begun.
        this.#settle(operation);
        if (this.#hasFailed(step)) break;
        tried++;
        const pending = this.#executor.perform(operation);
        if (pending !== undefined) await pending;
      }
      this.#executor.bringUp();
      this.#executor.sendRoute();
      this.#executor.sendRuleset();
    } finally {
      this.#notTried += step.operations.length - tried;
      for (const [index, operation] of step.operations.entries())
        observer.settled?.(operation, index < tried ? (this.#failures.get(operation) ?? 'done') : 'not tried');
    }
  }

  /** Whether the step's subject has failed, or one that it comes after. */
  #hasFailed({ subject, after }: Step): boolean {
    const failed = this.#failedSubjects;
    return failed.size > 0 && (failed.has(subject) || after.some((other) => failed.has(other)));
  }

  /** Sends what waits, but for that which goes together with the operation. */
  #settle(operation: Operation): void {
    if (!isRouteOperation(operation)) {
      // A link comes up with its sysctls set.
      if (operation.kind !== 'sysctl.set') this.#executor.bringUp();
      this.#executor.sendRoute();
    }
    if (!isRulesetOperation(operation)) this.#executor.sendRuleset();
  }
}
