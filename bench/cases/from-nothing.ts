// The whole state of a model, on a kernel that has nothing of it.

import { built, compiled } from '../build.ts';
import type { Case, Goal, Settings } from '../case.ts';
import { memoryGoal, sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import type { Measurement } from '../measurement.ts';
import { MEASUREMENT, REPLAY, SPAWNED } from '../measurement.ts';
import type { Size } from '../models.ts';
import { sizeText } from '../models.ts';
import type { Recording } from '../replay/record.ts';
import { record } from '../replay/record.ts';
import { medianOf, summary } from '../statistics.ts';
import type { Table } from '../table.ts';
import { count, figure, milliseconds, NO_FIGURE } from '../table.ts';

/** Starting programs takes so long that more of them would tell nothing new. */
const ROUTERS_BY_PROGRAMS = 100;

export const fromNothing: Case = {
  name: 'from-nothing',
  title: 'From nothing',
  method: `Bridges are there, and nothing else. Buoy, in a new process, starts its worker, reads the kernel,
compiles, compares and applies. "Buoy, running" does the same in a process that has made and deleted
another state before, so that its worker runs and its code is compiled. Beside it, \`bench/replay/replay.c\` does the same system calls with the same bytes, one after another in one
thread, as strace recorded them from Buoy: what a C program would take that knew beforehand what to
say. And ip(8), nft(8) and sysctl(8) are started for the same operations, but for gratuitous ARP,
each once (with \`-batch\`, \`--file\`) for all that it has to do in a row in one namespace; for
${ROUTERS_BY_PROGRAMS} routers at the most. After every run the state that is read back has to be the wanted one to the last
object, and the first and the last floating IP have to carry packets both ways.`,
  needs: ['strace', 'gcc', 'ip', 'nft', 'sysctl'],
  run(settings) {
    const { many, some, one } = sizes(settings);
    const found = [many, some, one].map((size) => measure(size, settings));
    return {
      tables: [comparison(found), partsOf(found)],
      goals: [...found.flatMap(goals), ...found.filter(({ size }) => size === many).map(timeGoal)],
      measurements: found.map(({ size, scaled, buoy, running, replay, programs }) => ({
        size,
        buoy,
        running,
        replay,
        programs: { size: scaled, runs: programs },
      })),
    };
  },
};

interface Timed {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Found {
  readonly size: Size;
  /** The size for programs. */
  readonly scaled: Size;
  readonly recording: Pick<Recording, 'systemCalls' | 'messages'>;
  readonly buoy: readonly Measurement[];
  readonly running: readonly Measurement[];
  readonly replay: readonly Timed[];
  readonly programs: readonly (Timed & { readonly processes: number })[];
}

function measure(size: Size, { repetitions, progress }: Settings): Found {
  const scaled = { ...size, routers: Math.min(size.routers, ROUTERS_BY_PROGRAMS) };
  const found = {
    size,
    scaled,
    buoy: new Array<Measurement>(),
    running: new Array<Measurement>(),
    replay: new Array<Timed>(),
    programs: new Array<Timed & { processes: number }>(),
  };
  const check = built('check', ...sizeArguments(size));
  const text = sizeText(size);
  const replay = compiled('replay/replay');
  progress(`${text}: recording`);
  using recording = record(size);
  // One after the other in turn, so that what disturbs the machine disturbs all of them.
  for (let run = 1; run <= repetitions; run++) {
    progress(`${text}: run ${run} of ${repetitions}`);
    found.buoy.push(inSandbox(size, [built('act', 'up', ...sizeArguments(size)), check]).next(MEASUREMENT));
    found.running.push(inSandbox(size, [built('act', 'up-running', ...sizeArguments(size)), check]).next(MEASUREMENT));
    found.replay.push(inSandbox(size, [[replay, recording.script], check]).next(REPLAY));
    const spawn = built('spawn', ...sizeArguments(scaled));
    found.programs.push(inSandbox(scaled, [spawn, built('check', ...sizeArguments(scaled))]).next(SPAWNED));
  }
  const { systemCalls, messages } = recording;
  return { ...found, recording: { systemCalls, messages } };
}

function comparison(found: readonly Found[]): Table {
  return {
    columns: [
      'routers × floating IPs',
      'made by',
      'time',
      'a router',
      'CPU',
      'system calls',
      'messages',
      'processes',
      'peak memory',
    ],
    rows: found.flatMap(({ size, scaled, recording, buoy, running, replay, programs }) => {
      const sent = [count(recording.systemCalls), count(recording.messages)];
      const ofBuoy = (name: string, runs: readonly Measurement[]): string[] => {
        const { ms, cpuMs, peakMib } = summary(runs);
        return [sizeText(size), name, ...times({ ms, cpuMs }, size), ...sent, count(1), `${figure(peakMib)} MiB`];
      };
      return [
        ofBuoy('Buoy', buoy),
        ofBuoy('Buoy, running', running),
        [sizeText(size), 'C', ...times(medians(replay), size), ...sent, count(1), NO_FIGURE],
        [
          sizeText(scaled),
          'ip, nft, sysctl',
          ...times(medians(programs), scaled),
          NO_FIGURE,
          NO_FIGURE,
          count(programs[0]?.processes),
          NO_FIGURE,
        ],
      ];
    }),
  };
}

function partsOf(found: readonly Found[]): Table {
  const parts = ['read', 'compile', 'diff', 'apply'];
  const rows = found.flatMap(({ size, buoy, running }) =>
    [
      { name: 'Buoy', runs: buoy },
      { name: 'Buoy, running', runs: running },
    ].map(({ name, runs }) => {
      const medianParts = summary(runs).parts;
      return [sizeText(size), name, ...parts.map((part) => milliseconds(medianParts[part]))];
    }),
  );
  return { columns: ['routers × floating IPs', 'made by', ...parts], rows };
}

function times({ ms, cpuMs }: Timed, { routers }: Size): string[] {
  return [milliseconds(ms), milliseconds(ms / routers), milliseconds(cpuMs)];
}

function medians(runs: readonly Timed[]): Timed {
  return { ms: medianOf(runs, 'ms'), cpuMs: medianOf(runs, 'cpuMs') };
}

function goals({ size, scaled, buoy, running, replay, programs }: Found): Goal[] {
  const text = `${sizeText(size)} from nothing`;
  const { ms } = summary(buoy);
  const byC = medianOf(replay, 'ms');
  const byPrograms = (medianOf(programs, 'ms') / scaled.routers) * size.routers;
  return [
    {
      figure: `${text}: time of Buoy over time of C`,
      measured: ms / byC,
      bound: 'at most',
      limit: 1.25,
      unit: '×',
    },
    {
      figure: `${text}: time of Buoy, running, over time of C`,
      measured: summary(running).ms / byC,
      bound: 'at most',
      limit: 1.25,
      unit: '×',
    },
    {
      figure: `${text}: time of ip, nft and sysctl over time of Buoy`,
      measured: byPrograms / ms,
      bound: 'at least',
      limit: 10,
      unit: '×',
    },
    memoryGoal(text, buoy),
  ];
}

function timeGoal({ size, buoy }: Found): Goal {
  return {
    figure: `${sizeText(size)} from nothing: time`,
    measured: summary(buoy).ms,
    bound: 'at most',
    limit: 2500,
    unit: 'ms',
  };
}
