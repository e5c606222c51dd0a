// What a test says of a wrong input: the text itself, with a mark where each error is expected.

import { BuoyError, BuoyErrors } from '../../src/errors.ts';
import type { ErrorCode, SourcePosition } from '../../src/errors.ts';

/** Stands in a text directly before the place of an error. */
const MARK = '▶';

export interface MarkedText {
  readonly text: string;
  /** The places of the marks, in order. */
  readonly positions: readonly SourcePosition[];
}

export function unmark(marked: string, file: string): MarkedText {
  const parts = marked.split(MARK);
  const positions = parts.slice(1).map((_, index) => {
    const lines = parts
      .slice(0, index + 1)
      .join('')
      .split('\n');
    return { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  });
  return { text: parts.join(''), positions };
}

/** The errors that a call throws; none when it returns. Anything else that it throws goes on. */
export function errorsOf(call: () => unknown): readonly BuoyError[] {
  try {
    call();
  } catch (error) {
    return errorList(error);
  }
  return [];
}

export async function errorsOfAsync(call: () => Promise<unknown>): Promise<readonly BuoyError[]> {
  return call().then(() => [], errorList);
}

export function codesOf(errors: readonly BuoyError[]): readonly ErrorCode[] {
  return errors.map((error) => error.code);
}

function errorList(error: unknown): readonly BuoyError[] {
  if (error instanceof BuoyErrors) return error.errors;
  if (error instanceof BuoyError) return [error];
  throw error;
}
