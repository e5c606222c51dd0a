import { stripVTControlCharacters } from 'node:util';
import type { Colors } from './terminal.ts';

const GAP = '  ';

/** Rows under headings, each column as wide as its widest cell. Cells may be coloured. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], colors: Colors): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join(GAP)
      .trimEnd();
  return [colors.bold(line(headings)), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
