// The sandbox: the running program starts over in namespaces of its own, where it is root, has a
// network without any device, and an empty /run. Whatever it does there, the machine's network is
// never touched, and the kernel clears all of it away when the last process in it ends.
//
// A process of several threads, as every Node is, cannot enter a user namespace by itself
// (unshare(2): EINVAL). So it becomes unshare(1), which becomes this program again; a note in the
// environment tells the second run that it has arrived.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { BuoyError } from '../src/errors.ts';
import { call } from '../src/sys/libc.ts';
import { becomeProgram, findProgram } from './program.ts';
import { readLimits, remedyFor } from './refusal.ts';

/** Holds the process id, which every `exec` keeps and no child has, and the network namespace that was left. */
const NOTE = 'BUOY_ENTERING_SANDBOX';

/** Lies in a sandbox's own /run and names its network namespace. */
const SIGN = '/run/buoy-sandbox';

const NETWORK_AND_MOUNTS = ['--net', '--mount', '--propagation', 'private'];
const WITH_USER_NAMESPACE = ['--user', '--map-root-user', ...NETWORK_AND_MOUNTS];

/**
 * Returns once the program runs in a sandbox: at its first call it starts the program over, with
 * the same arguments, and does not return. So it belongs before anything that should not be done
 * twice. A program that was started from inside a sandbox gets one of its own within it.
 *
 * Uses a user namespace where the system allows one, even for root, since it shields the machine
 * better; else, as root, plain namespaces. Throws BUOY_NO_SANDBOX where neither is possible.
 */
export function enterSandbox(): void {
  const note = process.env[NOTE];
  delete process.env[NOTE];
  if (note !== undefined && hasArrived(note)) {
    furnish();
    return;
  }
  const unshare = findProgram('unshare');
  if (unshare === undefined)
    throw noSandbox('there is no program `unshare`', 'Install it: sudo apt-get install util-linux');
  becomeProgram(
    unshare,
    [...possibleFlags(unshare), '--', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { ...process.env, [NOTE]: `${process.pid} ${networkNamespace()}` },
  );
}

/** Whether this process, or the one that started it, entered a sandbox and is still in it. */
export function isInSandbox(): boolean {
  try {
    return readFileSync(SIGN, 'utf8') === networkNamespace();
  } catch {
    return false;
  }
}

/** A note that strayed into the environment some other way names another process, or the namespace we are still in. */
function hasArrived(note: string): boolean {
  const [pid, left] = note.split(' ');
  return pid === String(process.pid) && left !== networkNamespace();
}

function networkNamespace(): string {
  return readlinkSync('/proc/self/ns/net');
}

/** Finds out by trying: systems refuse namespaces in more ways than could be looked up. */
function possibleFlags(unshare: string): readonly string[] {
  const refusals: string[] = [];
  for (const flags of [WITH_USER_NAMESPACE, NETWORK_AND_MOUNTS]) {
    const trial = spawnSync(unshare, [...flags, '--', 'true'], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (trial.status === 0) return flags;
    refusals.push(trial.error?.message ?? trial.stderr.trim());
  }
  throw noSandbox(
    `the system refuses a user namespace (${refusals[0]}) and plain namespaces (${refusals[1]})`,
    remedyFor(readLimits()),
  );
}

function noSandbox(reason: string, remedy: string): BuoyError {
  return new BuoyError('BUOY_NO_SANDBOX', `No sandbox can be made: ${reason}.`, { remedy });
}

/** Namespaces get their names in /run/netns, and the machine's /run is not writable for everybody. */
function furnish(): void {
  call('mount', 'tmpfs', '/run', 'tmpfs', 0, 'mode=0755');
  mkdirSync('/run/netns');
  writeFileSync(SIGN, networkNamespace());
}
