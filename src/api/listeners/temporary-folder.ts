// Folders in which sockets are made. One is locked while somebody works in it, and the lock dies with its holder: so what
// a process has left that was killed is told from what another one is about to use.

import { fstatSync, lstatSync, mkdtempSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { tryLock } from '../../sys/file-lock.ts';
import { SystemError } from '../../sys/system-error.ts';

const PREFIX = '.buoy-';
const NAME = /^\.buoy-[A-Za-z0-9]{6}$/;
/** The name of the socket in its folder, and all that is ever in one. */
export const SOCKET = 's';

/** A folder that is its owner's alone; disposing removes it, and it has to be empty then. */
export class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #lock: Descriptor;

  /** Throws what the system refuses. */
  constructor(parent: string) {
    for (;;) {
      const path = mkdtempSync(join(parent, PREFIX));
      const lock = lockOn(path);
      // Between the two, somebody who removes what the dead have left may have taken it for that.
      if (lock === undefined) continue;
      this.path = path;
      this.#lock = lock;
      return;
    }
  }

  [Symbol.dispose](): void {
    rmdirSync(this.path);
    this.#lock[Symbol.dispose]();
  }
}

/** Removes the folders of this user in which nobody works any more. One that has anything but a socket stays. */
export function removeDeadFolders(parent: string): void {
  for (const name of namesIn(parent)) {
    if (!NAME.test(name)) continue;
    try {
      removeIfDead(join(parent, name));
    } catch {
      // Somebody else's, or just gone. What could not be removed is in nobody's way, and the next start tries again.
    }
  }
}

/** None where they cannot be read: a socket can be made there all the same. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function removeIfDead(folder: string): void {
  using lock = lockOn(folder);
  if (lock === undefined || fstatSync(lock.number).uid !== process.geteuid?.()) return;
  const names = readdirSync(folder);
  if (names.some((name) => name !== SOCKET || !lstatSync(join(folder, name)).isSocket())) return;
  for (const name of names) unlinkSync(join(folder, name));
  rmdirSync(folder);
}

/** Undefined if somebody else has it, or the folder is gone. Throws SystemError. */
function lockOn(folder: string): Descriptor | undefined {
  try {
    using file = Descriptor.open(folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    if (tryLock(file) && fstatSync(file.number).nlink > 0) return new Descriptor(file.release());
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'ENOENT') throw error;
  }
  return undefined;
}
