// The process of the agent that listens: it has the store, the API and the loop, and no privileges. The kernel is
// that of the privileged process, at the other end of a stream.

import type { Duplex } from 'node:stream';
import { BuoyError } from '../errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Frames, RemoteKernel } from '../kernel/remote/index.ts';
import { privilegesLeft } from '../sys/privileges.ts';
import type { AgentConfig } from './config.ts';
import type { Order, Report } from './control.ts';
import { decodeOrder, encodeReport, ORDER_LIMIT } from './control.ts';

/** After this nothing works any more. `cause`: why. */
export class NothingRuns extends Error {
  override readonly name = 'NothingRuns';
}

/** What works in the listening process. */
export interface Running {
  /** Takes over what can change without a restart. What it throws is told, and the process goes on as before; with NothingRuns it ends. */
  reload(config: AgentConfig): Promise<void>;
  /** Ends all that it began, but for the data plane. */
  stop(): Promise<void>;
}

/** Begins to work. Resolves once the API answers and the first comparison with the kernel has begun. */
export type RunAgent = (kernel: Kernel, config: AgentConfig) => Promise<Running>;

/** The streams to the privileged process. */
export interface ParentStreams {
  readonly kernel: Duplex;
  readonly control: Duplex;
}

/** Throws BUOY_LISTENER_PRIVILEGED unless this process has no privileges and can get none. To be called before anything is read. */
export function requireNoPrivileges(left: readonly string[] = privilegesLeft()): void {
  if (left.length === 0) return;
  throw new BuoyError('BUOY_LISTENER_PRIVILEGED', `the listening process still has privileges: ${left.join(', ')}`);
}

/**
 * Works as the privileged process says. Resolves when that has ordered it to stop, or is gone; rejects with what `run`
 * throws. The streams are closed then.
 */
export async function runListener(streams: ParentStreams, run: RunAgent): Promise<void> {
  const kernel = new RemoteKernel(streams.kernel);
  const control = new Orders(streams.control);
  try {
    const running = await begin(kernel, control, run);
    if (running === undefined) return;
    control.report({ kind: 'ready' });
    try {
      await obey(running, kernel, control);
    } finally {
      await running.stop();
    }
  } finally {
    await kernel.close();
    control.end();
  }
}

/** Undefined if there was no order to begin. */
async function begin(kernel: Kernel, control: Orders, run: RunAgent): Promise<Running | undefined> {
  for await (const order of control) if (order.kind === 'configure') return await run(kernel, order.config);
  return undefined;
}

/** Returns when nothing is to be done any more. */
async function obey(running: Running, kernel: RemoteKernel, control: Orders): Promise<void> {
  void kernel.ended.then(() => control.close());
  for await (const order of control) {
    if (order.kind === 'stop') return;
    if (order.kind !== 'reload') continue;
    try {
      await running.reload(order.config);
      control.report({ kind: 'reloaded' });
    } catch (error) {
      control.report({ kind: 'not reloaded', reason: error instanceof Error ? error.message : String(error) });
      if (error instanceof NothingRuns) throw error.cause;
    }
  }
}

/** Orders in turn, until the stream ends. A ping is answered as it comes: it asks whether this process still turns. */
class Orders {
  readonly #frames: Frames;
  readonly #orders: Order[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(stream: Duplex) {
    this.#frames = new Frames(stream, ORDER_LIMIT, {
      message: (body) => this.#take(decodeOrder(body)),
      end: () => this.close(),
    });
  }

  report(report: Report): void {
    this.#frames.send(encodeReport(report));
  }

  /** No further order is looked at. */
  close(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  end(): void {
    this.#frames.end();
  }

  #take(order: Order): void {
    if (order.kind === 'ping') return this.report({ kind: 'pong', number: order.number });
    this.#orders.push(order);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Order> {
    while (!this.#isOver) {
      const order = this.#orders.shift();
      if (order !== undefined) yield order;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
