// What a benchmark is, and what it finds out.

import type { Measurement } from './measurement.ts';
import type { Size } from './models.ts';
import type { Table } from './table.ts';
import type { Tool } from './tools.ts';

export interface Case {
  /** As the command line knows it. */
  readonly name: string;
  readonly title: string;
  /** How it is measured, for people. */
  readonly method: string;
  readonly needs: readonly Tool[];
  run(settings: Settings): Findings;
}

export interface Settings {
  /** How often each measurement is repeated, every time in a fresh sandbox. */
  readonly repetitions: number;
  /** Whether small sizes will do, to see that the benches work. */
  readonly quick: boolean;
  /** Called before each step of the work. */
  readonly progress: (step: string) => void;
}

/** Results are medians over the repetitions. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** Each single measurement, for programs. */
  readonly measurements: unknown;
}

/** A figure that is to be at most so much, or at least. */
export interface Goal {
  readonly figure: string;
  readonly measured: number;
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  readonly unit: 'ms' | 'MiB' | '×' | '%' | 'a second' | 'packets' | 'changes' | 'connections';
}

export function isHeld({ measured, bound, limit }: Goal): boolean {
  return bound === 'at most' ? measured <= limit : measured >= limit;
}

const ROUTERS_MANY: Size = { routers: 1000, floatingIps: 10 };
const BALANCED: Size = { routers: 100, floatingIps: 100 };
const ROUTERS_ONE: Size = { routers: 1, floatingIps: 10_000 };

/** The sizes of the cases, all of ten thousand floating IPs; many routers first, one router last. */
export function sizes({ quick }: Settings): { readonly many: Size; readonly some: Size; readonly one: Size } {
  if (!quick) return { many: ROUTERS_MANY, some: BALANCED, one: ROUTERS_ONE };
  return {
    many: { routers: 20, floatingIps: 3 },
    some: { routers: 5, floatingIps: 10 },
    one: { routers: 1, floatingIps: 60 },
  };
}

/** No Buoy process may ever have more memory than that. */
export function memoryGoal(what: string, runs: readonly Measurement[]): Goal {
  return {
    figure: `${what}: peak memory`,
    measured: Math.max(...runs.map(({ peakMib }) => peakMib)),
    bound: 'at most',
    limit: 150,
    unit: 'MiB',
  };
}
