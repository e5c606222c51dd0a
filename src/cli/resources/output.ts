// Resources for a person and for a program.

import type { Resource } from '../agent/resource-types.ts';
import { printable } from '../output/printable.ts';
import { table } from '../output/table.ts';
import type { Colors } from '../output/terminal.ts';
import { colorsFor, print, printJson } from '../output/terminal.ts';
import type { GlobalOptions, JsonOption } from '../options.ts';
import type { Column, NameOf } from './kind.ts';
import { valueText } from './text.ts';

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** All attributes of one, as the agent gives them. */
export function printResource(resource: Resource, options: GlobalOptions & JsonOption): void {
  if (options.json === true) return printJson(resource);
  const rows = Object.entries(resource).map(([name, value]) => [name, printable(valueText(value))]);
  print(table(['ATTRIBUTE', 'VALUE'], rows, colorsFor(process.stdout, options.color)));
}

/** A line each, sorted by the first column: what people call them by. */
export function listText<T extends Resource>(
  resources: readonly T[],
  columns: readonly Column<T>[],
  nameOf: NameOf,
  colors: Colors,
): string {
  const rows = resources
    .map((resource) => columns.map(({ text }) => printable(text(resource, nameOf))))
    .sort(([a = ''], [b = '']) => COLLATOR.compare(a, b))
    .map((cells) => cells.map((cell) => colored(cell, colors)));
  return table(
    columns.map(({ heading }) => heading),
    rows,
    colors,
  );
}

/** A status stands out. */
function colored(cell: string, colors: Colors): string {
  if (cell === 'ACTIVE') return colors.green(cell);
  return cell === 'ERROR' || cell.startsWith('ERROR ') ? colors.red(cell) : cell;
}
