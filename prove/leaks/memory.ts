// Memory that is in use when all that could be given back has been.

import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** All in bytes. */
export interface Memory {
  /** The main thread's objects after garbage collection. */
  readonly heap: number;
  /** Physical memory of the process, its worker threads included. */
  readonly resident: number;
  /** What the kernel cannot give back (SUnreclaim of proc(5)), of the whole machine. */
  readonly slab: number;
}

const READINGS = 20;
const BETWEEN_READINGS_MS = 100;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** The least of several readings, since other programs use the machine too, and let go of what they hold. */
export async function readMemory(): Promise<Memory> {
  const least = { heap: Infinity, resident: Infinity, slab: Infinity };
  for (let count = 0; count < READINGS; count++) {
    await sleep(BETWEEN_READINGS_MS);
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    least.heap = Math.min(least.heap, heapUsed);
    least.resident = Math.min(least.resident, rss);
    least.slab = Math.min(least.slab, readSlab());
  }
  return least;
}

function readSlab(): number {
  const match = /^SUnreclaim:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  if (match === null) throw new Error('/proc/meminfo tells no SUnreclaim');
  return Number(match[1]) * 1024;
}
