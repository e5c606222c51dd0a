// Tables, as text for a terminal and as Markdown, and how figures are written in them.

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns of words to the left, columns of figures to the right. */
export function terminalTable({ columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const written = lines.map((line) =>
    line.map((cell, column) => pad(cell, widths[column] ?? 0, isOfFigures(rows, column))).join('  '),
  );
  return written.map((line) => `  ${line.trimEnd()}\n`).join('');
}

export function markdownTable({ columns, rows }: Table): string {
  const rule = columns.map((_, column) => (isOfFigures(rows, column) ? '---:' : '---'));
  return [columns, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function isOfFigures(rows: Table['rows'], column: number): boolean {
  return rows.every((row) => /^[\d–]/.test(row[column] ?? '') && !(row[column] ?? '').includes('×'));
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

export const NO_FIGURE = '–';

/** Three digits that count, and thousands apart. */
export function figure(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function milliseconds(value: number | undefined): string {
  return value === undefined ? NO_FIGURE : `${figure(value)} ms`;
}

export function count(value: number | undefined): string {
  return value === undefined ? NO_FIGURE : value.toLocaleString('en');
}
