// Something wrong in an intent, and the place in its source: what checks hand on until the source
// knows line and column.

import type { ErrorCode } from '../errors.ts';

/** Keys and indexes from the top of a source down to a value. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly code: ErrorCode;
  readonly path: Path;
  /** The key at `path` is wrong, whatever its value. */
  readonly atKey?: boolean;
  /** One sentence with the value in it. */
  readonly message: string;
  /**
   * How to mend it, if the catalogue's remedy is not the best to say. Asked only for problems that
   * are shown, because the search for a name that was meant is dear.
   */
  readonly remedy?: () => string;
}

export type Report = (problem: Problem) => void;

const PLAIN_KEY = /^[\w:-]+$/;
const LONGEST_QUOTE = 80;
const LONGEST_LIST = 5;

/** `routers[1].interfaces[0].subnet_id` */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!PLAIN_KEY.test(step)) text += `[${quote(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** A value from outside, fit for a message: on one line, without control characters, not too long. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (typeof value !== 'string') return String(value);
  const text = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeCharacter);
}

/** The first few of a list, for a message; `none` when it is empty. */
export function enumerate<T>(items: readonly T[], text: (item: T) => string): string {
  if (items.length === 0) return 'none';
  const shown = items.slice(0, LONGEST_LIST).map(text).join(', ');
  return items.length > LONGEST_LIST ? `${shown} and ${items.length - LONGEST_LIST} more` : shown;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
