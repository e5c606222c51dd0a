// Whether there is something that no kernel remembers and that may not have been done: announcements, and ends of
// connections. A note outside of the process says so from the beginning of a run until it has ended well.
//
// A process may apply many plans, some at the same time. What failed in one is made up for by a later one that
// concerns the same subject, or by the end of its namespace. What a predecessor left undone concerns everything; the first plan that is applied after all
// was read is taken to make up for that, since it was made from what was read.

import type { Operation, Plan } from '../host/plan.ts';
import type { NamespaceName } from '../model/names.ts';
import type { HostState } from '../host/state.ts';
import type { Result } from './kernel.ts';

/** What outlives the process. */
export interface Note {
  readonly isThere: boolean;
  readonly leave: () => void;
  readonly take: () => void;
}

/** A plan that is applied. */
export interface Run {
  readonly plan: Plan;
  /** It was made from all that is there. */
  readonly isOfAll: boolean;
  readonly done: Set<Operation>;
}

export class UnfinishedRuns {
  readonly #note: Note;
  readonly #running = new Set<Run>();
  readonly #failed = new Set<NamespaceName>();
  /** The note that is there is ours. */
  #isOurs = false;
  /** A predecessor left the note, and what it tells has not been made up for. */
  #isInherited = false;
  #isAllRead = false;

  constructor(note: Note) {
    this.#note = note;
  }

  /** Everything is about to be read. Answers whether something in it is unfinished, beyond what is under way. */
  readAll(): boolean {
    this.#isAllRead = true;
    return this.hasPredecessor || this.#failed.size > 0;
  }

  /** Whether something in these namespaces is unfinished, beyond what is under way. */
  isUnfinishedIn(names: ReadonlySet<NamespaceName>): boolean {
    return this.hasPredecessor || [...names].some((name) => this.#failed.has(name));
  }

  /** These namespaces (undefined: all) were read while no plan was applied. Of one that is gone, nothing is owed to anybody. */
  learn(names: ReadonlySet<NamespaceName> | undefined, { namespaces }: HostState): void {
    if (this.#failed.size === 0 || this.#running.size > 0) return;
    for (const subject of this.#failed)
      if (names?.has(subject) !== false && !namespaces.has(subject)) this.#failed.delete(subject);
    this.#takeUnlessOwed();
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** A plan is about to be applied. To be ended with `end`. Throws what leaving the note throws. */
  begin(plan: Plan): Run {
    const run = { plan, isOfAll: this.#isAllRead, done: new Set<Operation>() };
    if (plan.steps.length > 0) {
      this.#isInherited = this.hasPredecessor;
      this.#note.leave();
      this.#isOurs = true;
    }
    this.#isAllRead = false;
    this.#running.add(run);
    return run;
  }

  /** An operation of the run's plan is settled. */
  note(run: Run, operation: Operation, result: Result): void {
    if (result === 'done') run.done.add(operation);
  }

  /** `hasEnded`: whether it was applied to its end. Throws what taking the note throws. */
  end(run: Run, hasEnded: boolean): void {
    this.#running.delete(run);
    const owing = owingSubjects(run);
    for (const { subject } of run.plan.steps) {
      if (owing.has(subject)) this.#failed.add(subject);
      else this.#failed.delete(subject);
    }
    // What it failed with is known by name from here on.
    if (run.isOfAll && hasEnded) this.#isInherited = false;
    if (this.#isOurs || run.isOfAll) this.#takeUnlessOwed();
  }

  #takeUnlessOwed(): void {
    if (this.#running.size > 0 || this.#failed.size > 0 || this.#isInherited) return;
    this.#note.take();
    this.#isOurs = false;
  }

  /** Whether a run of another process did not end, and has not been made up for. */
  get hasPredecessor(): boolean {
    return this.#isOurs ? this.#isInherited : this.#note.isThere;
  }
}

/** Those for whom something is left undone that no kernel remembers. */
function owingSubjects({ plan, done }: Run): ReadonlySet<NamespaceName> {
  const isOwed = (operation: Operation): boolean => isForgotten(operation) && !done.has(operation);
  return new Set(plan.steps.filter(({ operations }) => operations.some(isOwed)).map(({ subject }) => subject));
}

function isForgotten({ kind }: Operation): boolean {
  return kind === 'address.announce' || kind === 'connections.flush';
}
