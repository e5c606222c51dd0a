// The API as the agent runs it, on a store in memory, for the time of a test file.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { startApi } from '../../src/api/index.ts';
import type { AgentEvent, AgentView, Api, Limits, Listener } from '../../src/api/index.ts';
import type { Networking } from '../../src/intent/store/networking.ts';
import type { Target } from './ask.ts';

/** An agent whose life the test tells. */
export class ToldAgent implements AgentView {
  readonly host = 'host-1';
  readonly startedAt = new Date('2026-01-31T12:00:00Z');
  waiting: string | undefined;
  readonly #listeners = new Set<(event: AgentEvent) => void>();

  configurations(): Readonly<Record<string, unknown>> {
    return { agent_mode: 'dvr' };
  }

  waitsFor(): string | undefined {
    return this.waiting;
  }

  status(): Promise<Readonly<Record<string, unknown>>> {
    return Promise.resolve({ routers: 0 });
  }

  onEvent(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
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
