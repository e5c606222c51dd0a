// What the next process does when everything is there: the same again, or the end of it.

import { built } from '../build.ts';
import type { Findings, Goal, Settings } from '../case.ts';
import { memoryGoal, sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import { MEASUREMENT } from '../measurement.ts';
import type { Size } from '../models.ts';
import { sizeText } from '../models.ts';
import { summary } from '../statistics.ts';
import { figure, milliseconds } from '../table.ts';

interface Act {
  readonly name: 'unchanged' | 'down';
  readonly parts: readonly string[];
  /** Of what there has to be afterwards. */
  readonly leaves: (size: Size) => Size;
  /** Milliseconds that it may take with many routers. */
  readonly limit: number;
}

export function measureAfterUp({ name, parts, leaves, limit }: Act, settings: Settings): Findings {
  const { many, some, one } = sizes(settings);
  const found = [many, some, one].map((size) => ({
    size,
    text: sizeText(size),
    runs: runAct(name, size, leaves(size), settings),
  }));
  return {
    tables: [
      {
        columns: ['routers × floating IPs', 'time', ...parts, 'CPU', 'peak memory'],
        rows: found.map(({ text, runs }) => {
          const { ms, cpuMs, peakMib, parts: times } = summary(runs);
          return [
            text,
            ...[ms, ...parts.map((part) => times[part]), cpuMs].map(milliseconds),
            `${figure(peakMib)} MiB`,
          ];
        }),
      },
    ],
    goals: found.flatMap(({ size, text, runs }): Goal[] => {
      const time = {
        figure: `${text} ${name}: time`,
        measured: summary(runs).ms,
        bound: 'at most',
        limit,
        unit: 'ms',
      } as const;
      return [...(size === many ? [time] : []), memoryGoal(`${text} ${name}`, runs)];
    }),
    measurements: found.map(({ size, runs }) => ({ size, runs })),
  };
}

function runAct(name: Act['name'], size: Size, left: Size, { repetitions, progress }: Settings) {
  return Array.from({ length: repetitions }, (_, run) => {
    progress(`${sizeText(size)}: run ${run + 1} of ${repetitions}`);
    const acts = ['up', name].map((act) => built('act', act, ...sizeArguments(size)));
    const lines = inSandbox(size, [...acts, built('check', ...sizeArguments(left))]);
    lines.next(MEASUREMENT);
    return lines.next(MEASUREMENT);
  });
}
