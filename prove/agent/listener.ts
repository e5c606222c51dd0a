// The listening process of a simulated host, without its sockets: the store and the agent, connected as the service connects them.

import type { AgentEvent } from '../../src/agent/events.ts';
import { Agent } from '../../src/agent/agent.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { randomSource } from '../../src/kernel/simulated/index.ts';
import type { Model } from '../../src/model/model.ts';
import { followStore, tellStore } from '../../src/service/follow-store.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { INSTANCE } from '../undisturbed.ts';
import type { OpenStore } from './disk.ts';
import type { Applying, Reading } from './line.ts';
import { Line } from './line.ts';

export const AUDIT_MS = 600_000;

export interface ListenerOptions {
  readonly seed: number;
  readonly kernel: Kernel;
  readonly apply: Applying;
  readonly reading: Reading;
  readonly tell: (event: AgentEvent) => void;
}

export class Listener {
  readonly open: OpenStore;
  readonly line: Line;
  readonly agent: Watched;
  readonly clock = new ManualClock();
  readonly #started: Promise<void>;
  #following: AsyncDisposable | undefined;
  #error: string | undefined;

  constructor(open: OpenStore, { seed, kernel, apply, reading, tell }: ListenerOptions) {
    this.open = open;
    this.line = new Line(kernel, apply, reading);
    this.agent = new Watched(this.line, {
      instance: INSTANCE,
      auditEveryMs: AUDIT_MS,
      clock: this.clock,
      random: randomSource(seed),
      tell: (event) => {
        if (this.line.isCut) return;
        tellStore(open.store, event);
        tell(event);
      },
    });
    this.#started = this.#start();
  }

  /** Whether it has begun, and the agent waits for something to happen. */
  get isAtRest(): boolean {
    return this.#following !== undefined && this.clock.isAwaited;
  }

  /** Why it could not begin to work. */
  get error(): string | undefined {
    return this.#error;
  }

  /** An orderly end, once it has begun. */
  async stop(): Promise<void> {
    await this.#started;
    await this.#following?.[Symbol.asyncDispose]();
    this.open.close();
  }

  /** It is no more, in the middle of whatever it is doing. */
  die(): void {
    this.end();
    this.open.die();
  }

  async #start(): Promise<void> {
    try {
      this.#following = await followStore(this.agent, this.open.store, { mayRemoveAll: false });
    } catch (error) {
      this.#error = String(error);
    }
  }

  /** Nobody needs it any more. */
  end(): void {
    this.line.cut();
    // If it never sleeps, it would go on for ever.
    void this.agent.stop();
  }
}

/** An agent that knows what it has taken over last. */
class Watched extends Agent {
  told: Model | undefined;

  override want(read: () => Model): void {
    super.want(() => (this.told = read()));
  }
}
