// The API as the agent runs it, on a store of its own, for the time of a test.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { startApi } from '../../src/api/index.ts';
import type { AgentEvent, AgentView, Api, Limits, Listener } from '../../src/api/index.ts';
import { openStore } from '../../src/intent/store/index.ts';
import type { Networking } from '../../src/intent/store/index.ts';
import { parseLinkName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';
import type { Target } from './ask.ts';

const STATUS = { routers: 0 };

/** An agent whose life the test tells. */
export class ToldAgent implements AgentView {
  readonly host = 'host-1';
  readonly startedAt = new Date('2026-01-31T12:00:00Z');
  waiting: string | undefined;
  readonly #listeners = new Set<(event: AgentEvent) => void>();
  readonly #asked = Promise.withResolvers<void>();
  readonly #answer = Promise.withResolvers<typeof STATUS>();
  #isHeld = false;

  configurations(): Readonly<Record<string, unknown>> {
    return { agent_mode: 'dvr' };
  }

  waitsFor(): string | undefined {
    return this.waiting;
  }

  /** Answers when the test says so, if it has said that it will. */
  status(): Promise<Readonly<Record<string, unknown>>> {
    this.#asked.resolve();
    return this.#isHeld ? this.#answer.promise : Promise.resolve(STATUS);
  }

  /** From here on, a question for the status waits for `answer`; settles when somebody asks. */
  hold(): Promise<void> {
    this.#isHeld = true;
    return this.#asked.promise;
  }

  answer(): void {
    this.#answer.resolve(STATUS);
  }

  onEvent(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

interface Setting {
  readonly limits?: Partial<Limits>;
  /** Listeners beside the unix socket. */
  readonly listeners?: (folder: string) => Promise<readonly Listener[]>;
}

export interface RunningApi extends AsyncDisposable {
  readonly api: Api;
  readonly agent: ToldAgent;
  readonly networking: Networking;
  readonly registry: Registry;
  /** Where each listener listens, the unix socket first. */
  readonly targets: readonly [Target, ...Target[]];
  /** A folder that goes with it. */
  readonly folder: string;
  /** Lines of the log. */
  readonly log: readonly string[];
}

/** Everything that goes with it is gone when it is disposed of, or when this throws. */
export async function runApi({ limits = {}, listeners }: Setting): Promise<RunningApi> {
  const folder = await mkdtemp(join(tmpdir(), 'buoy-api-'));
  const agent = new ToldAgent();
  const networking = openStore(join(folder, 'store'), {
    host: agent.host,
    physicalNetworks: new Map([['external', { driver: 'bridge', bridge: must(parseLinkName('br-ex')) }]]),
  });
  const registry = new Registry();
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const clear = async (): Promise<void> => {
    networking[Symbol.dispose]();
    await rm(folder, { recursive: true });
  };
  try {
    const socket = { kind: 'unix', path: join(folder, 'socket') } as const;
    const all = [socket, ...((await listeners?.(folder)) ?? [])];
    const api = await startApi({ networking, agent, registry, logger, limits, listeners: all });
    const [first, ...others] = api.addresses.map((address) => ({ address }));
    return {
      api,
      agent,
      networking,
      registry,
      targets: [must(first), ...others],
      folder,
      log,
      async [Symbol.asyncDispose]() {
        await api.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
