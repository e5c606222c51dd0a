// A thread that lives one history after the other until it is told to end, and tells how far it is.

import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { PROOFS } from './proof.ts';
import type { Tally } from './tally.ts';
import { NO_HISTORIES, sum } from './tally.ts';
import { Violation } from './violation.ts';

/** What a thread tells. */
export type Told =
  | { readonly kind: 'progress'; readonly tally: Tally }
  /** A history broke a promise. */
  | { readonly kind: 'broken'; readonly seed: number; readonly message: string };

const TOLD_EVERY_MS = 500;

/** Its histories have the seeds `first`, `first + step`, … */
const { proof, first, step, deadline } = z
  .object({ proof: z.enum(['core', 'agent']), first: z.number(), step: z.number(), deadline: z.number() })
  .parse(workerData);
const tell = (told: Told): void => parentPort?.postMessage(told);

let tally = NO_HISTORIES;
let told = Date.now();
for (let seed = first; Date.now() < deadline; seed += step) {
  try {
    tally = sum(tally, { histories: 1, ...(await PROOFS[proof].live(seed)) });
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    tell({ kind: 'broken', seed, message: error.message });
  }
  if (Date.now() - told < TOLD_EVERY_MS) continue;
  told = Date.now();
  tell({ kind: 'progress', tally });
  tally = NO_HISTORIES;
}
tell({ kind: 'progress', tally });
