// Replacing the running program by another one, as a shell's `exec` does: same process, same
// terminal, same signals, and the exit code is the other program's.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a command lies, looked up as a shell does; undefined when it is nowhere or may not be run. */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  const folders = (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Becomes the program at `path`. What was not flushed is lost, and no exit handler runs. */
export function becomeProgram(path: string, args: readonly string[], environment: NodeJS.ProcessEnv): never {
  if (process.execve === undefined) throw new Error('this Node has no process.execve');
  return process.execve(path, [path, ...args], environment);
}
