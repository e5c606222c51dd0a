// A host of its own for a test file, with a playground around it: what Buoy does there can be
// tried with packets, and disturbs no other test.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import type { Plan } from '../../src/host/plan.ts';
import type { HostState } from '../../src/host/state.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import { LinuxKernel, Namespaces, OpenNamespace, releaseName } from '../../src/kernel/linux/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { formatAddress } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { journeysOf } from '../../src/playground/journey.ts';
import type { Journey } from '../../src/playground/journey.ts';
import { Playground } from '../../src/playground/playground.ts';
import { probeAll } from '../../src/playground/probe.ts';
import type { ProbeResult } from '../../src/playground/probe.ts';
import { TcpConnection } from '../../src/playground/tcp.ts';
import type { World } from '../../src/playground/world.ts';
import { worldOf } from '../../src/playground/world.ts';
import { call } from '../../src/sys/libc.ts';
import { must } from './must.ts';

export const INSTANCE = 'lab';
const HOST_NAME = must(parseNamespaceName('host'));
const PATIENCE_MS = 3000;
const MNT_DETACH = 2;

export class Lab implements AsyncDisposable {
  readonly kernel: LinuxKernel;
  readonly playground: Playground;
  /** Where the lab's namespaces have their names. */
  readonly directory: string;
  /** Path of the namespace that plays the host. */
  readonly host: string;
  readonly #base: string;

  private constructor(kernel: LinuxKernel, playground: Playground, base: string) {
    this.kernel = kernel;
    this.playground = playground;
    this.directory = join(base, 'netns');
    this.host = join(base, HOST_NAME);
    this.#base = base;
  }

  /** A host, and a world in which each of the models can be tried out. */
  static async create(...models: readonly Model[]): Promise<Lab> {
    const base = mkdtempSync('/run/lab-');
    await using namespaces = new Namespaces({ host: '/proc/self/ns/net', directory: base });
    const [host] = await namespaces.create([HOST_NAME], 'lab');
    if (!(host instanceof OpenNamespace)) throw must(host);
    host[Symbol.dispose]();
    const settings = { host: join(base, HOST_NAME), directory: join(base, 'netns') };
    const playground = await Playground.build(worldOf(...models), settings);
    return new Lab(new LinuxKernel({ instance: INSTANCE, ...settings }), playground, base);
  }

  /** A kernel of its own for the same host, as the next run has one. */
  openKernel(): LinuxKernel {
    return new LinuxKernel({ instance: INSTANCE, host: this.host, directory: this.directory });
  }

  /** Runs a program in the host's namespace, and answers what it prints. */
  inHost(...command: readonly string[]): string {
    return execFileSync('nsenter', [`--net=${this.host}`, ...command], { encoding: 'utf8' });
  }

  get world(): World {
    return this.playground.world;
  }

  /** What `apply` would do. */
  async plan(model: Model): Promise<Plan> {
    const actual = await this.kernel.read();
    return diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
  }

  /** Makes the kernel as the model says, or empty, and answers what was done for that. Throws for what the kernel refused. */
  async apply(model: Model | undefined): Promise<Plan> {
    const nothing: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };
    const plan = model === undefined ? diff(await this.kernel.read(), nothing) : await this.plan(model);
    const { failures } = await this.kernel.apply(plan);
    if (failures.length > 0) {
      const lines = failures.map(
        ({ operation, message }) => `${operation.namespace} ${describe(operation).join('; ')}: ${message}`,
      );
      throw new Error(lines.join('\n'));
    }
    return plan;
  }

  /** Sends packets on every journey of a model, and answers those that did not come out as they should. */
  async troubles(model: Model): Promise<string[]> {
    const journeys = journeysOf(model, this.world);
    return this.troublesOn(journeys);
  }

  async troublesOn(journeys: readonly Journey[]): Promise<string[]> {
    if (journeys.length === 0) throw new Error('there is nothing to probe');
    return (await probeAll(this.playground, journeys)).filter((result) => !result.ok).map(troubleText);
  }

  /** The journey that goes a way, the first of them, or the first to an address. */
  journey(model: Model, way: string, to?: string): Journey {
    return must(
      journeysOf(model, this.world).find(
        (one) => one.way === way && (to === undefined || formatAddress(one.to) === to),
      ),
    );
  }

  /** A live connection. */
  async connect(journey: Journey): Promise<TcpConnection> {
    return must(await TcpConnection.open(this.playground, journey, performance.now() + PATIENCE_MS));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kernel.close();
    await this.playground[Symbol.asyncDispose]();
    releaseName(this.#base, HOST_NAME);
    // With the directory, all names in it.
    call('umount2', this.directory, MNT_DETACH);
    rmSync(this.#base, { recursive: true, force: true });
  }
}

function troubleText({ journey, protocol, detail }: ProbeResult): string {
  return `${journey.way}, ${journey.from.name} to ${formatAddress(journey.to)}, ${protocol}: ${detail}`;
}
