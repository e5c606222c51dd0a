// The real `buoy agent`, both of its processes, as a user of the package runs it.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline';

/** Of proc(5): a tick of /proc/PID/stat is a hundredth of a second on all of Linux. */
const TICK_MS = 10;

const READY = 'the listening process is ready';
/** Of its log, to be told where it does not come so far. */
const LAST_LINES = 50;

export class AgentProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  #ready = Promise.withResolvers<void>();

  /** Resolves when the host is as the store says. */
  static async start(program: string, config: string): Promise<AgentProcess> {
    const child = spawn(process.execPath, [program, 'agent', '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const agent = new AgentProcess(child, createInterface(child.stderr));
    await agent.#ready.promise;
    return agent;
  }

  private constructor(child: ChildProcess, lines: Interface) {
    this.#process = child;
    this.#ended = once(child, 'exit');
    lines.on('line', (line) => {
      this.#lines.push(line);
      if (line.includes(READY)) this.#ready.resolve();
    });
    lines.on('close', () => this.#ready.reject(new Error(`no agent:\n${this.#lines.slice(-LAST_LINES).join('\n')}`)));
    this.#ready.promise.catch(() => undefined);
  }

  /** Kills the listening process alone, and resolves when the one after it is ready. */
  async replaceListener(): Promise<void> {
    this.#ready = Promise.withResolvers();
    for (const pid of this.#children()) process.kill(pid, 'SIGKILL');
    await this.#ready.promise;
  }

  /** Ends both processes; `both`: each by itself, and else the listening one goes with the other. */
  async end(signal: 'SIGTERM' | 'SIGKILL', both = false): Promise<void> {
    const children = this.#children();
    this.#process.kill(signal);
    if (both) for (const pid of children) process.kill(pid, signal);
    await this.#ended;
    for (const pid of children) while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** MiB of physical memory of both processes, now and at most. */
  memory(): { readonly now: number; readonly peak: number } {
    const of = (name: string): number =>
      this.#all().reduce((sum, pid) => {
        const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
        return sum + Number(match?.[1] ?? 0) / 1024;
      }, 0);
    return { now: of('VmRSS'), peak: of('VmHWM') };
  }

  /** MiB of both processes in which a page that several share counts for each by its part (PSS). */
  proportionalMemory(): number {
    return this.#all().reduce((sum, pid) => {
      const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      return sum + Number(match?.[1] ?? 0) / 1024;
    }, 0);
  }

  /** Milliseconds of the processor that both have used. */
  cpuMs(): number {
    return this.#all().reduce((sum, pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    }, 0);
  }

  #all(): number[] {
    return [this.#process.pid ?? 0, ...this.#children()];
  }

  #children(): number[] {
    const parent = String(this.#process.pid);
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
      .map(Number);
  }
}

function parentOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[1];
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  return !['Z', undefined].includes(stateOf(pid));
}

function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[0];
  } catch {
    return undefined;
  }
}

/** Writes a configuration into a folder, with more keys than are needed; answers its path. JSON is YAML. */
export function writeConfig(folder: string, instance: string, more: object = {}): string {
  const path = join(folder, 'agent.yaml');
  const config = {
    instance,
    host: 'bench',
    store: join(folder, 'buoy.db'),
    listen: { unix: { path: join(folder, 'buoy.sock') } },
    physical_networks: { public: { bridge: 'br-ex' } },
    audit_interval: 3600,
    ...more,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
