import { built } from '../build.ts';
import type { Case } from '../case.ts';
import { memoryGoal, sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import { ADDITIONS, MEASUREMENT } from '../measurement.ts';
import { sizeText } from '../models.ts';
import { summary } from '../statistics.ts';
import { milliseconds } from '../table.ts';

const PARTS = ['read', 'compile', 'diff', 'apply'];

export const oneMore: Case = {
  name: 'one-more',
  title: 'One floating IP more',
  method: `A floating IP is added to a router that has ten thousand, again and again in one process (the medians are
over all times in all runs): with the whole kernel read anew, and on a state that was read just before. At
the end the state that is read back has to be the wanted one.`,
  needs: [],
  run(settings) {
    const { repetitions, progress } = settings;
    const { one: size } = sizes(settings);
    const runs = Array.from({ length: repetitions }, (_, run) => {
      progress(`${sizeText(size)}: run ${run + 1} of ${repetitions}`);
      const lines = inSandbox(
        size,
        ['up', 'one-more'].map((act) => built('act', act, ...sizeArguments(size))),
      );
      lines.next(MEASUREMENT);
      return lines.next(ADDITIONS);
    });
    const ways = [
      { name: 'with the kernel read anew', times: runs.flatMap(({ withReading }) => withReading), limit: 60 },
      { name: 'on a state already read', times: runs.flatMap(({ onReadState }) => onReadState), limit: 3 },
    ];
    return {
      tables: [
        {
          columns: [`one floating IP more on ${sizeText(size)}`, 'time', ...PARTS, 'CPU', 'slowest'],
          rows: ways.map(({ name, times }) => {
            const { ms, cpuMs, parts } = summary(times);
            return [
              name,
              ...[ms, ...PARTS.map((part) => parts[part]), cpuMs, Math.max(...times.map((time) => time.ms))].map(
                milliseconds,
              ),
            ];
          }),
        },
      ],
      goals: [
        ...ways.map(
          ({ name, times, limit }) =>
            ({
              figure: `one more, ${name}: time`,
              measured: summary(times).ms,
              bound: 'at most',
              limit,
              unit: 'ms',
            }) as const,
        ),
        memoryGoal(
          'one more',
          ways.flatMap(({ times }) => times),
        ),
      ],
      measurements: { size, runs },
    };
  },
};
