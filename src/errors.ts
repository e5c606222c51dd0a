// Errors for a person to read. This is the bottom room: it imports nothing, and every other room may import it.

import type { ErrorCode } from './errors/catalogue.ts';
import { CATALOGUE, EXIT } from './errors/catalogue.ts';

export { CATALOGUE, EXIT };
export type { ErrorCode };

/** Where in a source an error lies; lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error for a person to read: a code of the catalogue, what is wrong here, and how to mend it. */
export class BuoyError extends Error {
  readonly code: ErrorCode;
  /** How to mend this very case; without it the catalogue's remedy is shown. */
  readonly remedy: string;
  /** Where: a place in a file. */
  readonly position: SourcePosition | undefined;
  /** Where: a path into the input (`routers[0].interfaces[1]`) or an object (`namespace qrouter-…`). */
  readonly subject: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BuoyError';
    this.code = code;
    this.remedy = details.remedy ?? CATALOGUE[code].remedy;
    this.position = details.position;
    this.subject = details.subject;
  }

  get exit(): number {
    return CATALOGUE[this.code].exit;
  }
}

export interface ErrorDetails {
  readonly remedy?: string;
  readonly position?: SourcePosition;
  readonly subject?: string;
  readonly cause?: unknown;
}

/** All errors of one input or one run together; never empty. Exits with the first one's code. */
export class BuoyErrors extends Error {
  readonly errors: readonly BuoyError[];

  constructor(errors: readonly [BuoyError, ...BuoyError[]]) {
    super(errors.map((error) => `${error.code}: ${error.message}`).join('\n'));
    this.name = 'BuoyErrors';
    this.errors = errors;
  }

  get exit(): number {
    return this.errors[0]?.exit ?? EXIT.failed;
  }
}
