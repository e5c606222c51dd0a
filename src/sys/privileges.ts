// What this process, and what it starts, may do: capabilities(7) and PR_SET_NO_NEW_PRIVS. The kernel keeps all of
// it for each thread; Node starts a program from the main thread.

import { readFileSync } from 'node:fs';
import { call, callUnless } from './libc.ts';

/** Options of prctl(2) (linux/prctl.h). */
const PR = { SET_PDEATHSIG: 1, CAPBSET_READ: 23, CAPBSET_DROP: 24, SET_NO_NEW_PRIVS: 38, CAP_AMBIENT: 47 } as const;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const SIGKILL = 9;
const EINVAL = 22;
/** `_LINUX_CAPABILITY_VERSION_3` (linux/capability.h): two words of 32 bits for each set. */
const CAPABILITY_VERSION = 0x20080522;
const CAPABILITY_SETS = 3;
const CAPABILITY_WORDS = 2;

/**
 * Sees to it that no program that this thread starts from now on has a capability or can get one, even as root:
 * the inheritable, ambient and bounding sets are emptied, and no file gives privileges any more. Its own
 * capabilities it keeps. There is no way back. Throws SystemError: EPERM without CAP_SETPCAP.
 */
export function denyPrivilegesToPrograms(): void {
  clearInheritable();
  call('prctl', PR.CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // The kernel knows its last capability, and refuses those beyond it.
  for (let capability = 0; ; capability++) {
    const isInSet = callUnless(EINVAL, 'prctl', PR.CAPBSET_READ, capability, 0, 0, 0);
    if (isInSet < 0) break;
    if (isInSet === 1) call('prctl', PR.CAPBSET_DROP, capability, 0, 0, 0);
  }
  call('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

function clearInheritable(): void {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION);
  const sets = Buffer.alloc(4 * CAPABILITY_SETS * CAPABILITY_WORDS);
  call('capget', header, sets);
  for (let word = 0; word < CAPABILITY_WORDS; word++) sets.writeUInt32LE(0, 4 * (CAPABILITY_SETS * word + 2));
  call('capset', header, sets);
}

/** Has the kernel end this process with the thread that started it, however that ends. */
export function dieWithParent(): void {
  call('prctl', PR.SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

const CAPABILITY_SET_NAMES = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'] as const;

/**
 * The privileges that this process has or could get: `CapEff 0000003fffffffff`. Empty for one that has none and
 * can get none.
 */
export function privilegesLeft(status: string = readFileSync('/proc/self/status', 'utf8')): readonly string[] {
  const value = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? 'unknown';
  const left: string[] = CAPABILITY_SET_NAMES.filter((name) => !/^0+$/.test(value(name))).map(
    (name) => `${name} ${value(name)}`,
  );
  if (value('NoNewPrivs') !== '1') left.push(`NoNewPrivs ${value('NoNewPrivs')}`);
  return left;
}
