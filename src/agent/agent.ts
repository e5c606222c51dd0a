// The loop that keeps a host as it is wanted: whenever the intent changes, others change the kernel, a retry is due or the
// time for an audit has come, it reads what it is unsure of, plans for whoever is not settled, and applies.
//
// One round at a time, with everybody in it who is due: what changes meanwhile is in the next one, in its newest form. Whoever
// fails is tried again later and later, and until then is in nobody's way.

import { setImmediate as breathe } from 'node:timers/promises';
import { BuoyError } from '../errors.ts';
import type { Operation, Plan } from '../host/plan.ts';
import { operationCount } from '../host/plan.ts';
import type { Gone } from '../host/gone.ts';
import type { Disturbance } from '../kernel/disturbance.ts';
import { placesOf } from '../kernel/disturbance.ts';
import type { Kernel, Result } from '../kernel/kernel.ts';
import { refusalText } from '../kernel/refusal-text.ts';
import type { Model, Router } from '../model/model.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, routerIdOf } from '../model/names.ts';
import type { Clock } from './clock.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import type { AgentEvent, SubjectStatus } from './events.ts';
import type { Round } from './keeper.ts';
import { Keeper } from './keeper.ts';
import { Retries } from './retries.ts';

export interface AgentOptions {
  readonly instance: string;
  /** Devices that ports may be plugged into; undefined: any. */
  readonly allowedDevices?: ReadonlySet<LinkName> | undefined;
  /** Time between two readings of the whole host; milliseconds. */
  readonly auditEveryMs: number;
  /** Hears all that happens. */
  readonly tell?: (event: AgentEvent) => void;
  readonly clock?: Clock;
  /** Answers numbers from 0 to less than 1. */
  readonly random?: () => number;
}

interface Intent {
  readonly read: () => Model;
  /** Since when it is wanted. */
  readonly at: number;
  /** It is not read before. */
  readonly due: number;
}

/** What a failed reading, of the host or of the intent, waits before the next one; milliseconds. */
const READ_AGAIN_MS = 1000;

