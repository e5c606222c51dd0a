// A kernel in memory with a process boundary before it, but for the process.

import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Trespass } from '../../../src/host/owned-space.ts';
import type { FloatingTraffic } from '../../../src/host/counters.ts';
import type { Plan } from '../../../src/host/plan.ts';
import type { HostState } from '../../../src/host/state.ts';
import type { Disturbance } from '../../../src/kernel/disturbance.ts';
import type { LocalKernel, Observer, Outcome } from '../../../src/kernel/kernel.ts';
import { RemoteKernel, serveKernel } from '../../../src/kernel/remote/index.ts';
import type { ServeOptions, Served } from '../../../src/kernel/remote/index.ts';
import type { SimulatedKernelOptions } from '../../../src/kernel/simulated/simulated-kernel.ts';
import { SimulatedHost, SimulatedKernel } from '../../../src/kernel/simulated/index.ts';
import type { LinkName, NamespaceName } from '../../../src/model/names.ts';
import { link } from '../../support/models.ts';

export const INSTANCE = 'test';
export const MARK = `buoy ${INSTANCE}`;

const BRIDGES = ['br-a', 'br-b', 'br-ex', 'br-int', 'eth0', 'eth1'].map((name): [LinkName, string] => [
  link(name),
  name.startsWith('br-') ? 'bridge' : 'device',
]);

/** Nothing of ours, and devices of others to plug into. */
export function host(): SimulatedHost {
  const state = { namespaces: new Map(), foreign: { namespaces: new Map(), links: new Map(BRIDGES) } };
  return new SimulatedHost({ state, mark: MARK });
}

/** A simulated kernel whose plans are recorded, and whose disturbances a test makes up. */
export class RecordingKernel implements LocalKernel {
  readonly plans: Plan[] = [];
  readonly listeners = new Set<(disturbed: Disturbance) => void>();
  readonly #kernel: SimulatedKernel;
  /** What `read` waits for. */
  gate: Promise<void> = Promise.resolve();

  constructor(options: Partial<SimulatedKernelOptions> = {}) {
    this.#kernel = new SimulatedKernel(host(), { instance: INSTANCE, ...options });
  }

  async read(): Promise<HostState> {
    await this.gate;
    return this.#kernel.read();
  }

  async readNamespaces(names: ReadonlySet<NamespaceName>): Promise<HostState> {
    const state = await this.#kernel.read();
    return { ...state, namespaces: new Map([...state.namespaces].filter(([name]) => names.has(name))) };
  }

  readForeignLinks(names: ReadonlySet<LinkName>): Promise<ReadonlyMap<LinkName, string>> {
    return this.#kernel.readForeignLinks(names);
  }

  readCounters(names?: ReadonlySet<NamespaceName>): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
    return this.#kernel.readCounters(names);
  }

  async apply(plan: Plan, observer?: Observer): Promise<Outcome> {
    this.plans.push(plan);
    return this.#kernel.apply(plan, observer);
  }

  async watch(listener: (disturbed: Disturbance) => void): Promise<AsyncDisposable> {
    this.listeners.add(listener);
    return { [Symbol.asyncDispose]: async () => void this.listeners.delete(listener) };
  }

  close(): Promise<void> {
    return this.#kernel.close();
  }
}

export interface Pair {
  readonly remote: RemoteKernel;
  readonly kernel: RecordingKernel;
  readonly served: Served;
  readonly refused: readonly Trespass[];
  readonly streams: readonly [Duplex, Duplex];
}

/** Both ends. */
export function pair(
  options?: Partial<SimulatedKernelOptions>,
  devices?: ReadonlySet<LinkName>,
  serving: Partial<ServeOptions> = {},
): Pair {
  const [near, far] = duplexPair();
  const kernel = new RecordingKernel(options);
  const refused: Trespass[] = [];
  const served = serveKernel(kernel, far, {
    space: { mark: MARK, devices },
    refused: (trespass) => refused.push(trespass),
    ...serving,
  });
  return { remote: new RemoteKernel(near), kernel, served, refused, streams: [near, far] };
}
