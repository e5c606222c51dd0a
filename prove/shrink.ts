// The smallest part of a history that still breaks a promise.

import type { History, Move } from './history.ts';
import { live } from './live.ts';
import { Violation } from './violation.ts';

/** Leaves out whatever can be left out of a history that is known to break a promise. */
export async function shrink(history: History): Promise<History> {
  let smallest = history;
  for (let found: History | undefined = history; found !== undefined;) {
    found = await firstBroken(smallerThan(smallest));
    smallest = found ?? smallest;
  }
  return smallest;
}

async function firstBroken(histories: Iterable<History>): Promise<History | undefined> {
  for (const history of histories) if (await isBroken(history)) return history;
  return undefined;
}

async function isBroken(history: History): Promise<boolean> {
  try {
    await live(history);
    return false;
  } catch (error) {
    if (error instanceof Violation) return true;
    throw error;
  }
}

/** The history with less in it: the largest parts are left out first. */
function* smallerThan({ seed, moves }: History): Generator<History> {
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
