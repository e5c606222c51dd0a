// A kernel offered to another process: the privileged end. What comes is taken for hostile. It is done if it
// has the shape of a request (requests.ts) and stays in the owned space; a plan that leaves it is refused whole, and
// what has no such shape ends the connection. Nothing that comes can make this end throw.

import type { Duplex } from 'node:stream';
import { BuoyError } from '../../errors.ts';
import type { OwnedSpace, Trespass } from '../../host/owned-space.ts';
import { hostLinksOf, trespassOf } from '../../host/owned-space.ts';
import type { Operation, Plan, Step } from '../../host/plan.ts';
import { namespaceText } from '../../host/text.ts';
import type { HostState } from '../../host/state.ts';
import type { LinkName } from '../../model/names.ts';
import type { Disturbance } from '../disturbance.ts';
import { joined } from '../disturbance.ts';
import type { Kernel, LocalKernel, Observer, Outcome } from '../kernel.ts';
import { Frames, ProtocolViolation } from './frames.ts';
import { HeadStart } from './head-start.ts';
import type { Reply, Result } from './replies.ts';
import { encodeReply, errorRecord } from './replies.ts';
import { parseRequest, REQUEST_LIMIT } from './requests.ts';
import type { Request } from './requests.ts';
import { Turnstile } from './turnstile.ts';

/** What may be under way at the same time. The agent has a queue a router, and applies no more than some dozens at once. */
const MOST_AT_ONCE = 256;
/** Bytes of the plans that are under way, together, as they came; in memory they take some ten times as much. Ten thousand routers take 120 MB. */
const MOST_PLAN_BYTES = 128 << 20;
/** Readings that are under way at the same time. */
const READS_AT_ONCE = 8;
/** Bytes of answers that wait to be taken, beyond which nothing more is read or answered. */
const MOST_UNSENT = 64 << 20;
/** Results that are told in one message, at most. */
const RESULTS_AT_ONCE = 1024;

export interface ServeOptions {
  readonly space: OwnedSpace;
  /** Hears of what every plan does, before the other end does; what it throws ends the run. */
  readonly settled?: NonNullable<Observer['settled']>;
  /** Hears of each plan that was refused. */
  readonly refused?: (trespass: Trespass) => void;
  /** Bytes of plans that may be under way together; 128 MiB unless given. */
  readonly mostPlanBytes?: number;
  /** Bytes of answers that may wait to be taken before nothing more is answered; 64 MiB unless given. */
  readonly mostUnsent?: number;
  /** Begins to watch and read the kernel now, for the first who asks. */
  readonly hasHeadStart?: boolean;
}

export interface Served {
  /** Resolves when the connection is no more and nothing that was begun is under way; to what the other end did wrong, if that ended it. */
  readonly ended: Promise<Error | undefined>;
  /** Ends the connection; what is under way is brought to its end. */
  end(): void;
}

/** Does what comes over the stream, which it owns from now on. The kernel is the caller's. */
export function serveKernel(kernel: LocalKernel, stream: Duplex, options: ServeOptions): Served {
  return new KernelService(kernel, stream, options);
}

interface Apply {
  readonly steps: Step[];
  bytes: number;
  isCancelled: boolean;
  isRunning: boolean;
}

class KernelService implements Served {
  readonly #kernel: LocalKernel;
  readonly #options: ServeOptions;
  /** Of whom a watch and a reading are asked. */
  readonly #asked: Pick<Kernel, 'watch' | 'read'>;
  readonly #headStart: HeadStart | undefined;
  readonly #frames: Frames;
  readonly #ended = Promise.withResolvers<Error | undefined>();
  readonly #applies = new Map<number, Apply>();
  readonly #watches = new Map<number, Watch>();
  /** Requests whose answers are not out yet. */
  readonly #busy = new Set<number>();
  readonly #reads = new Turnstile(READS_AT_ONCE);
  #planBytes = 0;
  #isClosed = false;
  #reason: Error | undefined;

