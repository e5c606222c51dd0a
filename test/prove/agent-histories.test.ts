// Some of the histories of the whole agent that `npm run prove -- --agent` lives, and that what judges them can say no.

import { describe, expect, test } from 'vitest';
import { drawAgentHistory, smallerAgentHistories } from '../../prove/agent/history.ts';
import { PROOFS } from '../../prove/proof.ts';
import { shrink } from '../../prove/shrink.ts';

const HISTORIES = 12;

describe('Whatever goes wrong in store, kernel and processes together', () => {
  test(`${HISTORIES} histories of the agent break no promise`, async () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      try {
        await PROOFS.agent.live(seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}\n\n${await PROOFS.agent.storyOf(seed)}`, { cause: error });
      }
    }
  }, 60_000);

  test('a history is the same whenever it is lived', async () => {
    const tell = async (): Promise<string> => {
      const lines: string[] = [];
      await PROOFS.agent.live(5, (line) => lines.push(line));
      return lines.join('\n');
    };
    expect(await tell()).toBe(await tell());
  });

  test('in histories everything goes wrong', () => {
    const acts = Array.from({ length: 100 }, (_, seed) => drawAgentHistory(seed)).flatMap(({ moves }) =>
      moves.flatMap((move) => move.acts),
    );
    const kinds = new Set<string>(acts.map(({ kind }) => kind));
    for (const act of acts) if (act.kind === 'call' && act.mishap !== undefined) kinds.add(act.mishap.kind);
    for (const act of acts) if (act.kind === 'meddle') kinds.add(act.told);
    expect([...kinds].sort()).toEqual([
      'audit',
      'call',
      'change',
      'die after commit',
      'die before commit',
      'die in commit',
      'fault',
      'kill listener',
      'loss',
      'meddle',
      'nothing',
      'poison',
      'refuse',
      'restart',
    ]);
  });

  test('a history is cut down to what breaks it', async () => {
    const history = drawAgentHistory(7);
    const has = ({ moves }: typeof history): boolean =>
      moves.some(({ acts }) => acts.some(({ kind }) => kind === 'restart' || kind === 'kill listener'));
    expect(has(history)).toBe(true);
    const { moves } = await shrink(history, smallerAgentHistories, async (smaller) => has(smaller));
    expect(moves).toHaveLength(1);
    expect(moves[0]).toMatchObject({ acts: [{}], passing: 0, recovers: false });
  });
});
