// How a program measures itself.

import { existsSync, readFileSync } from 'node:fs';
import type { Measurement } from './measurement.ts';
import { TRACE_FOLDER } from './trace.ts';

/** Runs from its making to `end`. */
export class Stopwatch {
  readonly #parts: Record<string, number> = {};
  readonly #cpu: NodeJS.CpuUsage;
  readonly #begin: number;

  constructor() {
    leaveTrace('begin');
    this.#cpu = process.cpuUsage();
    this.#begin = performance.now();
  }

  /** Does a part of the work under its name. */
  async part<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.#parts[name] = performance.now() - begin;
    return result;
  }

  end(): Measurement {
    const ms = performance.now() - this.#begin;
    const { user, system } = process.cpuUsage(this.#cpu);
    leaveTrace('end');
    return { ms, cpuMs: (user + system) / 1000, peakMib: peakMib(), parts: this.#parts };
  }
}

/** Lets whoever records the process's system calls find this place among them. */
function leaveTrace(name: 'begin' | 'end'): void {
  existsSync(`${TRACE_FOLDER}/${name}`);
}

function peakMib(): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (match === null) throw new Error('/proc/self/status tells no VmHWM');
  return Number(match[1]) / 1024;
}