  constructor(kernel: LocalKernel, stream: Duplex, options: ServeOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#headStart = options.hasHeadStart === true ? new HeadStart(kernel) : undefined;
    this.#asked = this.#headStart ?? kernel;
    this.#frames = new Frames(stream, REQUEST_LIMIT, {
      message: (body) => this.#receive(parseRequest(body), body.length),
      end: (reason) => this.#close(reason),
    });
  }

  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  get #mostUnsent(): number {
    return this.#options.mostUnsent ?? MOST_UNSENT;
  }

  end(): void {
    this.#frames.destroy();
  }

  /** Throws ProtocolViolation. */
  #receive(request: Request, bytes: number): void {
    const { id } = request;
    switch (request.kind) {
      case 'read':
        return this.#answer(id, () => this.#read(id, () => this.#asked.read()));
      case 'read namespaces': {
        const names = new Set(request.names);
        return this.#answer(id, () => this.#read(id, () => this.#kernel.readNamespaces(names)));
      }
      case 'read counters': {
        const names = request.names && new Set(request.names);
        return this.#answer(id, () =>
          this.#inTurn(async () => ({ kind: 'counters', id, counters: await this.#kernel.readCounters(names) })),
        );
      }
      case 'plan':
        return this.#addSteps(id, request.steps, bytes);
      case 'apply': {
        const apply = this.#applyOf(id);
        apply.isRunning = true;
        return this.#answer(id, async () => {
          try {
            return await this.#apply(id, apply, request.isWatched);
          } finally {
            this.#applies.delete(id);
            this.#planBytes -= apply.bytes;
          }
        });
      }
      case 'cancel': {
        const apply = this.#applies.get(id);
        if (apply !== undefined) apply.isCancelled = true;
        return;
      }
      case 'watch':
        return this.#answer(id, async () => {
          const watch = new Watch(id, this.#frames);
          watch.subscription = await this.#asked.watch((disturbed) => watch.tell(disturbed));
          this.#watches.set(id, watch);
          return { kind: 'watching', id };
        });
      case 'unwatch': {
        const watch = this.#watches.get(id);
        if (watch === undefined) throw new ProtocolViolation('an end to a watch that there is not');
        this.#watches.delete(id);
        return this.#answer(id, async () => {
          await watch.end();
          return { kind: 'unwatched', id };
        });
      }
    }
  }

  /** Throws ProtocolViolation. */
  #answer(id: number, work: () => Promise<Reply>): void {
    if (this.#busy.has(id) || this.#watches.has(id)) throw new ProtocolViolation(`the number ${id} is in use`);
    if (this.#busy.size + this.#watches.size >= MOST_AT_ONCE)
      throw new ProtocolViolation(`more than ${MOST_AT_ONCE} requests at once`);
    this.#busy.add(id);
    void this.#reply(id, work);
  }

  async #reply(id: number, work: () => Promise<Reply>): Promise<void> {
    let reply: Reply;
    try {
      reply = await work();
    } catch (error) {
      reply = { kind: 'error', id, error: errorRecord(error) };
    }
    // Until there is room for its answer it counts among those that are under way, of which there are only so many.
    await this.#frames.drained(this.#mostUnsent);
    this.#busy.delete(id);
    this.#send(reply);
    if (this.#isClosed) this.#finish();
  }

  /** States are large, and who asks may be slow to take them. */
  async #read(id: number, read: () => Promise<HostState>): Promise<Reply> {
    return this.#inTurn(async () => ({ kind: 'state', id, state: await read() }));
  }

  async #inTurn(read: () => Promise<Reply>): Promise<Reply> {
    using _turn = await this.#reads.enter();
    await this.#frames.drained(this.#mostUnsent);
    return read();
  }

  #applyOf(id: number): Apply {
    let apply = this.#applies.get(id);
    if (apply?.isRunning === true) throw new ProtocolViolation(`the number ${id} is in use`);
    if (apply === undefined) {
      if (this.#applies.size >= MOST_AT_ONCE) throw new ProtocolViolation(`more than ${MOST_AT_ONCE} plans at once`);
      apply = { steps: [], bytes: 0, isCancelled: false, isRunning: false };
      this.#applies.set(id, apply);
    }
    return apply;
  }

  #addSteps(id: number, steps: readonly Step[], bytes: number): void {
    const { mostPlanBytes = MOST_PLAN_BYTES } = this.#options;
    const apply = this.#applyOf(id);
    apply.bytes += bytes;
    this.#planBytes += bytes;
    if (this.#planBytes > mostPlanBytes)
      throw new ProtocolViolation(`plans of more than ${mostPlanBytes} bytes at once`);
    for (const step of steps) apply.steps.push(step);
  }

  async #apply(id: number, apply: Apply, isWatched: boolean): Promise<Reply> {
    const plan: Plan = { steps: apply.steps };
    const trespass = await this.#trespassOf(plan);
    if (trespass !== undefined) {
      this.#options.refused?.(trespass);
      throw refusal(trespass);
    }
    const results = new Results(id, (reply) => this.#send(reply));
    const outcome = await this.#kernel
      .apply(plan, {
        settled: (operation, result) => {
          this.#options.settled?.(operation, result);
          if (isWatched)
            results.add(typeof result === 'string' ? result : { errno: result.errno, message: result.message });
          if (apply.isCancelled) throw new Error('the plan was cancelled');
        },
        ...(isWatched && {
          progress: (tried, total) => {
            results.flush();
            this.#send({ kind: 'progress', id, tried, total });
          },
        }),
      })
      .finally(() => results.flush());
    return outcomeReply(id, plan, outcome);
  }

  /** A plan in namespaces alone costs no reading. Of a link that seems foreign, all of the kernel is asked: its peer may tell that it is ours. */
  async #trespassOf(plan: Plan): Promise<Trespass | undefined> {
    const { space } = this.#options;
    const named = hostLinksOf(plan);
    const others = named.size === 0 ? new Map<LinkName, string>() : await this.#kernel.readForeignLinks(named);
    const trespass = trespassOf(plan, space, others);
    if (trespass === undefined || others.size === 0) return trespass;
    const all = await this.#kernel.read();
    return trespassOf(plan, space, all.foreign.links);
  }

  #send(reply: Reply): void {
    if (!this.#isClosed) this.#frames.send(encodeReply(reply));
  }

  #close(reason: Error | undefined): void {
    this.#isClosed = true;
    this.#reason = reason;
    for (const [id, { isRunning }] of this.#applies) if (!isRunning) this.#applies.delete(id);
    this.#finish();
  }

  /** Once nothing is under way. */
  #finish(): void {
    if (this.#busy.size > 0) return;
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    const ends = watches.map((watch) => watch.end());
    if (this.#headStart !== undefined) ends.push(this.#headStart[Symbol.asyncDispose]());
    void Promise.allSettled(ends).then(() => this.#ended.resolve(this.#reason));
  }
}

/** Tells the other end of disturbances; while that is slow to read, what comes is kept together. */
class Watch {
  readonly #id: number;
  readonly #frames: Frames;
  #kept: Disturbance | undefined;
  #isFull = false;
  subscription: AsyncDisposable | undefined;

  constructor(id: number, frames: Frames) {
    this.#id = id;
    this.#frames = frames;
  }

  tell(disturbed: Disturbance): void {
    if (!this.#isFull) return this.#send(disturbed);
    this.#kept = this.#kept === undefined ? disturbed : joined(this.#kept, disturbed);
  }

  async end(): Promise<void> {
    await this.subscription?.[Symbol.asyncDispose]();
  }

  #send(disturbed: Disturbance): void {
    this.#isFull = !this.#frames.send(encodeReply({ kind: 'disturbed', id: this.#id, disturbed }));
    if (!this.#isFull) return;
    this.#frames.onceDrained(() => {
      const kept = this.#kept;
      this.#kept = undefined;
      this.#isFull = false;
      if (kept !== undefined) this.#send(kept);
    });
  }
}

