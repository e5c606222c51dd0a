import { built, builtCommand } from '../build.ts';
import type { AgentMeasurement } from '../agent-measurement.ts';
import { AGENT_MEASUREMENT } from '../agent-measurement.ts';
import type { Case, Goal } from '../case.ts';
import { sizes } from '../case.ts';
import { inSandbox, sizeArguments } from '../in-sandbox.ts';
import type { Size } from '../models.ts';
import { sizeText } from '../models.ts';
import { figure, milliseconds } from '../table.ts';

export const agent: Case = {
  name: 'agent',
  title: 'The agent',
  method: `The real \`buoy agent\`, both of its processes, with its store on disk, driven through its unix socket. Floating IPs are
added one after the other, until the answer is there and until the agent says that the kernel has it; then a thousand, eight at a
time. Somebody deletes a route, a rule, an address, a neighbour, a translation or a device of one router after the other, until the agent says that it is there again. Memory is
what both processes have together (pages that they share are counted twice).`,
  needs: [],
  run(settings) {
    const { many, one } = sizes(settings);
    const few: Size = { routers: 1, floatingIps: 10 };
    const measured = [few, many, one].map((size) => {
      settings.progress(sizeText(size));
      const lines = inSandbox({ routers: 0, floatingIps: 0 }, [built('agent', builtCommand(), ...sizeArguments(size))]);
      return lines.next(AGENT_MEASUREMENT);
    });
    return {
      tables: [
        {
          columns: [
            'floating IPs there',
            'add: answer',
            'p99',
            'in the kernel',
            'p99',
            'adds a second',
            'repair',
            'p99',
          ],
          rows: measured.map(({ size, added, addedASecond, repaired }) => [
            sizeText(size),
            ...[added.answered, added.working].flatMap((times) => [
              milliseconds(at(times, 0.5)),
              milliseconds(at(times, 0.99)),
            ]),
            figure(addedASecond),
            milliseconds(at(repaired, 0.5)),
            milliseconds(at(repaired, 0.99)),
          ]),
        },
        {
          columns: [
            'floating IPs there',
            'start: from nothing',
            'after SIGTERM',
            'after SIGKILL',
            'memory',
            'of one just started',
            'idle CPU',
          ],
          rows: measured.map((run) => [
            sizeText(run.size),
            ...[run.fromNothingMs, run.restartMs, run.afterDeathMs].map(milliseconds),
            `${figure(run.memory.now)} MiB`,
            `${figure(run.memoryAfter.now)} MiB`,
            `${run.idlePercent.toFixed(2)} %`,
          ]),
        },
      ],
      goals: goals(measured),
      measurements: measured,
    };
  },
};

function goals([few, many, one]: readonly AgentMeasurement[]): Goal[] {
  if (few === undefined || many === undefined || one === undefined) return [];
  const { working } = many.added;
  const goal = (
    name: string,
    measured: number,
    limit: number,
    unit: Goal['unit'],
    bound: Goal['bound'] = 'at most',
  ): Goal => ({
    figure: name,
    measured,
    bound,
    limit,
    unit,
  });
  return [
    goal('agent, many routers: add, median', at(working, 0.5), 10, 'ms'),
    goal('agent, many routers: add, p99', at(working, 0.99), 30, 'ms'),
    goal('agent, many routers over few: add', at(working, 0.5) / at(few.added.working, 0.5), 1.5, '×'),
    goal('agent, one router: add, median', at(one.added.working, 0.5), 30, 'ms'),
    goal('agent, many routers: adds a second', many.addedASecond, 200, 'a second', 'at least'),
    goal('agent, many routers: repair, median', at(many.repaired, 0.5), 5, 'ms'),
    goal('agent, many routers: repair, p99', at(many.repaired, 0.99), 50, 'ms'),
    goal('agent, many routers: restart', Math.max(many.restartMs, many.afterDeathMs), 3000, 'ms'),
    goal('agent, many routers: memory', many.memory.now, 200, 'MiB'),
    goal('agent, many routers: idle CPU', many.idlePercent, 0.5, '%'),
  ];
}

/** The time that a part of all are not above. */
function at(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
