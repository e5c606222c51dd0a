// `buoy agent` as it runs on a host, in its two processes, with its files in a folder that is made for the show.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../../errors.ts';
import { ApiClient } from './api-client.ts';
import { PHYSICAL_NETWORKS } from './cast.ts';

/** An agent that was started. */
export interface StartedAgent {
  readonly pid: number | undefined;
  /** Resolves when it is no more, with the words for how it ended. */
  readonly ended: Promise<string>;
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/**
 * Starts `buoy agent`, which ends with this process at the latest.
 * @param config path of its configuration.
 * @param log path of the file that what it says is appended to.
 */
export type StartAgent = (config: string, log: string) => StartedAgent;

export const INSTANCE = 'show';
export const PORT = 9696;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 5;

export class AgentOnStage implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'buoy-'));
  readonly socket = join(this.folder, 'api.sock');
  readonly log = join(this.folder, 'agent.log');
  readonly api = new ApiClient(this.socket);
  readonly #auditLog = join(this.folder, 'audit.jsonl');
  readonly #config = join(this.folder, 'agent.yaml');
  readonly #start: StartAgent;
  readonly #removeFolder = (): void => rmSync(this.folder, { recursive: true, force: true });
  #running: StartedAgent | undefined;

  constructor(start: StartAgent, netnsDirectory: string) {
    this.#start = start;
    const config = {
      instance: INSTANCE,
      netns_directory: netnsDirectory,
      store: join(this.folder, 'intent.db'),
      listen: {
        unix: { path: this.socket },
        tcp: [{ address: '127.0.0.1', port: PORT, insecure_loopback: true }],
      },
      physical_networks: PHYSICAL_NETWORKS,
      audit_log: this.#auditLog,
      log: { format: 'text' },
    };
    // JSON is YAML.
    writeFileSync(this.#config, JSON.stringify(config, undefined, 2));
    // However this process ends by itself.
    process.on('exit', this.#removeFolder);
  }

  /** Changes of the kernel that it was asked for so far: each is a line of its audit log. */
  get kernelWrites(): number {
    return existsSync(this.#auditLog) ? readFileSync(this.#auditLog, 'utf8').split('\n').length - 1 : 0;
  }

  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** Resolves when it is no more, with the words for how it ended. */
  async ended(): Promise<string> {
    return (await this.#running?.ended) ?? 'it was not started';
  }

  /** Resolves when it has brought the host to what its store says. Throws BUOY_AGENT_ENDED. */
  async start(): Promise<void> {
    const running = this.#start(this.#config, this.log);
    this.#running = running;
    const abandoned = new AbortController();
    const failure = running.ended.then((how) => this.#failure(how));
    try {
      const error = await Promise.race([failure, this.#ready(abandoned.signal)]);
      if (error !== undefined) throw error;
    } finally {
      abandoned.abort();
    }
  }

  /** Kills it, as nobody can prevent: kill -9. */
  async kill(): Promise<void> {
    this.#running?.signal('SIGKILL');
    await this.#running?.ended;
  }

  async #ready(abandoned: AbortSignal): Promise<BuoyError | undefined> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline && !abandoned.aborted) {
      // As long as nobody listens there, the connection fails.
      const status = await this.api.ask('GET', '/readyz').then(
        (answer) => answer.status,
        () => undefined,
      );
      if (status === 200) return undefined;
      await sleep(LOOK_EVERY_MS);
    }
    return this.#failure(`it is not ready after ${PATIENCE_MS / 1000} s`);
  }

  #failure(how: string): BuoyError {
    const lines = existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd().split('\n') : [];
    return new BuoyError('BUOY_AGENT_ENDED', [`the agent of the show failed: ${how}`, ...lines.slice(-10)].join('\n'));
  }

  /** Ends it in an orderly way, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#running?.signal('SIGTERM');
    await this.#running?.ended;
    this.#removeFolder();
    process.off('exit', this.#removeFolder);
  }
}
