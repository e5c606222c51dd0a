// Where a command writes: results to standard output, everything else (progress, notes, errors) to
// standard error, so that a pipe gets results only.

import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** Tables and help are made to fit this. */
export const WIDEST = 100;

/**
 * Colours for a stream. By `auto` it has them if it is a terminal that knows colours and the
 * environment has no NO_COLOR (no-color.org).
 */
export function colorsFor(stream: { readonly isTTY?: boolean }, choice: ColorChoice): Colors {
  const { NO_COLOR, TERM } = process.env;
  const auto = stream.isTTY === true && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
  return pc.createColors(choice === 'auto' ? auto : choice === 'always');
}

/** Writes a result. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes what is for a person and not part of the result. */
export function note(text: string): void {
  process.stderr.write(text);
}

/** Writes a result for a program. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

/** A reader that has seen enough (`buoy show | head`) closes the pipe: no reason to complain. */
export function toleratesClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** 1234567 as `1,234,567`. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 router`, `2 routers`. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
