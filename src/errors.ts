// Every error a user can meet, with its code, in one place. `docs/errors.md` is made from this
// catalogue (`npm run docs`) and a test checks that the two agree.
//
// This is the bottom room: it imports nothing, and every other room may import it.

/** What the catalogue says of one code. */
export interface ErrorEntry {
  /** What is wrong, in one sentence, as it reads in `docs/errors.md`. */
  readonly summary: string;
  /** What the user can do about it. */
  readonly remedy: string;
  /** The process exit code of a command that ends with this error. */
  readonly exit: number;
}

/** Exit codes of the command line, as documented in docs/errors.md. */
export const EXIT = {
  /** All done. */
  ok: 0,
  /** Something failed while it ran: the kernel refused, or a check did not hold. */
  failed: 1,
  /** `plan` found differences; there is no error. */
  differences: 2,
  /** The intent or the command line is wrong; nothing was tried. */
  badInput: 3,
  /** This machine lacks a privilege or a kernel feature. */
  unable: 4,
  /** A name that is needed belongs to somebody else; nothing was changed. */
  foreign: 5,
  /** Another Buoy holds the lock. */
  locked: 6,
} as const;

/** The codes and what they mean. Each room's errors stand together. */
export const CATALOGUE = {
  BUOY_INTERNAL: {
    summary: 'Buoy met a state that its authors thought impossible.',
    remedy: 'Report it with the printed details. Nothing needs to be cleaned up: the next run repairs what is left.',
    exit: EXIT.failed,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

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
