import { chmod, chown, lstat, rename, rm, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { BuoyError } from '../../errors.ts';
import type { UnixListener } from '../options.ts';
import { removeDeadFolders, SOCKET, TemporaryFolder } from './temporary-folder.ts';

/**
 * Lets `listen` make a socket in a folder that is closed to others, gives it its mode and group, and only then moves
 * it to its path. So there is no moment at which somebody else could open it, and what a dead process left at the path
 * is replaced in one step. Throws BUOY_API_SOCKET if the path has a socket that somebody listens on, or no socket.
 * Answers how to take the socket away; one that was replaced since stays.
 */
export async function placeSocket(
  { path, group }: UnixListener,
  listen: (temporaryPath: string) => Promise<unknown>,
): Promise<() => Promise<void>> {
  await refuseIfTaken(path);
  removeDeadFolders(dirname(path));
  using folder = makeFolder(path);
  const temporaryPath = join(folder.path, SOCKET);
  try {
    await listen(temporaryPath);
    if (group !== undefined) await chown(temporaryPath, -1, group);
    await chmod(temporaryPath, group === undefined ? 0o600 : 0o660);
    const { ino } = await lstat(temporaryPath);
    await rename(temporaryPath, path);
    return () => removeOwn(path, ino);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw refusal(`${path} cannot be made: ${messageOf(error)}`, error);
  }
}

function makeFolder(path: string): TemporaryFolder {
  try {
    return new TemporaryFolder(dirname(path));
  } catch (error) {
    throw refusal(`${path} cannot be made: ${messageOf(error)}`, error);
  }
}

async function refuseIfTaken(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return;
  if (!status.isSocket()) throw refusal(`${path} is there and is no socket`);
  if (await isLive(path)) throw refusal(`somebody listens on ${path}`);
}

/** Only a refused connection says that nobody listens: anything else, such as a full queue, may be a living process. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

async function removeOwn(path: string, ino: number): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket() === true && status.ino === ino) await unlink(path).catch(() => undefined);
}

function refusal(message: string, cause?: unknown): BuoyError {
  return new BuoyError('BUOY_API_SOCKET', message, cause === undefined ? {} : { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
