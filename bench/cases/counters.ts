// What it costs to ask the kernel how much traffic every floating IP has had.

import { z } from 'zod';
import { built } from '../build.ts';
import type { Case } from '../case.ts';
import { sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import { MEASUREMENT } from '../measurement.ts';
import { sizeText } from '../models.ts';
import { summary } from '../statistics.ts';
import { milliseconds } from '../table.ts';

export const counters: Case = {
  name: 'counters',
  title: 'Reading the counters',
  method: `The packets and bytes of every floating IP, in both directions, are read from the kernel again and again
in one process: what a look at the metrics costs. "First" is the first time in a new process, which starts the worker.`,
  needs: [],
  run(settings) {
    const { many, some, one } = sizes(settings);
    const found = [many, some, one].map((size) => ({
      size,
      runs: Array.from({ length: settings.repetitions }, (_, run) => {
        settings.progress(`${sizeText(size)}: run ${run + 1} of ${settings.repetitions}`);
        const lines = inSandbox(
          size,
          ['up', 'counters'].map((act) => built('act', act, ...sizeArguments(size))),
        );
        lines.next(MEASUREMENT);
        return lines.next(z.array(MEASUREMENT));
      }),
    }));
    return {
      tables: [
        {
          columns: ['routers × floating IPs', 'first', 'again', 'CPU, again'],
          rows: found.map(({ size, runs }) => {
            const first = summary(runs.map((readings) => readings.slice(0, 1)).flat());
            const again = summary(runs.map((readings) => readings.slice(1)).flat());
            return [sizeText(size), ...[first.ms, again.ms, again.cpuMs].map(milliseconds)];
          }),
        },
      ],
      goals: [],
      measurements: found,
    };
  },
};
