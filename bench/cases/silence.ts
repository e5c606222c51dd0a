import { built, builtCommand, otherBuild } from '../build.ts';
import type { Case, Goal } from '../case.ts';
import { sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import { sizeText } from '../models.ts';
import type { SilenceMeasurement } from '../silence-measurement.ts';
import { SILENCE_MEASUREMENT } from '../silence-measurement.ts';
import { count, figure, milliseconds } from '../table.ts';

const [TIMES, QUICK_TIMES] = [20, 2];
/** The phase in which the agent is not ended. */
const LEFT_ALONE = 'left alone';

type Phase = SilenceMeasurement['phases'][number];

export const silence: Case = {
  name: 'silence',
  title: 'Restarts',
  method: `The agent keeps the host and is ended and started again, ${TIMES} times in each way. Meanwhile one thread sends, every
millisecond, a ping on each of four ways and a segment of 32 bytes over each of two TCP connections, whose other ends send it back;
to floating IPs, and from workloads that have one. What is lost is told beside what is lost in as long a time in which
the agent is left alone. \`sent again\` is the kernel's own count of TCP segments. The longest gap between two answers counts
what keeps that thread from running, too. Changes are what another process hears that watches the kernel, the records of the
audit log, and the agent's own count, together. An upgrade starts a program of another version from another folder. Memory is
what both processes have together: resident (pages that they share counted twice), and with shared pages counted by their part.`,
  needs: [],
  run(settings) {
    const { many } = sizes(settings);
    const times = settings.quick ? QUICK_TIMES : TIMES;
    settings.progress(`${sizeText(many)}, ${times} times in each way`);
    const args = [builtCommand(), otherBuild(), String(times), ...sizeArguments(many)];
    const measured = inSandbox({ routers: 0, floatingIps: 0 }, [built('silence', ...args)]).next(SILENCE_MEASUREMENT);
    if (measured.heardInTheEnd === 0) throw new Error('who watches the kernel is deaf');
    const { phases } = measured;
    return {
      tables: [
        {
          columns: ['ended by', 'pings', 'lost', 'TCP segments', 'sent again', 'broken', 'longest gap', 'changes'],
          rows: phases.map((phase) => [
            phase.name,
            ...[phase.traffic.pings, phase.traffic.lost, phase.traffic.segments].map(count),
            ...[phase.traffic.retransmitted, phase.traffic.broken].map(count),
            milliseconds(phase.traffic.longestGapMs),
            count(changesOf(phase)),
          ]),
        },
        {
          columns: ['ended by', 'ready: median', 'most', 'CPU: median', 'most'],
          rows: phases
            .filter(isRestart)
            .map(({ name, readyMs, cpuMs }) => [
              name,
              ...[readyMs, cpuMs].flatMap((all) => [milliseconds(median(all)), milliseconds(Math.max(...all))]),
            ]),
        },
        {
          columns: ['memory of the agent', 'resident', 'proportional'],
          rows: measured.memory.map(({ name, resident, proportional }) => [
            name,
            ...[resident, proportional].map((mib) => `${figure(mib)} MiB`),
          ]),
        },
      ],
      goals: goals(measured, phases),
      measurements: measured,
    };
  },
};

function goals({ memory }: SilenceMeasurement, phases: readonly Phase[]): Goal[] {
  const alone = phases.find(({ name }) => name === LEFT_ALONE)?.traffic;
  const noise = (alone?.lost ?? 0) + (alone?.retransmitted ?? 0);
  const goal = (what: string, measured: number, limit: number, unit: Goal['unit']): Goal => ({
    figure: `restarts: ${what}`,
    measured,
    bound: 'at most',
    limit,
    unit,
  });
  const all = phases.filter(isRestart);
  const most = (of: (phase: Phase) => number): number => Math.max(...all.map(of));
  return [
    goal(
      'lost in any way of ending it',
      most(({ traffic }) => traffic.lost + traffic.retransmitted),
      noise,
      'packets',
    ),
    goal(
      'broken',
      most(({ traffic }) => traffic.broken),
      0,
      'connections',
    ),
    goal('changes of the kernel', most(changesOf), 0, 'changes'),
    goal(
      'until ready',
      most(({ readyMs }) => Math.max(...readyMs)),
      3000,
      'ms',
    ),
    goal('memory', Math.max(...memory.map(({ resident }) => resident)), 200, 'MiB'),
  ];
}

function isRestart({ name }: Phase): boolean {
  return name !== LEFT_ALONE;
}

function changesOf({ heard, audited, counted }: Phase): number {
  return heard + audited + counted;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
