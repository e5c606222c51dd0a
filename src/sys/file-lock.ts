// flock(2): a lock on an open file, which the kernel lets go of when its holder dies, however that happens.

import type { Descriptor } from './descriptor.ts';
import { callUnless } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/** Takes the lock, which goes with the descriptor. Answers false, at once, if somebody else has it. Throws SystemError. */
export function tryLock(file: Descriptor): boolean {
  return callUnless(EWOULDBLOCK, 'flock', file.number, LOCK_EX | LOCK_NB) === 0;
}
