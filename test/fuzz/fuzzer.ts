import fc from 'fast-check';

/** A property that holds for every input there can be. */
export interface Fuzzer {
  readonly name: string;
  /** How many inputs are tried where time is short. */
  readonly runs: number;
  /** Tries inputs; throws an Error with the seed and the smallest input that fails. */
  readonly run: (seed: number, runs: number) => void;
}

/** `check` throws when an input is not handled as it should be. */
export function fuzzer<T>(name: string, runs: number, input: fc.Arbitrary<T>, check: (input: T) => void): Fuzzer {
  return { name, runs, run: (seed, numRuns) => fc.assert(fc.property(input, check), { seed, numRuns }) };
}
