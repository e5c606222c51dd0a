// Failures of system calls, with errno by number, name and text.

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const NAMES = new Map<number, string>(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// Kernel errors that libuv has no name for.
NAMES.set(11, 'EAGAIN').set(97, 'EAFNOSUPPORT').set(105, 'ENOBUFS').set(3, 'ESRCH').set(117, 'EUCLEAN');

/** The name of an errno (`ENOENT`), or `errno 999` for one without. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** The text of an errno ("no such file or directory"), or its name where there is no text. */
export function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? errnoName(errno);
}

/** A system call that failed. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call}: ${errnoText(errno)} (${errnoName(errno)})`);
    this.call = call;
    this.errno = errno;
  }

  /** The name of the errno: `EPERM`. */
  get code(): string {
    return errnoName(this.errno);
  }
}
