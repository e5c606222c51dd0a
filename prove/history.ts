// A history: what happens to a host, drawn from a seed before it happens, so that it can be lived
// again, and with parts of it left out.

import { randomSource } from '../src/kernel/simulated/index.ts';
import type { Change } from './change.ts';
import { drawChange } from './change.ts';
import type { FaultDraw } from './fault.ts';
import { drawFault } from './fault.ts';
import type { Meddling } from './meddle.ts';
import { drawMeddling } from './meddle.ts';

export interface History {
  readonly seed: number;
  readonly moves: readonly Move[];
}

/** The intent changes, somebody meddles with the kernel, and Buoy is run until nothing goes wrong any more. */
export interface Move {
  readonly changes: readonly Change[];
  readonly meddling: readonly Meddling[];
  /** Of one run after the other. */
  readonly faults: readonly FaultDraw[];
  /** Whether a run without a fault follows. If not, the next move finds what the last fault left. */
  readonly recovers: boolean;
}

const CHANGES = 20;

/** Draws a history with at least twenty changes of the intent. */
export function drawHistory(seed: number): History {
  const random = randomSource(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const many = (limit: number): number[] => Array.from({ length: limit }, (_, index) => index);
  const moves: Move[] = [];
  for (let changes = 0; changes < CHANGES;) {
    const count = 1 + below(4);
    changes += count;
    moves.push({
      changes: many(count).map(() => drawChange(below)),
      meddling: below(8) === 0 ? many(1 + below(3)).map(() => drawMeddling(below)) : [],
      faults: below(2) === 0 ? many(1 + below(2)).map(() => drawFault(below)) : [],
      recovers: below(3) > 0,
    });
  }
  return { seed, moves };
}

/** The history with less in it: the largest parts are left out first. */
export function* smallerHistories({ seed, moves }: History): Generator<History> {
  for (let size = moves.length >> 1; size >= 1; size >>= 1) {
    for (let start = 0; start < moves.length; start += size) yield { seed, moves: moves.toSpliced(start, size) };
  }
  for (const [index, move] of moves.entries())
    for (const smaller of smallerMoves(move)) yield { seed, moves: moves.with(index, smaller) };
}

function* smallerMoves(move: Move): Generator<Move> {
  for (const part of ['changes', 'meddling', 'faults'] as const) {
    for (const index of move[part].keys()) yield { ...move, [part]: move[part].toSpliced(index, 1) };
  }
  for (const [index, fault] of move.faults.entries())
    if (fault.count > 1) yield { ...move, faults: move.faults.with(index, { ...fault, count: 1 }) };
}