/** Results on their way to who asked, many in one message. */
class Results {
  readonly #id: number;
  readonly #send: (reply: Reply) => void;
  #waiting: Result[] = [];

  constructor(id: number, send: (reply: Reply) => void) {
    this.#id = id;
    this.#send = send;
  }

  add(result: Result): void {
    this.#waiting.push(result);
    if (this.#waiting.length >= RESULTS_AT_ONCE) this.flush();
  }

  flush(): void {
    if (this.#waiting.length > 0) this.#send({ kind: 'settled', id: this.#id, results: this.#waiting });
    this.#waiting = [];
  }
}

function outcomeReply(id: number, plan: Plan, { done, notTried, failures }: Outcome): Reply {
  const numbers = new Map<Operation, number>();
  if (failures.length > 0)
    for (const operation of plan.steps.flatMap(({ operations }) => operations)) numbers.set(operation, numbers.size);
  return {
    kind: 'outcome',
    id,
    done,
    notTried,
    failures: failures.map(({ operation, errno, message }) => [numbers.get(operation) ?? -1, { errno, message }]),
  };
}

function refusal({ operation, reason }: Trespass): BuoyError {
  const where = namespaceText(operation.namespace);
  return new BuoyError('BUOY_OUTSIDE_OWNED_SPACE', `${where}: ${operation.kind} was refused, because ${reason}`, {
    subject: where,
  });
}
