// The privileged process of the agent. It owns the kernel and has the listening process do everything else: starts
// it, starts it again when it dies, and stops it first. It reads nothing that comes from a network, and of what the
// listening process sends only typed plans and reports. The data plane needs neither of the two.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError, EXIT } from '../errors.ts';
import { ownerMark } from '../host/mark.ts';
import type { LocalKernel } from '../kernel/kernel.ts';
import { serveKernel } from '../kernel/remote/index.ts';
import { GarbageAfterWork } from '../sys/garbage.ts';
import type { AuditLog } from './audit-log.ts';
import type { AgentConfig } from './config.ts';
import type { Patience, StartedListener } from './listener-life.ts';
import { ListenerLife, PATIENCE } from './listener-life.ts';
import type { Log } from './log.ts';

export interface KernelProcessOptions {
  readonly config: AgentConfig;
  /** The caller's. */
  readonly kernel: LocalKernel;
  readonly audit: AuditLog | undefined;
  readonly start: () => StartedListener;
  /** Words for the service manager, as sd_notify(3) has them. */
  readonly notify: (...assignments: readonly string[]) => void;
  readonly log: Log;
  readonly patience?: Partial<Patience & Backoff>;
}

/** How long to wait before a listening process that died is started again; all in milliseconds. */
interface Backoff {
  /** The first time; then twice as long each time. */
  readonly shortest: number;
  readonly longest: number;
  /** A life of this length makes the next wait the shortest again. */
  readonly stable: number;
}

const BACKOFF: Backoff = { shortest: 100, longest: 10_000, stable: 60_000 };

/** With these, a listening process says that what it lacks, it will lack the next time too. */
const HOPELESS: ReadonlySet<number | null> = new Set([EXIT.badInput, EXIT.unable, EXIT.foreign]);

/** What this process itself works by, and cannot change while it does. */
const FIXED = ['instance', 'netnsDirectory', 'user', 'group', 'allowedDevices', 'auditLog'] as const;

export class KernelProcess {
  readonly #options: KernelProcessOptions;
  readonly #patience: Patience & Backoff;
  readonly #stopped = new AbortController();
  /** What a listening process is started with. */
  #config: AgentConfig;
  /** What the one that there is was told to take over, and has not answered; the oldest first. */
  #asked: AgentConfig[] = [];
  #life: ListenerLife | undefined;
  #hasBeenReady = false;
  readonly #garbage = new GarbageAfterWork();

  constructor(options: KernelProcessOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#patience = { ...PATIENCE, ...BACKOFF, ...options.patience };
  }

  /**
   * Resolves, to an exit code, when `stop` was called and all has ended, or when the listening process says before it
   * was ever ready that it cannot work. Throws BUOY_NOT_PRIVILEGED.
   */
  async run(): Promise<number> {
    using _garbage = this.#garbage;
    const { log } = this.#options;
    const { signal } = this.#stopped;
    let wait = this.#patience.shortest;
    while (!signal.aborted) {
      const start = performance.now();
      const { exit, how } = await this.#live();
      if (signal.aborted) break;
      if (!this.#hasBeenReady && HOPELESS.has(exit)) return exit ?? EXIT.failed;
      if (performance.now() - start >= this.#patience.stable) wait = this.#patience.shortest;
      log.error({ how, waitMs: wait }, 'the listening process has ended; it is started again');
      // All that a service manager could do is done here. One that ended this process would have the next take for hopeless what
      // this one waits for.
      this.#options.notify('WATCHDOG=1');
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(2 * wait, this.#patience.longest);
    }
    return EXIT.ok;
  }

  /** Takes over another configuration, as far as that can be done without a restart. */
  reload(config: AgentConfig): void {
    const { log, notify } = this.#options;
    const kept = FIXED.filter((key) => !isSame(config[key], this.#config[key]));
    if (kept.length > 0) log.warn({ kept }, 'some of the configuration takes a restart of the agent');
    const own = Object.fromEntries(FIXED.map((key) => [key, this.#config[key]]));
    const next = { ...config, ...own };
    this.#asked.push(next);
    // One that works says whether this does, too. One that does not, or is not there, may have waited for this.
    if (this.#life?.wasReady !== true) this.#config = next;
    notify('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    this.#life?.reload(next);
  }

  /** Ends the listening process and then `run`. May be called again. */
  stop(): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.notify('STOPPING=1');
    this.#stopped.abort();
    this.#life?.stop();
  }

  /** Throws BUOY_NOT_PRIVILEGED if it has never been possible. */
  #start(): StartedListener | Error {
    try {
      return this.#options.start();
    } catch (error) {
      if (!(error instanceof Error) || this.#hasBeenReady) return new Error('it cannot be started', { cause: error });
      const message = `the listening process cannot be started: ${error.message}`;
      throw new BuoyError('BUOY_NOT_PRIVILEGED', message, { cause: error });
    }
  }

  /** One life of the listening process. */
  async #live(): Promise<Awaited<StartedListener['ended']>> {
    const { kernel, audit, notify, log } = this.#options;
    const config = this.#config;
    this.#asked = [];
    const listener = this.#start();
    if (listener instanceof Error) return { exit: null, how: listener.message };
    const served = serveKernel(kernel, listener.kernel, {
      space: { mark: ownerMark(config.instance), devices: config.allowedDevices },
      hasHeadStart: true,
      settled: (operation, result) => {
        audit?.add(operation, result);
        this.#garbage.worked(1);
      },
      refused: (trespass) => {
        const { operation, reason } = trespass;
        log.error({ operation: operation.kind, namespace: operation.namespace, reason }, 'a plan was refused');
        audit?.refuse(trespass);
      },
    });
    this.#life = new ListenerLife(listener, served, {
      config,
      patience: this.#patience,
      events: {
        ready: () => {
          this.#hasBeenReady = true;
          // All of the kernel was read.
          this.#garbage.worked();
          // It works. That all may be removed was a word for one start.
          this.#config = { ...config, mayRemoveAll: false };
          notify('READY=1');
          log.info({ pid: listener.pid }, 'the listening process is ready');
        },
        alive: () => notify('WATCHDOG=1'),
        reloaded: (error) => {
          notify('READY=1');
          const asked = this.#asked.shift();
          if (error === undefined) {
            this.#config = asked ?? this.#config;
            log.info({}, 'the configuration was read again');
          } else log.error({ error }, 'the listening process keeps its configuration');
        },
        complain: (reason) => log.error({ pid: listener.pid, reason }, 'the listening process is ended by force'),
      },
    });
    try {
      return await this.#life.ended();
    } finally {
      this.#life = undefined;
    }
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Set && b instanceof Set) return a.size === b.size && a.isSubsetOf(b);
  return a === b;
}
