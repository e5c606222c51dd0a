// A broken history as a person reads it: the smallest part of it that is still broken, in words.

import { drawHistory } from './history.ts';
import { live } from './live.ts';
import { shrink } from './shrink.ts';
import { Violation } from './violation.ts';

/** What happens in the history of a seed, up to the promise that is broken; undefined if none is. */
export async function storyOf(seed: number): Promise<string | undefined> {
  const history = drawHistory(seed);
  if ((await violationOf(history)) === undefined) return undefined;
  const smallest = await shrink(history);
  const lines: string[] = [];
  const violation = await violationOf(smallest, (line) => lines.push(line));
  return [...lines, `Broken: ${violation?.message}`].join('\n');
}

async function violationOf(
  history: Parameters<typeof live>[0],
  tell?: (line: string) => void,
): Promise<Violation | undefined> {
  try {
    await live(history, tell);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}
