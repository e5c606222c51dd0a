// A kernel that another process owns: the unprivileged end. Requests go out under numbers of their own, so
// several are under way at the same time.

import type { Duplex } from 'node:stream';
import { BuoyError } from '../../errors.ts';
import type { Operation, Plan, Step } from '../../host/plan.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import type { HostState } from '../../host/state.ts';
import type { NamespaceName } from '../../model/names.ts';
import type { Disturbance } from '../disturbance.ts';
import type { Failure, Kernel, Observer, Outcome } from '../kernel.ts';
import { Frames } from './frames.ts';
import { toJson } from './plan-text.ts';
import type { Refusal, Reply, Result } from './replies.ts';
import { decodeReply, errorFrom, REPLY_LIMIT } from './replies.ts';
import type { Request } from './requests.ts';

/** Operations of one part of a plan, about: a part is parsed at once, and is not to hold up the others for long. */
const OPERATIONS_AT_ONCE = 2000;

type Answer = Extract<Reply, { kind: 'state' | 'counters' | 'outcome' | 'watching' | 'unwatched' }>;
type Word = Extract<Reply, { kind: 'settled' | 'progress' }>;

interface Waiting {
  readonly answer: PromiseWithResolvers<Answer>;
  /** What comes before the answer. */
  readonly hear: ((word: Word) => void) | undefined;
}

export class RemoteKernel implements Kernel {
  readonly #frames: Frames;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<number, (disturbed: Disturbance) => void>();
  readonly #ended = Promise.withResolvers<void>();
  #last = 0;
  #isOver = false;

  /** @param stream leads to a `serveKernel`; owned from now on. */
  constructor(stream: Duplex) {
    this.#frames = new Frames(stream, REPLY_LIMIT, {
      message: (body) => this.#receive(decodeReply(body)),
      end: (reason) => this.#end(reason),
    });
  }

  /** Resolves when the connection is no more, whoever ended it. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async read(): Promise<HostState> {
    return stateOf(await this.#ask((id) => ({ kind: 'read', id })));
  }

  async readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    return stateOf(await this.#ask((id) => ({ kind: 'read namespaces', id, names: [...names] })));
  }

  async readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    const answer = await this.#ask((id) => ({ kind: 'read counters', id, ...(names && { names: [...names] }) }));
    if (answer.kind !== 'counters') throw unexpected(answer);
    return answer.counters;
  }

  async apply(plan: Plan, observer: Observer = {}): Promise<Outcome> {
    const operations = plan.steps.flatMap((step) => step.operations);
    const watch = new PlanWatch(operations, observer);
    const { progress, settled } = observer;
    const isWatched = progress !== undefined || settled !== undefined;
    const answer = await this.#ask(
      (id) => {
        for (const steps of partsOf(plan.steps)) this.#send({ kind: 'plan', id, steps });
        return { kind: 'apply', id, isWatched };
      },
      (word, id) => {
        // As with a kernel of one's own, no operation is begun after the observer has thrown.
        if (!watch.hear(word)) this.#send({ kind: 'cancel', id });
      },
    ).finally(() => watch.rethrow());
    if (answer.kind !== 'outcome') throw unexpected(answer);
    const { done, notTried } = answer;
    const failures = answer.failures.map(([index, refusal]) => failureOf(operations[index], refusal));
    return { done, notTried, failures };
  }

  /** What the listener throws ends the process: there is nobody to hand it to. */
  async watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable> {
    let watchId = 0;
    const answer = await this.#ask((id) => {
      watchId = id;
      this.#listeners.set(id, listener);
      return { kind: 'watch', id };
    }).catch((error: unknown) => {
      this.#listeners.delete(watchId);
      throw error;
    });
    if (answer.kind !== 'watching') throw unexpected(answer);
    return {
      [Symbol.asyncDispose]: async () => {
        if (!this.#listeners.delete(watchId) || this.#isOver) return;
        await this.#ask(() => ({ kind: 'unwatch', id: watchId }), undefined, watchId);
      },
    };
  }

  async close(): Promise<void> {
    this.#frames.end();
    await this.#ended.promise;
  }

  async #ask(
    request: (id: number) => Request,
    hear?: (word: Word, id: number) => void,
    id = ++this.#last,
  ): Promise<Answer> {
    if (this.#isOver) throw gone(undefined);
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.set(id, { answer, hear: hear && ((word) => hear(word, id)) });
    this.#send(request(id));
    return answer.promise;
  }

  #send(request: Request): void {
    this.#frames.send(toJson(request));
  }

  #receive(reply: Reply): void {
    if (reply.kind === 'disturbed') return this.#listeners.get(reply.id)?.(reply.disturbed);
    const waiting = this.#waiting.get(reply.id);
    if (reply.kind === 'settled' || reply.kind === 'progress') return waiting?.hear?.(reply);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'error') waiting?.answer.reject(errorFrom(reply.error));
    else waiting?.answer.resolve(reply);
  }

  #end(reason: Error | undefined): void {
    this.#isOver = true;
    for (const { answer } of this.#waiting.values()) answer.reject(gone(reason));
    this.#waiting.clear();
    this.#listeners.clear();
    this.#ended.resolve();
  }
}

/** Hands on to an observer what is told of a plan. */
class PlanWatch {
  readonly #operations: readonly Operation[];
  readonly #observer: Observer;
  #settled = 0;
  #thrown: { readonly error: unknown } | undefined;

  constructor(operations: readonly Operation[], observer: Observer) {
    this.#operations = operations;
    this.#observer = observer;
  }

  /** False once, when the observer throws. */
  hear(word: Word): boolean {
    if (this.#thrown !== undefined) return true;
    try {
      if (word.kind === 'progress') this.#observer.progress?.(word.tried, word.total);
      else for (const result of word.results) this.#settle(result);
      return true;
    } catch (error) {
      this.#thrown = { error };
      return false;
    }
  }

  #settle(result: Result): void {
    const operation = this.#operations[this.#settled++];
    if (operation === undefined) throw new BuoyError('BUOY_INTERNAL', 'more operations were settled than there are');
    this.#observer.settled?.(operation, typeof result === 'string' ? result : failureOf(operation, result));
  }

  /** Throws what the observer threw, if anything. */
  rethrow(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}

function* partsOf(steps: readonly Step[]): Generator<Step[]> {
  let part: Step[] = [];
  let operations = 0;
  for (const step of steps) {
    part.push(step);
    operations += step.operations.length;
    if (operations < OPERATIONS_AT_ONCE) continue;
    yield part;
    part = [];
    operations = 0;
  }
  if (part.length > 0) yield part;
}

function stateOf(answer: Answer): HostState {
  if (answer.kind !== 'state') throw unexpected(answer);
  return answer.state;
}

function failureOf(operation: Operation | undefined, refusal: Refusal): Failure {
  if (operation === undefined) throw new BuoyError('BUOY_INTERNAL', 'an operation failed that is not in the plan');
  return { operation, ...refusal };
}

function unexpected({ kind }: Answer): BuoyError {
  return new BuoyError('BUOY_INTERNAL', `the privileged process answered with ${kind}`);
}

function gone(reason: Error | undefined): BuoyError {
  const why = reason === undefined ? '' : `: ${reason.message}`;
  return new BuoyError('BUOY_KERNEL_PROCESS_GONE', `the privileged process is gone${why}`, {
    ...(reason !== undefined && { cause: reason }),
  });
}
