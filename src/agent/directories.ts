// Directories that the listening process writes to, which its account may not make by itself.

import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BuoyError } from '../errors.ts';
import type { Account } from './accounts.ts';
import { findGroup } from './accounts.ts';
import type { AgentConfig } from './config.ts';

/** For the account alone, and, of the socket's, for a group, which what is made in it belongs to as well. */
const [PRIVATE, OF_A_GROUP] = [0o700, 0o2750];

/**
 * Makes the directories of the store and of the unix socket, if they are not there, and gives them to the account; those
 * that they are in have to be there.
 * Those that are there stay as they are; none is left half made. Throws BUOY_NO_DIRECTORY, BUOY_NO_ACCOUNT.
 */
export function makeDirectories({ store, listen }: AgentConfig, account: Account | undefined): void {
  make(dirname(store), PRIVATE, account);
  const { path, group } = listen.unix;
  const uid = account?.uid ?? process.getuid?.() ?? 0;
  if (group !== undefined) make(dirname(path), OF_A_GROUP, { uid, gid: findGroup(group) });
  else make(dirname(path), PRIVATE, account);
}

function make(directory: string, mode: number, account: Account | undefined): void {
  if (existsSync(directory)) return;
  try {
    mkdirSync(directory);
    give(directory, mode, account);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuoyError('BUOY_NO_DIRECTORY', `cannot make ${directory}: ${reason}`, { cause: error });
  }
}

function give(directory: string, mode: number, account: Account | undefined): void {
  try {
    // First: to change what belongs to another user takes one capability more. A directory keeps its mode when it is given away.
    chmodSync(directory, mode);
    if (account !== undefined) chownSync(directory, account.uid, account.gid);
  } catch (error) {
    // The next start would take it for what somebody has made on purpose.
    rmdirSync(directory);
    throw error;
  }
}
