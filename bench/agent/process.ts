// The real `buoy agent`, both of its processes, as a user of the package runs it.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Of proc(5): a tick of /proc/PID/stat is a hundredth of a second on all of Linux. */
const TICK_MS = 10;

export class AgentProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Resolves when the host is as the store says. */
  static async start(program: string, config: string): Promise<AgentProcess> {
    const child = spawn(process.execPath, [program, 'agent', '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const agent = new AgentProcess(child);
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      lines.push(line);
      if (line.includes('the listening process is ready')) break;
    }
    if (child.exitCode !== null || !lines.at(-1)?.includes('ready')) throw new Error(`no agent:\n${lines.join('\n')}`);
    child.stderr.resume();
    return agent;
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#ended = once(child, 'exit');
  }

  /** Ends both processes. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const children = this.#children();
    this.#process.kill(signal);
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

/** Writes a configuration into a folder; answers its path. JSON is YAML. */
export function writeConfig(folder: string, instance: string): string {
  const path = join(folder, 'agent.yaml');
  const config = {
    instance,
    host: 'bench',
    store: join(folder, 'buoy.db'),
    listen: { unix: { path: join(folder, 'buoy.sock') } },
    physical_networks: { public: { bridge: 'br-ex' } },
    audit_interval: 3600,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
