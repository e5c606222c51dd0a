import type { Life } from './live.ts';

/** What many histories were made of. */
export interface Tally extends Life {
  readonly histories: number;
}

export const NO_HISTORIES: Tally = { histories: 0, changes: 0, runs: 0, operations: 0, faults: 0, walks: 0 };

export function sum(a: Tally, b: Tally): Tally {
  return {
    histories: a.histories + b.histories,
    changes: a.changes + b.changes,
    runs: a.runs + b.runs,
    operations: a.operations + b.operations,
    faults: a.faults + b.faults,
    walks: a.walks + b.walks,
  };
}
