// What was found out, for people and for programs.

import type { Case, Findings, Goal, Settings } from './case.ts';
import { isHeld } from './case.ts';
import type { MachineFacts } from './machine.ts';
import { machineText } from './machine.ts';
import type { Table } from './table.ts';
import { figure, markdownTable, terminalTable } from './table.ts';

export interface Result {
  readonly case: Case;
  readonly findings: Findings;
}

export interface Report {
  readonly machine: MachineFacts;
  /** As it was typed. */
  readonly command: string;
  readonly settings: Pick<Settings, 'repetitions' | 'quick'>;
  readonly results: readonly Result[];
}

export function terminalText({ title }: Case, { tables, goals }: Findings): string {
  return [`\n${title}\n`, ...[...tables, goalTable(goals)].map(terminalTable)].join('\n');
}

/** The section of docs/benchmarks.md that has figures in it. */
export function markdown({ machine, command, settings, results }: Report): string {
  const runs = settings.repetitions === 1 ? 'One run' : `Medians of ${settings.repetitions} runs`;
  return [
    `${runs} with \`${command}\` on ${machineText(machine)}.\n`,
    ...results.flatMap(({ case: { title, method }, findings }) => [
      `### ${title}\n`,
      `${method}\n`,
      ...findings.tables.map(markdownTable),
    ]),
    '### Goals\n',
    markdownTable(goalTable(results.flatMap(({ findings }) => findings.goals))),
  ].join('\n');
}

export function json({ machine, command, settings, results }: Report): string {
  const cases = results.map(({ case: { name }, findings: { goals, measurements } }) => ({
    name,
    goals: goals.map((goal) => ({ ...goal, held: isHeld(goal) })),
    measurements,
  }));
  return `${JSON.stringify({ machine, command, settings, cases }, null, 2)}\n`;
}

function goalTable(goals: readonly Goal[]): Table {
  const rows = goals.map((goal) => {
    const { figure: what, measured, bound, limit, unit } = goal;
    return [
      what,
      `${figure(measured)} ${unit}`,
      `${bound} ${limit.toLocaleString('en')} ${unit}`,
      isHeld(goal) ? 'yes' : 'no',
    ];
  });
  return { columns: ['goal', 'measured', 'bound', 'held'], rows };
}
