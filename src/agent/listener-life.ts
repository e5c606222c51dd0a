// One life of the listening process, as the privileged one sees it: it is served the kernel, told what to do, and
// asked now and then whether it is still there.

import type { Duplex } from 'node:stream';
import { Frames } from '../kernel/remote/index.ts';
import type { Served } from '../kernel/remote/index.ts';
import type { Account } from './accounts.ts';
import type { AgentConfig } from './config.ts';
import type { Order, Report } from './control.ts';
import { encodeOrder, parseReport, REPORT_LIMIT } from './control.ts';

/** A listening process that was started. */
export interface StartedListener {
  readonly pid: number | undefined;
  /** Its streams, which are sockets 3 and 4 there. */
  readonly kernel: Duplex;
  readonly control: Duplex;
  /** Resolves when it is no more. */
  readonly ended: Promise<ListenerEnd>;
  /** Ends it at once. */
  kill(): void;
}

/**
 * Starts the listening process.
 * @param account who it runs as; undefined: as this one does.
 * @param program path of the program, for tests; by default the agent's own.
 */
export type StartListener = (account: Account | undefined, program?: string) => StartedListener;

export interface ListenerEnd {
  readonly exit: number | null;
  /** `signal SIGKILL`, `exit code 1`, or why it could not be started. */
  readonly how: string;
}

/** How long the privileged process waits for the listening one; all in milliseconds. */
export interface Patience {
  /** Between two questions whether it is there. */
  readonly askEvery: number;
  /** For an answer, before it is ended. */
  readonly answer: number;
  /** For its orderly end, before it is ended. */
  readonly stop: number;
}

/** A service manager gives both processes 30 s (packaging/buoy.service). */
export const PATIENCE: Patience = { askEvery: 2000, answer: 30_000, stop: 20_000 };

export interface LifeEvents {
  readonly ready: () => void;
  /** It has answered. */
  readonly alive: () => void;
  readonly reloaded: (error: string | undefined) => void;
  /** Why it is ended by force, or what it did wrong. */
  readonly complain: (reason: string) => void;
}

export class ListenerLife {
  readonly #listener: StartedListener;
  readonly #served: Served;
  readonly #control: Frames;
  readonly #patience: Patience;
  readonly #events: LifeEvents;
  readonly #timers = new Set<NodeJS.Timeout>();
  #asked = 0;
  #answered = 0;
  #wasReady = false;
  #isEnded = false;

  constructor(
    listener: StartedListener,
    served: Served,
    { config, patience, events }: { config: AgentConfig; patience: Patience; events: LifeEvents },
  ) {
    this.#listener = listener;
    this.#served = served;
    this.#patience = patience;
    this.#events = events;
    this.#control = new Frames(listener.control, REPORT_LIMIT, {
      message: (body) => this.#hear(parseReport(body)),
      end: (reason) => this.#lost(reason),
    });
    this.#send({ kind: 'configure', config });
    this.#timers.add(setInterval(() => this.#ask(), patience.askEvery));
    void served.ended.then((reason) => this.#lost(reason));
  }

  /** Whether it has begun to work. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Resolves when the process is no more and nothing that it asked for is under way. */
  async ended(): Promise<ListenerEnd> {
    const end = await this.#listener.ended;
    this.#isEnded = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#control.destroy();
    this.#served.end();
    await this.#served.ended;
    return end;
  }

  reload(config: AgentConfig): void {
    this.#send({ kind: 'reload', config });
  }

  /** Has it end in an orderly way, and by force when that takes too long. */
  stop(): void {
    this.#send({ kind: 'stop' });
    this.#killAfter(this.#patience.stop, 'it did not stop');
  }

  #send(order: Order): void {
    this.#control.send(encodeOrder(order));
  }

  #hear(report: Report): void {
    switch (report.kind) {
      case 'ready':
        this.#wasReady = true;
        return this.#events.ready();
      case 'pong':
        // Answers of an earlier time count for nothing.
        if (report.number !== this.#asked) return;
        this.#answered = report.number;
        return this.#events.alive();
      case 'reloaded':
        return this.#events.reloaded(undefined);
      case 'not reloaded':
        return this.#events.reloaded(report.reason);
    }
  }

  /** One question at a time. */
  #ask(): void {
    if (this.#answered !== this.#asked) return;
    this.#asked++;
    const number = this.#asked;
    this.#send({ kind: 'ping', number });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#answered < number) this.#kill('it does not answer');
    }, this.#patience.answer);
    this.#timers.add(timer);
  }

  /** Without its connections it is good for nothing. */
  #lost(reason: Error | undefined): void {
    if (this.#isEnded) return;
    if (reason !== undefined) return this.#kill(reason.message);
    this.#killAfter(this.#patience.stop, 'it has given its connection up');
  }

  #killAfter(milliseconds: number, reason: string): void {
    if (!this.#isEnded) this.#timers.add(setTimeout(() => this.#kill(reason), milliseconds));
  }

  #kill(reason: string): void {
    if (this.#isEnded) return;
    this.#events.complain(reason);
    this.#listener.kill();
  }
}
