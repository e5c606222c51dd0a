// What a plan adds, changes and removes, counted by kinds of objects.

import { describe } from '../../host/describe.ts';
import type { Plan } from '../../host/plan.ts';
import { plural, sizeOf } from '../../playground/plan-summary.ts';
import { count, WIDEST } from './terminal.ts';

const CHANGES = { added: '+', changed: '~', removed: '-' } as const;
const CHANGE_NAMES = ['added', 'changed', 'removed'] as const;
type Change = keyof typeof CHANGES;

/** Numbers under nouns in the singular: as many as `buoy plan` prints lines with that sign. */
export type Tally = Readonly<Record<Change, ReadonlyMap<string, number>>>;

export function tally(plan: Plan): Tally {
  const counts = {
    added: new Map<string, number>(),
    changed: new Map<string, number>(),
    removed: new Map<string, number>(),
  };
  for (const operation of plan.steps.flatMap((step) => step.operations)) {
    const [noun] = sizeOf(operation);
    for (const line of describe(operation)) {
      const change = CHANGE_NAMES.find((name) => line.startsWith(CHANGES[name]));
      if (change !== undefined) counts[change].set(noun, (counts[change].get(noun) ?? 0) + 1);
    }
  }
  return counts;
}

/** For each kind of change that there is, what it was done to: `  added    2 namespaces, 1 link`. */
export function tallyText(counts: Tally): string {
  const width = Math.max(...CHANGE_NAMES.map((change) => change.length));
  return CHANGE_NAMES.filter((change) => counts[change].size > 0)
    .flatMap((change) => {
      const objects = [...counts[change]].map(
        ([noun, number]) => `${count(number)} ${number === 1 ? noun : plural(noun)}`,
      );
      return inLines(objects, WIDEST - width - 4).map(
        (line, index) => `  ${(index === 0 ? change : '').padEnd(width)}  ${line}\n`,
      );
    })
    .join('');
}

/** Joins with commas, in lines no wider than that. */
function inLines(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = index === parts.length - 1 ? part : `${part},`;
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + text.length > width) lines.push(text);
    else lines[lines.length - 1] = `${last} ${text}`;
  }
  return lines;
}

export function totalOf(counts: Tally, change: Change): number {
  return counts[change].values().reduce((sum, number) => sum + number, 0);
}

/** The same in JSON: numbers under nouns in the plural, `{"added": {"nat_entries": 2}, …}`. */
export function tallyDocument(counts: Tally): Record<Change, Record<string, number>> {
  const document = (change: Change): Record<string, number> =>
    Object.fromEntries(
      [...counts[change]].map(([noun, number]) => [plural(noun).replaceAll(' ', '_').toLowerCase(), number]),
    );
  return { added: document('added'), changed: document('changed'), removed: document('removed') };
}
