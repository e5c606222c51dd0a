// Pictures made of characters.

export class Canvas {
  readonly #rows: string[][] = [];

  /** Rows that have something in them, from the top. */
  get height(): number {
    return this.#rows.length;
  }

  /** Writes lines one below the other, the first from `x`, `y` on. Each character takes one column. */
  put(x: number, y: number, ...lines: readonly string[]): void {
    for (const [index, line] of lines.entries()) {
      while (this.#rows.length <= y + index) this.#rows.push([]);
      const row = this.#rows[y + index] ?? [];
      while (row.length < x) row.push(' ');
      row.splice(x, [...line].length, ...line);
    }
  }

  /** A line downwards, from `y` up to but not including `end`. */
  vertical(x: number, y: number, end: number): void {
    for (let row = y; row < end; row++) this.put(x, row, '│');
  }

  toString(): string {
    return this.#rows.map((row) => `${row.join('').trimEnd()}\n`).join('');
  }
}

/** Lines in a frame that is `width` wide; what is too long is cut. */
export function box(width: number, lines: readonly string[]): string[] {
  const inner = width - 4;
  const fill = '─'.repeat(width - 2);
  return [`┌${fill}┐`, ...lines.map((line) => `│ ${fit(line, inner)} │`), `└${fill}┘`];
}

/** Brings a line to a width. */
export function fit(line: string, width: number): string {
  const characters = [...line];
  return characters.length > width
    ? `${characters.slice(0, width - 1).join('')}…`
    : line.padEnd(width + line.length - characters.length);
}
