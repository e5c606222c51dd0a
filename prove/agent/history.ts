// A history of the whole agent, drawn from a seed before it happens: what clients ask for, what others do to the kernel, and
// what goes wrong in the store, in the kernel and with the processes, at any moment.

import { randomSource } from '../../src/kernel/simulated/index.ts';
import type { FaultDraw } from '../fault.ts';
import { drawFault } from '../fault.ts';
import { choose } from '../intent.ts';
import type { Meddling } from '../meddle.ts';
import { drawMeddling } from '../meddle.ts';
import type { Call } from './call.ts';
import { drawCall } from './call.ts';
import type { Mishap } from './disk.ts';

export interface AgentHistory {
  readonly seed: number;
  readonly moves: readonly AgentMove[];
}

/** Things happen, the agent comes to rest, and time passes. */
export interface AgentMove {
  readonly acts: readonly Act[];
  /** Milliseconds. */
  readonly passing: number;
  /** Whether nothing goes wrong from then on until all is well. If not, the next move finds what this one has left. */
  readonly recovers: boolean;
}

export type Act = {
  /** It happens after so many operations on the kernel or readings of it, or when there are no more; undefined: at once. */
  readonly after?: number;
} & Doing;

export type Doing =
  | { readonly kind: 'call'; readonly call: Call; readonly mishap?: Mishap }
  /** `told`: what the agent hears of it: the change, that events were lost, or nothing. */
  | { readonly kind: 'meddle'; readonly meddling: Meddling; readonly told: Told }
  /** The kernel refuses operations, or the privileged process dies, and the other with it. */
  | { readonly kind: 'fault'; readonly fault: FaultDraw }
  /** The kernel refuses everything in one namespace, until it is cured. */
  | { readonly kind: 'poison'; readonly where: number }
  | { readonly kind: 'kill listener' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'audit' };

export type Told = (typeof TOLD)[number];

const CALLS = 20;
const TOLD = ['change', 'change', 'change', 'loss', 'nothing'] as const;
const PASSING = [0, 0, 50, 200, 1000, 10_000, 700_000];
/** Operations of the plans that an act falls into the middle of, about. */
const AMIDST = 40;

/** Draws a history with at least twenty calls. */
export function drawAgentHistory(seed: number): AgentHistory {
  const random = randomSource(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const moves: AgentMove[] = [];
  for (let calls = 0; calls < CALLS;) {
    const acts = Array.from({ length: 1 + below(6) }, () => drawAct(below));
    calls += acts.filter(({ kind }) => kind === 'call').length;
    moves.push({ acts, passing: choose(PASSING, below(PASSING.length)), recovers: below(3) === 0 });
  }
  return { seed, moves };
}

function drawAct(below: (limit: number) => number): Act {
  const doing = drawDoing(below);
  return below(2) === 0 ? doing : { ...doing, after: below(choose([3, AMIDST], below(2))) };
}

function drawDoing(below: (limit: number) => number): Doing {
  const number = below(24);
  if (number < 14) return { kind: 'call', call: drawCall(below) };
  if (number < 16) return { kind: 'call', call: drawCall(below), mishap: drawMishap(below) };
  if (number < 18) return { kind: 'meddle', meddling: drawMeddling(below), told: choose(TOLD, below(TOLD.length)) };
  if (number < 21) return { kind: 'fault', fault: drawFault(below) };
  const rest = ['poison', 'kill listener', 'restart', 'audit'] as const;
  const kind = choose(rest, below(rest.length));
  return kind === 'poison' ? { kind, where: below(1000) } : { kind };
}

function drawMishap(below: (limit: number) => number): Mishap {
  const number = below(6);
  if (number < 3) return { kind: 'refuse', at: below(8), code: choose([10, 13], below(2)), rollsBack: below(2) === 0 };
  if (number === 3) return { kind: 'die before commit' };
  if (number === 4) return { kind: 'die after commit' };
  return { kind: 'die in commit', part: below(1000) };
}

/** The history with less in it: the largest parts are left out first. */
export function* smallerAgentHistories({ seed, moves }: AgentHistory): Generator<AgentHistory> {
  for (let size = moves.length >> 1; size >= 1; size >>= 1) {
    for (let start = 0; start < moves.length; start += size) yield { seed, moves: moves.toSpliced(start, size) };
  }
  for (const [index, move] of moves.entries())
    for (const smaller of smallerMoves(move)) yield { seed, moves: moves.with(index, smaller) };
}

function* smallerMoves(move: AgentMove): Generator<AgentMove> {
  for (const [index, act] of move.acts.entries()) {
    yield { ...move, acts: move.acts.toSpliced(index, 1) };
    if (act.kind === 'call' && act.mishap !== undefined)
      yield { ...move, acts: move.acts.with(index, withoutMishap(act)) };
    if (act.kind === 'fault' && act.fault.count > 1)
      yield { ...move, acts: move.acts.with(index, { ...act, fault: { ...act.fault, count: 1 } }) };
    if (act.after !== undefined) yield { ...move, acts: move.acts.with(index, withoutDelay(act)) };
  }
  if (move.passing > 0) yield { ...move, passing: 0 };
  if (move.recovers) yield { ...move, recovers: false };
}

function withoutMishap(act: Extract<Act, { kind: 'call' }>): Act {
  const { mishap, ...smaller } = act;
  return mishap === undefined ? act : smaller;
}

function withoutDelay(act: Act): Act {
  const { after, ...smaller } = act;
  return after === undefined ? act : smaller;
}
