// The store's file: recognised before SQLite may touch it, and made whole before it has its name.

import { closeSync, existsSync, fdatasync, fsyncSync, linkSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { BuoyError } from '../../errors.ts';
import type { Sync } from './log-sync.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, TABLES } from './tables.ts';

/** Of a SQLite file (sqlite.org/fileformat2.html): its first words, and where the number lies that tells whose it is. */
const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;

/** Of memory for pages of the file: all of a store with ten thousand floating IPs that is used often. */
const CACHE_KIB = 8 * 1024;
/** 64 MiB, what about a thousand changes write. Until then the log waits for a quiet moment to be taken into the file (store.ts). */
const MOST_LOG_PAGES = 16_384;

/** Primary result codes (sqlite.org/rescode.html). */
const SQLITE = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 } as const;

/** The log beside the file. Disposing lets go of it, and is for when the database is closed. */
export interface OpenLog extends Disposable {
  readonly sync: Sync;
}

export interface OpenFile {
  readonly database: DatabaseSync;
  readonly log: OpenLog;
  /** Whether there was no file, and this made one. */
  readonly isNew: boolean;
}

/**
 * Opens the store's file, for this process alone, and makes it if there is none. One of an older version becomes one of this version.
 * @throws BuoyError BUOY_STORE_…; the file is as it was then.
 */
export function openFile(path: string): OpenFile {
  try {
    const isNew = !existsSync(path) && create(path);
    if (!isNew) inspect(path);
    const database = openForWork(path);
    return { database, log: openLog(path), isNew };
  } catch (error) {
    throw storeError(error, path);
  }
}

/** What went wrong with the file, in words of the catalogue; errors of other kinds stay as they are. */
export function storeError(error: unknown, path: string): unknown {
  const isOfFile = error instanceof Error && ('errcode' in error || 'errno' in error);
  if (!isOfFile) return error;
  const refuse = (code: ConstructorParameters<typeof BuoyError>[0], message: string): BuoyError =>
    new BuoyError(code, `${message}: ${error.message}`, { subject: path, cause: error });
  switch (sqliteCode(error)) {
    case SQLITE.busy:
      return refuse('BUOY_STORE_LOCKED', `another process has the store ${path} open`);
    case SQLITE.full:
      return refuse('BUOY_STORE_FULL', `there is no space left for the store ${path}`);
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return refuse('BUOY_STORE_CORRUPT', `the store ${path} is damaged`);
    default:
  }
  if ('code' in error && error.code === 'ENOSPC')
    return refuse('BUOY_STORE_FULL', `there is no space left for the store ${path}`);
  return refuse('BUOY_STORE_UNUSABLE', `the store ${path} cannot be used`);
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

/** SQLite would read the log into whatever file it finds beside it. */
function logWithoutFile(path: string): BuoyError {
  const message = `there is a log, ${path}-wal, and no store that it belongs to`;
  return new BuoyError('BUOY_STORE_CORRUPT', message, { subject: path });
}

/** The name appears when all is on disk, so a file with it is never half made. Answers false when somebody else was first. */
function create(path: string): boolean {
  if (existsSync(`${path}-wal`)) throw logWithoutFile(path);
  const draft = `${path}.${process.pid}.new`;
  const parts = ['', '-journal', '-wal', '-shm'].map((suffix) => `${draft}${suffix}`);
  // Of a process before us with the same number, which died while it was here.
  for (const part of parts) rmSync(part, { force: true });
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    using database = new DatabaseSync(draft);
    database.exec('PRAGMA synchronous = FULL');
    database.exec(`BEGIN; ${TABLES}; COMMIT`);
    database.exec('PRAGMA journal_mode = WAL');
    database.close();
    linkSync(draft, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    for (const part of parts) rmSync(part, { force: true });
  }
  syncDirectory(dirname(path));
  return true;
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Throws unless the file is a store, of a version that is known, and whole. Changes nothing. */
function inspect(path: string): void {
  const header = readHeader(path);
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new BuoyError('BUOY_STORE_FOREIGN', `${path} is not a store of Buoy`, { subject: path });
  if (header.readUInt32BE(APPLICATION_ID_OFFSET) !== APPLICATION_ID)
    throw new BuoyError('BUOY_STORE_FOREIGN', `${path} is a database of another program`, { subject: path });
  checkWhole(path);
}

function demandKnownVersion(path: string, database: DatabaseSync): void {
  const version = versionOf(database);
  if (version > SCHEMA_VERSION) {
    const message = `the store ${path} has version ${version}; this Buoy knows versions up to ${SCHEMA_VERSION}`;
    throw new BuoyError('BUOY_STORE_NEWER', message, { subject: path });
  }
  if (version < 1) {
    const message = `the store ${path} has version ${version}, which there never was`;
    throw new BuoyError('BUOY_STORE_CORRUPT', message, { subject: path });
  }
}

/** The log may have a newer one than the file. */
function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/**
 * Through a connection that can only read: one that can write would take the log into the file when it
 * closes. It still makes files beside it (sqlite.org/wal.html#read_only_databases). They go again while
 * its lock keeps others out, who would make the same.
 */
function checkWhole(path: string): void {
  const missing = ['-shm', '-wal'].map((suffix) => `${path}${suffix}`).filter((file) => !existsSync(file));
  using database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec('BEGIN');
    demandKnownVersion(path, database);
    const faults = database.prepare('PRAGMA quick_check(3)').all();
    const texts = faults.map((row) => Object.values(row).join(' '));
    if (texts.length === 1 && texts[0] === 'ok') return;
    const message = `the store ${path} is damaged: ${texts.join('; ')}`;
    throw new BuoyError('BUOY_STORE_CORRUPT', message, { subject: path });
  } catch (error) {
    // Then whatever has come is somebody else's.
    if (sqliteCode(error) === SQLITE.busy) missing.length = 0;
    throw error;
  } finally {
    for (const file of missing) rmSync(file, { force: true });
  }
}

/** Beside SQLite's own descriptor, which it does not tell of. There are no locks on the log that closing this one could end. */
function openLog(path: string): OpenLog {
  const descriptor = openSync(`${path}-wal`, 'r');
  syncDirectory(dirname(path));
  return {
    sync: () => promisify(fdatasync)(descriptor),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function openForWork(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  try {
    // Before the log is read: then its index is in memory, and no other process gets in.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // A commit leaves the log to be synced by whoever acknowledges it (log-sync.ts); the order of log and file is kept.
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec('PRAGMA temp_store = MEMORY');
    database.exec(`PRAGMA cache_size = ${-CACHE_KIB}; PRAGMA mmap_size = 0`);
    database.exec(`PRAGMA wal_autocheckpoint = ${MOST_LOG_PAGES}`);
    database.exec('BEGIN IMMEDIATE');
    const missing = MIGRATIONS.slice(versionOf(database) - 1);
    if (missing.length > 0) database.exec(`${missing.join('')}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
