// The two kinds of histories: of the core, and of the whole agent.

import { drawAgentHistory, smallerAgentHistories } from './agent/history.ts';
import { liveAgent } from './agent/live.ts';
import { drawHistory, smallerHistories } from './history.ts';
import type { Life } from './live.ts';
import { live } from './live.ts';
import { shrink } from './shrink.ts';
import { Violation } from './violation.ts';

export interface Proof {
  /** Lives the history of a seed; `tell` gets to know what happens, in words. Throws Violation when a promise is broken. */
  live(seed: number, tell?: (line: string) => void): Promise<Life>;
  /**
   * A broken history as a person reads it: the smallest part of it that is still broken, in words, up to the promise that is
   * broken; undefined if none is.
   */
  storyOf(seed: number): Promise<string | undefined>;
}

/** How histories of one kind are drawn, lived, and made smaller. */
interface Kind<H> {
  readonly draw: (seed: number) => H;
  readonly live: (history: H, tell?: (line: string) => void) => Promise<Life>;
  /** The history with less in it: the largest parts are left out first. */
  readonly smaller: (history: H) => Iterable<H>;
}

export type ProofName = keyof typeof PROOFS;

export const PROOFS = {
  core: proofOf({ draw: drawHistory, live, smaller: smallerHistories }),
  agent: proofOf({ draw: drawAgentHistory, live: liveAgent, smaller: smallerAgentHistories }),
};

function proofOf<H>(kind: Kind<H>): Proof {
  const violationOf = async (history: H, tell?: (line: string) => void): Promise<Violation | undefined> => {
    try {
      await kind.live(history, tell);
      return undefined;
    } catch (error) {
      if (error instanceof Violation) return error;
      throw error;
    }
  };
  const isBroken = async (history: H): Promise<boolean> => (await violationOf(history)) !== undefined;
  return {
    live: (seed, tell) => kind.live(kind.draw(seed), tell),
    async storyOf(seed) {
      const history = kind.draw(seed);
      if (!(await isBroken(history))) return undefined;
      const smallest = await shrink(history, kind.smaller, isBroken);
      const lines: string[] = [];
      const violation = await violationOf(smallest, (line) => lines.push(line));
      return [...lines, `Broken: ${violation?.message}`].join('\n');
    },
  };
}
