// Names of namespaces: files in /run/netns over which a namespace is mounted, as ip-netns(8) has
// them. Until that mount is made, the file says whose it is, so a crash in between leaves nothing
// that could be taken for somebody else's.

import { fstatSync, mkdirSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NamespaceName } from '../../model/names.ts';
import { NAMESPACE_PREFIXES, parseNamespaceName } from '../../model/names.ts';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { call, callUnless } from '../../sys/libc.ts';
import { SystemError } from '../../sys/system-error.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const MNT_DETACH = 2;
const MS_BIND = 4096;
const MS_REC = 16384;
const MS_SHARED = 1 << 20;
const EINVAL = 22;
const ESTALE = 116;
/** statfs(2) type of the file system that namespaces live in (linux/magic.h). */
const NSFS_MAGIC = 0x6e736673;

/** Makes the directory as ip-netns does: a mount of its own and shared, so that other mount namespaces see names come and go. */
export function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  if (callUnless(EINVAL, 'mount', '', directory, 'none', MS_SHARED | MS_REC, null) >= 0) return;
  call('mount', directory, directory, 'none', MS_BIND | MS_REC, null);
  call('mount', '', directory, 'none', MS_SHARED | MS_REC, null);
}

/** Names in the directory that have our prefixes, whoever made them. None where there is no directory. */
export function listNames(directory: string): NamespaceName[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter(hasOurPrefix)
    .map(parseNamespaceName)
    .filter((name) => name !== undefined)
    .toSorted();
}

/** Whether it is a name of the kind that we give. */
export function hasOurPrefix(name: string): boolean {
  return NAMESPACE_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Takes a name with a file that says `mark`. Throws SystemError: EEXIST when something has the name. */
export function claimName(directory: string, name: NamespaceName, mark: string): void {
  using file = Descriptor.open(directory, O.TMPFILE | O.WRONLY, 0o444);
  const content = Buffer.from(mark);
  call('write', file.number, content, content.length);
  call('linkat', AT_FDCWD, `/proc/self/fd/${file.number}`, AT_FDCWD, join(directory, name), AT_SYMLINK_FOLLOW);
}

/**
 * Takes the name away; the namespace goes once nobody uses it. A name that is gone already is no
 * error. `namespace`: the one that is meant; ESTALE if the name has become another's.
 */
export function releaseName(directory: string, name: NamespaceName, namespace?: Descriptor): void {
  const path = join(directory, name);
  try {
    if (namespace !== undefined && statSync(path).ino !== fstatSync(namespace.number).ino)
      throw new SystemError(`namespace ${name}, which is not ours any more`, ESTALE);
    // EINVAL: a file over which nothing is mounted.
    callUnless(EINVAL, 'umount2', path, MNT_DETACH);
    call('unlink', path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Whether a name is a file that `claimName` made with this mark and over which nothing was mounted. */
export function isLeftover(directory: string, name: NamespaceName, mark: string): boolean {
  const path = join(directory, name);
  try {
    if (isNamespace(path)) return false;
    // Anything may stand there, also a file without end or a pipe without a writer.
    using file = Descriptor.open(path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
    const content = Buffer.alloc(Buffer.byteLength(mark) + 1);
    return content.toString('utf8', 0, call('read', file.number, content, content.length)) === mark;
  } catch {
    // Gone, or no plain file: not ours in any case.
    return false;
  }
}

/** Whether a namespace is mounted at a path. */
export function isNamespace(path: string): boolean {
  return statfsSync(path).type === NSFS_MAGIC;
}
