// How errors read: `file:line:column: message` as compilers write them, then the code and what to
// do. With --json the same as one document on standard output.

import type { ErrorCode } from '../../errors.ts';
import { BuoyError, BuoyErrors, CATALOGUE, EXIT } from '../../errors.ts';
import type { Colors } from './terminal.ts';
import { counted } from './terminal.ts';

/** An error in JSON. What does not apply is left out. */
export interface ErrorDocument {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly subject?: string;
}

/** The errors in what was thrown; anything unexpected is one BUOY_INTERNAL. */
export function errorsOf(thrown: unknown): readonly BuoyError[] {
  if (thrown instanceof BuoyErrors) return thrown.errors;
  if (thrown instanceof BuoyError) return [thrown];
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return [new BuoyError('BUOY_INTERNAL', message, { cause: thrown })];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(CATALOGUE, text);
}

/** The exit code of a command that ends with these errors: the first one's. */
export function exitOf(errors: readonly BuoyError[]): number {
  return errors[0]?.exit ?? EXIT.failed;
}

export function errorDocument({ code, message, remedy, position, subject }: BuoyError): ErrorDocument {
  return { code, message, remedy, ...position, ...(subject !== undefined && { subject }) };
}

/** `debug` adds the stacks of unexpected errors. */
export function errorText(errors: readonly BuoyError[], colors: Colors, debug: boolean): string {
  const texts = errors.map((error) => oneError(error, colors, debug));
  if (errors.length > 1) texts.push(`${counted(errors.length, 'error')}.\n`);
  return texts.join('');
}

function oneError(error: BuoyError, colors: Colors, debug: boolean): string {
  const lines = [
    `${colors.bold(placeOf(error))}: ${colors.red(error.message)}`,
    `  ${colors.yellow(error.code)}: ${error.remedy}`,
  ];
  if (error.code === 'BUOY_INTERNAL') {
    const stack = error.cause instanceof Error ? error.cause.stack : error.stack;
    lines.push(debug ? (stack ?? 'no stack') : '  `--debug` prints the details.');
  }
  return lines.map((line) => `${line}\n`).join('');
}

function placeOf({ position }: BuoyError): string {
  if (position === undefined) return 'buoy';
  return `${position.file}:${position.line}:${position.column}`;
}

/** The catalogue's page on a code, for `buoy errors CODE`. */
export function explanation(code: ErrorCode, colors: Colors): string {
  const { summary, remedy, exit } = CATALOGUE[code];
  return `${colors.yellow(code)} (exit code ${exit})\n  ${summary}\n  ${remedy}\n`;
}
