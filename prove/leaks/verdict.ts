// Before and after, and what the difference says.

import type { Table } from '../../bench/table.ts';
import { count } from '../../bench/table.ts';
import type { Held } from '../../test/support/held.ts';
import type { Memory } from './memory.ts';

/** What was held at one moment. */
export interface Reading {
  readonly held: Held;
  readonly memory: Memory;
}

/** One line of the table. */
interface Line {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** How much more there may be afterwards, in the line's own unit. */
  readonly bound: number;
}

/**
 * Bytes a cycle that are taken for a leak: less than a message buffer, the state of one router, a
 * device or a namespace takes. Memory is no exact thing, so a few cycles may leave `least` more: of the
 * kernel's, with other programs at work, half of that comes and goes.
 */
const MEMORY_BOUNDS = {
  heap: { what: 'KiB of objects after garbage collection', perCycle: 128, least: 2 << 20 },
  resident: { what: 'KiB of physical memory', perCycle: 1024, least: 16 << 20 },
  slab: { what: 'KiB of kernel memory, of the whole machine', perCycle: 1024, least: 16 << 20 },
} as const;

export interface Verdict {
  readonly table: Table;
  /** What is not back where it was, one sentence each. */
  readonly leaks: readonly string[];
}

export function judge(before: Reading, after: Reading, cycles: number): Verdict {
  const lines = [...heldLines(before.held, after.held), ...memoryLines(before.memory, after.memory, cycles)];
  return {
    table: {
      columns: ['', 'before', 'after', 'more', 'allowed', 'more a cycle'],
      rows: lines.map((line) => [
        line.what,
        count(line.before),
        count(line.after),
        count(line.after - line.before),
        count(line.bound),
        ((line.after - line.before) / cycles).toFixed(3),
      ]),
    },
    leaks: lines
      .filter((line) => line.after - line.before > line.bound)
      .map(
        ({ what, before: first, after: last, bound }) =>
          `${what}: ${count(last)} after ${count(cycles)} cycles, ${count(first)} before; ${count(bound)} more were allowed`,
      ),
  };
}

/** Of these not one may stay. */
function heldLines(before: Held, after: Held): Line[] {
  return [...before].map(([what, first]) => ({ what, before: first, after: after.get(what) ?? 0, bound: 0 }));
}

function memoryLines(before: Memory, after: Memory, cycles: number): Line[] {
  const kib = (bytes: number): number => Math.round(bytes / 1024);
  return (['heap', 'resident', 'slab'] as const).map((kind) => {
    const { what, perCycle, least } = MEMORY_BOUNDS[kind];
    return {
      what,
      before: kib(before[kind]),
      after: kib(after[kind]),
      bound: kib(Math.max(least, perCycle * cycles)),
    };
  });
}
