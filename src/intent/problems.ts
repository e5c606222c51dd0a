// From what is wrong with an intent to errors for a person: every problem at its line and column.

import { BuoyError, BuoyErrors } from '../errors.ts';
import type { SourcePosition } from '../errors.ts';
import { formatPath } from '../model/problem.ts';
import type { Path, Problem } from '../model/problem.ts';

/** Where in the file something stands: the value at a path or, if so asked, its key. */
export type Locate = (path: Path, atKey: boolean) => SourcePosition;

/** How many errors are shown. A file of another kind may have a million. */
const MOST_SHOWN = 100;

/** Throws a BuoyErrors of all the problems, in the order of their places, when there are any. */
export function throwProblems(problems: readonly Problem[], locate: Locate): void {
  throwAll(problems, ({ code, path, atKey, message, remedy: remedyOf }) => {
    const remedy = remedyOf?.();
    return new BuoyError(code, message, {
      ...(remedy === undefined ? {} : { remedy }),
      position: locate(path, atKey === true),
      subject: formatPath(path),
    });
  });
}

/** Throws a BuoyErrors of all the faults, made into errors by `toError`, in the order of their places, when there are any. */
export function throwAll<T>(faults: readonly T[], toError: (fault: T) => BuoyError): void {
  const errors = faults.slice(0, MOST_SHOWN).map(toError).sort(byPosition);
  const more = faults.length - errors.length;
  if (more > 0) errors.push(new BuoyError('BUOY_TOO_MANY_ERRORS', `there are at least ${more} more errors`));
  const [first, ...rest] = errors;
  if (first !== undefined) throw new BuoyErrors([first, ...rest]);
}

function byPosition({ position: a }: BuoyError, { position: b }: BuoyError): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