export class Agent {
  readonly #kernel: Kernel;
  readonly #keeper: Keeper;
  readonly #retries: Retries;
  readonly #clock: Clock;
  readonly #auditEveryMs: number;
  readonly #tell: (event: AgentEvent) => void;
  /** Since when subjects are not as they are wanted, and why. */
  readonly #since = new Map<NamespaceName, { readonly cause: 'intent' | 'drift'; readonly at: number }>();
  readonly #statuses = new Map<NamespaceName, SubjectStatus>();
  /** What is wanted and not taken over yet. */
  #intent: Intent | undefined;
  /** What was taken over last. */
  #model: Model | undefined;
  /** Nothing of what is known counts any more. */
  #isBlind = true;
  #nextAudit = 0;
  /** Subjects that were settled, as far as anybody knew, when the whole host was read. */
  readonly #audited = new Set<NamespaceName>();
  /** Where others were heard to change something since the last reading began: it may have been read before that. */
  readonly #heard = new Set<NamespaceName>();
  /** When others were first heard to change what has not been looked at yet. */
  #heardAt: number | undefined;
  /** Nothing is read or changed: what is known is how it is. */
  #isAsleep = false;
  /** What is gone since then. */
  #gone: Gone[] = [];
  #isStopping = false;
  #alarm = new AbortController();
  #isAtRest = false;
  #waiting: (() => void)[] = [];
  #watch: AsyncDisposable | undefined;
  #begun: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  constructor(kernel: Kernel, options: AgentOptions) {
    this.#kernel = kernel;
    this.#keeper = new Keeper({ instance: options.instance, allowedDevices: options.allowedDevices });
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#retries = new Retries(options.random ?? Math.random);
    this.#auditEveryMs = options.auditEveryMs;
    this.#tell = options.tell ?? (() => undefined);
  }

  /**
   * Begins to read the host, which changes nothing and takes a while: whoever has something else to do before `start` calls this
   * first. What it rejects with, `start` does too.
   */
  begin(): Promise<void> {
    this.#begun ??= this.#watchAndRead();
    return this.#begun;
  }

  async #watchAndRead(): Promise<void> {
    this.#watch = await this.#kernel.watch((disturbed) => this.#hear(disturbed));
    await this.#readAll();
  }

  /**
   * Begins to keep the host as the model says; resolves when it is, but for what failed. An empty model is taken for "remove all" only
   * if `mayRemoveAll` says so of the subjects that the host has: else it rejects with BUOY_NOTHING_WANTED, having changed nothing.
   */
  async start(model: Model, mayRemoveAll: (found: readonly NamespaceName[]) => boolean = () => false): Promise<void> {
    try {
      await this.begin();
      // Others may have changed something since.
      await this.#look();
      const found = [...this.#keeper.known].filter((subject) => subject !== HOST);
      if (model.routers.size === 0 && found.length > 0 && !mayRemoveAll(found)) {
        const what = `nothing is wanted, but this host has ${found.length} namespaces of this Buoy, among them ${found[0]}`;
        throw new BuoyError('BUOY_NOTHING_WANTED', what);
      }
      this.want(() => model);
      this.#takeOver();
      await this.#round(this.#keeper.unsettled);
    } catch (error) {
      await this.#watch?.[Symbol.asyncDispose]();
      throw error;
    }
    this.#loop = this.#run();
  }

  /**
   * What the host is to be from now on: it is read when the agent takes it over. When that throws, it is tried again, and
   * the host is kept as it was wanted before.
   */
  want(read: () => Model): void {
    // The time counts from the first change that is not taken over yet.
    this.#intent = { read, at: this.#intent?.at ?? this.#clock.now(), due: 0 };
    this.#wake();
  }

  /** What became of a subject: a router's namespace, or one that the routers of an external network share. */
  status(subject: NamespaceName): SubjectStatus | undefined {
    return this.#statuses.get(subject);
  }

  get statuses(): ReadonlyMap<NamespaceName, SubjectStatus> {
    return this.#statuses;
  }

  /** Subjects that wait for a round or for another try. */
  get unsettled(): ReadonlySet<NamespaceName> {
    return this.#keeper.unsettled;
  }

  /** Reads the whole host as soon as possible. */
  audit(): void {
    this.#nextAudit = 0;
    this.#wake();
  }

  /** Resolves when there is nothing to do but to wait for others, or for the time of a retry. */
  async atRest(): Promise<void> {
    while (!this.#isAtRest) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the round that is under way, and no other is begun. The host stays as it is. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#loop;
    // Where it was never started, what was begun has told already why it failed.
    await this.#begun?.catch(() => undefined);
    await this.#watch?.[Symbol.asyncDispose]();
  }

  #hear(disturbed: Disturbance): void {
    if (disturbed === 'everything') {
      this.#isBlind = true;
      this.#tell({ kind: 'lost events' });
    } else {
      const { namespaces, gone } = disturbed;
      // While it is at work, nobody knows whether that was before or after what is read or changed there.
      const unsure = this.#isAsleep ? namespaces : placesOf(disturbed);
      if (this.#isAsleep) this.#gone.push(...gone);
      this.#keeper.doubt(unsure);
      for (const name of unsure) this.#heard.add(name);
      this.#heardAt ??= this.#clock.now();
    }
    this.#wake();
  }

  #wake(): void {
    this.#isAtRest = false;
    this.#alarm.abort();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      // What comes from now on is not slept through.
      this.#alarm = new AbortController();
      try {
        await this.#look();
        this.#takeOver();
        const now = this.#clock.now();
        const due = [...this.#keeper.unsettled].filter((subject) => this.#retries.isDue(subject, now));
        if (due.length > 0) await this.#round(due);
        else if (!this.#alarm.signal.aborted) await this.#rest();
      } catch (error) {
        this.#tell({ kind: 'trouble', error });
        this.#isBlind = true;
        await this.#clock.sleep(READ_AGAIN_MS, this.#alarm.signal);
      }
      // One who keeps others from being heard is not silent.
      await breathe();
    }
    this.#beAtRest();
  }

  async #rest(): Promise<void> {
    this.#beAtRest();
    const retry = this.#retries.nextDue(this.#keeper.unsettled) ?? Infinity;
    const next = Math.min(this.#nextAudit, retry, this.#intent?.due ?? Infinity);
    this.#isAsleep = true;
    await this.#clock.sleep(Math.max(0, next - this.#clock.now()), this.#alarm.signal);
    this.#isAsleep = false;
    this.#isAtRest = false;
  }

  #beAtRest(): void {
    this.#isAtRest = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Takes over what is gone, and reads what is unsure. */
  async #look(): Promise<void> {
    const gone = this.#gone;
    this.#gone = [];
    this.#noteDrift(this.#keeper.forget(gone));
    if (this.#isBlind || this.#clock.now() >= this.#nextAudit) return this.#readAll();
    if (this.#keeper.unsure.size === 0) {
      this.#heardAt = undefined;
      return;
    }
    const names = new Set(this.#keeper.unsure);
    const start = this.#clock.now();
    this.#heard.clear();
    const state = await this.#kernel.readNamespaces(names);
    const disturbed = this.#keeper.learnNamespaces(names, state);
    this.#keeper.doubt(this.#heard);
    this.#tell({ kind: 'read', namespaces: names, milliseconds: this.#clock.now() - start });
    this.#noteDrift(disturbed);
    if (this.#heard.size === 0) this.#heardAt = undefined;
  }

  async #readAll(): Promise<void> {
    const start = this.#clock.now();
    const settled = [...this.#keeper.known].filter((subject) => !this.#keeper.unsettled.has(subject));
    // Events from here on are about what is read, or newer.
    this.#isBlind = false;
    this.#heard.clear();
    try {
      this.#keeper.learn(await this.#kernel.read());
      this.#keeper.doubt(this.#heard);
    } catch (error) {
      this.#isBlind = true;
      throw error;
    }
    for (const subject of settled) this.#audited.add(subject);
    this.#nextAudit = this.#clock.now() + this.#auditEveryMs;
    this.#tell({ kind: 'read', namespaces: 'all', milliseconds: this.#clock.now() - start });
  }

  #noteDrift(disturbed: ReadonlySet<NamespaceName>): void {
    for (const subject of disturbed) {
      const now = this.#clock.now();
      const isFight = this.#retries.disturb(subject, now);
      if (!this.#since.has(subject)) this.#since.set(subject, { cause: 'drift', at: this.#heardAt ?? now });
      this.#tell({ kind: 'drift', subject, isFight });
    }
  }

  /** Whoever was settled and has something to be done after a reading of the whole host was disturbed unheard. */
  #noteAudited({ plan, subjects }: Round): void {
    const found = plan.steps.map(({ subject }) => subject).filter((subject) => this.#audited.has(subject));
    for (const subject of subjects.keys()) this.#audited.delete(subject);
    for (const subject of new Set(found)) {
      this.#since.set(subject, { cause: 'drift', at: this.#clock.now() });
      this.#tell({ kind: 'drift', subject, isFight: false });
    }
  }

  /** Takes over the newest of what is wanted. */
  #takeOver(): void {
    const newest = this.#intent;
    if (newest === undefined || newest.due > this.#clock.now()) return;
    const model = this.#read(newest);
    if (model === undefined) return;
    this.#intent = undefined;
    // Not all that is stored changes the host.
    if (model === this.#model) return;
    this.#model = model;
    for (const subject of this.#keeper.want(model)) {
      // What is to be done for it now is not for what others did.
      this.#audited.delete(subject);
      this.#retries.forget(subject);
      if (!this.#since.has(subject)) this.#since.set(subject, { cause: 'intent', at: newest.at });
    }
  }

  /** Undefined when it cannot be read now, which keeps nobody from being repaired. */
  #read(intent: Intent): Model | undefined {
    try {
      return intent.read();
    } catch (error) {
      this.#intent = { ...intent, due: this.#clock.now() + READ_AGAIN_MS };
      this.#tell({ kind: 'trouble', error });
      return undefined;
    }
  }

  async #round(subjects: Iterable<NamespaceName>): Promise<void> {
    const start = this.#clock.now();
    const round = await this.#fairRound(subjects);
    const results = new Map<Operation, Result>();
    this.#noteAudited(round);
    try {
      // The first run is made in any case: it sweeps what a predecessor left that died.
      if (round.plan.steps.length > 0 || this.#loop === undefined) await this.#apply(round.plan, results);
    } finally {
      this.#keeper.settle(round, results);
      this.#report(round, results, start);
    }
  }

  /** A round in which nobody is refused for what the host lacked when it was last read. */
  async #fairRound(subjects: Iterable<NamespaceName>): Promise<Round> {
    const asked = [...subjects];
    const round = this.#keeper.round(asked);
    if (round.refused.size === 0) return round;
    this.#keeper.doubt([HOST, ...round.refused.keys()]);
    await this.#look();
    return this.#keeper.round(asked);
  }

  async #apply(plan: Plan, results: Map<Operation, Result>): Promise<void> {
    await this.#kernel.apply(plan, {
      settled: (operation, result) => {
        results.set(operation, result);
        this.#tell({ kind: 'operation', operation, result });
      },
    });
  }

  #report(round: Round, results: ReadonlyMap<Operation, Result>, start: number): void {
    const now = this.#clock.now();
    const errors = errorsOf(round, results);
    for (const [subject, slice] of round.subjects) {
      if (errors.has(subject)) continue;
      this.#retries.forget(subject);
      const since = this.#since.get(subject);
      const router = routerOf(round.model, subject);
      if (since !== undefined)
        this.#tell({ kind: 'settled', subject, router, cause: since.cause, milliseconds: now - since.at });
      // If the listener threw, it is told again.
      this.#since.delete(subject);
      this.#setStatus(subject, slice === undefined ? undefined : { status: 'ACTIVE' });
    }
    for (const [subject, error] of errors) {
      // Whoever hears of a failure hears of its end.
      if (!this.#since.has(subject)) this.#since.set(subject, { cause: 'drift', at: now });
      const again = this.#retries.fail(subject, now);
      this.#tell({ kind: 'failure', subject, error, againInMs: again });
      this.#setStatus(subject, { status: 'ERROR', error });
    }
    const operations = operationCount(round.plan);
    const { size } = round.subjects;
    this.#tell({ kind: 'round', subjects: size, operations, failures: errors.size, milliseconds: now - start });
  }

  #setStatus(subject: NamespaceName, status: SubjectStatus | undefined): void {
    const before = this.#statuses.get(subject);
    if (status === undefined) this.#statuses.delete(subject);
    else this.#statuses.set(subject, status);
    if (before?.status !== status?.status || before?.error?.message !== status?.error?.message)
      this.#tell({ kind: 'status', subject, status });
  }
}

function routerOf({ routers }: Model, subject: NamespaceName): Router | undefined {
  const id = routerIdOf(subject);
  return id === undefined ? undefined : routers.get(id);
}

/** Why subjects of a round are not as they are wanted. */
function errorsOf({ plan, refused }: Round, results: ReadonlyMap<Operation, Result>): Map<NamespaceName, BuoyError> {
  const errors = new Map<NamespaceName, BuoyError>();
  for (const [subject, [first]] of refused) if (first !== undefined) errors.set(subject, first);
  const held = new Map<NamespaceName, BuoyError>();
  for (const { subject, operations } of plan.steps) {
    for (const operation of operations) {
      const result = results.get(operation);
      if (result === 'done') continue;
      if (typeof result === 'object') {
        const error = new BuoyError('BUOY_KERNEL_REFUSED', refusalText(result));
        if (!errors.has(subject)) errors.set(subject, error);
      } else if (!held.has(subject)) {
        held.set(subject, new BuoyError('BUOY_NOT_TRIED', `${subject} waits for something that failed before it`));
      }
    }
  }
  return new Map([...held, ...errors]);
}
