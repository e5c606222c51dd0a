// `node prove/mutants/hunt.ts core|agent COUNT`: lives the histories of the seeds 1 to COUNT until one breaks a
// promise, and writes what was found as JSON. A program of its own, as every mutant is one.

import { PROOFS } from '../proof.ts';
import type { ProofName } from '../proof.ts';

interface Found {
  /** How many were lived, with the one that broke a promise. */
  readonly histories: number;
  /** Which promise; undefined if none was broken. */
  readonly broken?: string;
}

process.stdout.write(
  JSON.stringify(await hunt(process.argv[2] === 'agent' ? 'agent' : 'core', Number(process.argv[3]))),
);

async function hunt(proof: ProofName, count: number): Promise<Found> {
  for (let seed = 1; seed <= count; seed++) {
    try {
      await PROOFS[proof].live(seed);
    } catch (error) {
      return { histories: seed, broken: error instanceof Error ? error.message : String(error) };
    }
  }
  return { histories: count };
}
