// A host with an agent for the time of a test: the real store and API, and a kernel that is always as the store says, but for
// routers that the test breaks.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { startApi } from '../../src/api/index.ts';
import type { AgentEvent, AgentView, Api, Listener } from '../../src/api/index.ts';
import { allCommands } from '../../src/cli/commands.ts';
import { createProgram } from '../../src/cli/program.ts';
import { errorDocument, errorsOf, errorText, exitOf } from '../../src/cli/output/error-report.ts';
import { openStore } from '../../src/intent/store/index.ts';
import type { Store } from '../../src/intent/store/index.ts';
import type { FloatingTraffic } from '../../src/host/counters.ts';
import { parseLinkName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';
import type { Run } from './buoy.ts';
import { PLAIN } from './plain.ts';

const COMMANDS = await allCommands();

const BRIDGES = { public: 'br-ex', blue: 'br-blue', green: 'br-green' };

export class AgentHost implements AsyncDisposable, AgentView {
  readonly host = 'host-1';
  readonly startedAt = new Date('2026-01-31T12:00:00Z');
  readonly socket: string;
  readonly store: Store;
  /** Names of routers that the kernel refuses. */
  readonly broken = new Set<string>();
  /** Whether the agent does anything. */
  isIdle = false;
  instance = 'default';
  waiting: string | undefined;
  readonly #folder: string;
  readonly #listeners = new Set<(event: AgentEvent) => void>();
  #api: Api | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, 'buoy.sock');
    const plugs = Object.entries(BRIDGES).map(
      ([name, bridge]) => [name, { driver: 'bridge', bridge: must(parseLinkName(bridge)) }] as const,
    );
    this.store = openStore(join(folder, 'store'), { host: this.host, physicalNetworks: new Map(plugs) });
    this.store.onChange(() => this.work());
  }

  static async start(): Promise<AgentHost> {
    const host = new AgentHost(await mkdtemp(join(tmpdir(), 'buoy-agent-')));
    await host.listen();
    return host;
  }

  traffic(): Promise<ReadonlyMap<string, FloatingTraffic>> {
    return Promise.resolve(new Map());
  }

  /** Listens on the socket, and wherever else. Answers the addresses. */
  async listen(...others: readonly Listener[]): Promise<readonly string[]> {
    this.#api = await startApi({
      networking: this.store,
      agent: this,
      registry: new Registry(),
      logger: pino({ level: 'silent' }),
      listeners: [{ kind: 'unix', path: this.socket }, ...others],
    });
    return this.#api.addresses;
  }

  async stopListening(): Promise<void> {
    await this.#api?.stop();
  }

  /** What the agent would do after every change. */
  work(): void {
    if (this.isIdle) return;
    const names = new Map(this.list('routers').map(({ id, name }) => [id, name]));
    for (const router of this.store.model().routers.values()) {
      const isBroken = this.broken.has(String(names.get(router.id)));
      const error = { code: 'BUOY_BRIDGE_MISSING', message: 'there is no bridge br-blue' };
      this.store.setRouterStatus(router.id, isBroken ? { status: 'ERROR', error } : { status: 'ACTIVE' }, router);
    }
  }

  list(collection: 'networks' | 'subnets' | 'ports' | 'routers' | 'floatingips'): readonly Record<string, unknown>[] {
    const everything = { filters: new Map(), sort: [], limit: undefined, marker: undefined, isReverse: false };
    return this.store.list(collection, everything).resources;
  }

  /** Runs `buoy` in this process, as a client of this agent. */
  async buoy(...args: readonly string[]): Promise<Run> {
    return runHere([...args, '--agent', this.socket]);
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, text);
    return path;
  }

  configurations(): Readonly<Record<string, unknown>> {
    const plugs = Object.entries(BRIDGES).map(([name, bridge]) => [name, { bridge }]);
    return { agent_mode: 'dvr', instance: this.instance, physical_networks: Object.fromEntries(plugs) };
  }

  waitsFor(): string | undefined {
    return this.waiting;
  }

  status(): Promise<Readonly<Record<string, unknown>>> {
    return Promise.resolve({ host: this.host });
  }

  onEvent(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get readers(): number {
    return this.#listeners.size;
  }

  tell(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopListening();
    this.store[Symbol.dispose]();
    await rm(this.#folder, { recursive: true });
  }
}

/** What `bin/buoy.js` does, without a process of its own: a hundred of them would take a minute. */
export async function runHere(args: readonly string[]): Promise<Run> {
  const streams = { out: process.stdout, err: process.stderr };
  const written = { out: '', err: '' };
  const originals = { out: streams.out.write.bind(streams.out), err: streams.err.write.bind(streams.err) };
  for (const name of ['out', 'err'] as const)
    streams[name].write = (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    };
  try {
    await createProgram(COMMANDS).parseAsync(['node', 'buoy', ...args]);
    return { exit: Number(process.exitCode ?? 0), ...written };
  } catch (error) {
    const errors = errorsOf(error);
    if (args.includes('--json')) written.out += JSON.stringify({ errors: errors.map(errorDocument) });
    else written.err += errorText(errors, PLAIN, true);
    return { exit: exitOf(errors), ...written };
  } finally {
    process.exitCode = undefined;
    streams.out.write = originals.out;
    streams.err.write = originals.err;
  }
}
