// Accounts by name. What runs as a service is an account of the system, in /etc/passwd and /etc/group, where
// systemd-sysusers(8) and adduser(8) put it; directories elsewhere (LDAP) are not asked.

import { readFileSync } from 'node:fs';
import { BuoyError } from '../errors.ts';

/** Numbers that a process runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account files, for tests. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

const FILES: AccountFiles = { passwd: '/etc/passwd', group: '/etc/group' };

/** @param user name or number; `group` too, by default the user's own. Throws BUOY_NO_ACCOUNT. */
export function findAccount(user: string, group: string | undefined, files: AccountFiles = FILES): Account {
  const entry = entries(files.passwd).find(([name, , uid]) => name === user || uid === user);
  const uid = numberOf(entry?.[2] ?? user);
  if (uid === undefined) throw unknown('user', user, files.passwd);
  if (group !== undefined) return { uid, gid: findGroup(group, files) };
  const gid = numberOf(entry?.[3] ?? '');
  if (gid === undefined)
    throw new BuoyError('BUOY_NO_ACCOUNT', `the user ${user} has no entry in ${files.passwd}, and no group is given`);
  return { uid, gid };
}

/** The number of a group by name or number. Throws BUOY_NO_ACCOUNT. */
export function findGroup(group: string, files: AccountFiles = FILES): number {
  const entry = entries(files.group).find(([name]) => name === group);
  const gid = numberOf(entry?.[2] ?? group);
  if (gid === undefined) throw unknown('group', group, files.group);
  return gid;
}

function entries(path: string): string[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}

function numberOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function unknown(kind: string, name: string, path: string): BuoyError {
  return new BuoyError('BUOY_NO_ACCOUNT', `there is no ${kind} ${name} in ${path}`);
}
