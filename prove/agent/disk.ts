// The disk of a simulated host with the store's file on it, which outlives the processes that have it open. A real file and a real
// SQLite; what goes wrong with it is what a statement is made to meet.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenFile } from '../../src/intent/store/open-file.ts';
import { openFile } from '../../src/intent/store/open-file.ts';
import { Store } from '../../src/intent/store/store.ts';
import { ProcessDied } from '../../src/kernel/simulated/index.ts';
import type { Api } from './call.ts';
import { PLUGS, settingsFor } from './world.ts';

/** What a call meets in the store. */
export type Mishap =
  /** The write of that number in the transaction, or at least its last one, fails with a primary result code of SQLite. */
  | { readonly kind: 'refuse'; readonly at: number; readonly code: 10 | 13; readonly rollsBack: boolean }
  /** The process dies. `part`: so many thousandths of what the commit writes are on disk. */
  | { readonly kind: 'die before commit' }
  | { readonly kind: 'die after commit' }
  | { readonly kind: 'die in commit'; readonly part: number };

/** Memory, where there is such a folder: nobody waits for a disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const TABLES = [
  'networks',
  'subnets',
  'allocation_pools',
  'free_ranges',
  'ports',
  'fixed_ips',
  'routers',
  'router_interfaces',
  'floatingips',
  'tags',
  'quotas',
  'withdrawn',
];

export class Disk implements Disposable {
  readonly #folder = mkdtempSync(join(FOLDER, 'buoy-prove-'));
  readonly #seed: number;
  #path: string;
  #files = 0;

  constructor(file: Uint8Array, seed: number) {
    this.#seed = seed;
    this.#path = this.#newPath();
    writeFileSync(this.#path, file);
  }

  open(): OpenStore {
    const file = openFile(this.#path);
    const settings = settingsFor(this.#seed + this.#files * 1_000_003);
    return new OpenStore(this, this.#path, file, settings);
  }

  /** Has the next process find what is on disk now, or `parts` of it: the file and its write-ahead log. */
  keep(parts?: { readonly file: Uint8Array; readonly log: Uint8Array }): void {
    const [from, to] = [this.#path, this.#newPath()];
    if (parts !== undefined) {
      writeFileSync(to, parts.file);
      writeFileSync(`${to}-wal`, parts.log);
    } else {
      copyFileSync(from, to);
      if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}-wal`);
    }
    this.#path = to;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #newPath(): string {
    return join(this.#folder, `${this.#files++}.db`);
  }
}

/** The store as one process has it open. */
export class OpenStore {
  readonly store: Store;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #dumps: readonly StatementSync[];
  readonly #prepare: DatabaseSync['prepare'];
  readonly #found = new Map<string, StatementSync>();
  #mishap: Mishap | undefined;
  #writes = 0;
  #hasMet = false;
  #isKept = false;
  #undecided: string | undefined;

  constructor(disk: Disk, path: string, file: OpenFile, settings: ReturnType<typeof settingsFor>) {
    const { database } = file;
    this.#disk = disk;
    this.#path = path;
    this.#database = database;
    this.#dumps = TABLES.map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`));
    const prepare = database.prepare.bind(database);
    this.#prepare = prepare;
    Object.defineProperty(database, 'prepare', { value: (text: string) => this.#hooked(text, prepare(text)) });
    this.store = new Store(path, file, settings, PLUGS);
  }

  get api(): Api {
    return { store: this.store, find: (query, ...values) => this.#find(query, ...values) };
  }

  /** Everything that is stored, as text. */
  dump(): string {
    return this.#dumps.map((statement) => JSON.stringify(statement.all())).join('\n');
  }

  /** The first column of what is asked for, as text. */
  #find(query: string, ...values: string[]): readonly string[] {
    let statement = this.#found.get(query);
    if (statement === undefined) this.#found.set(query, (statement = this.#prepare(query)));
    return statement.all(...values).map((row) => String(Object.values(row)[0]));
  }

  /** Calls the store. Throws what the store throws, and ProcessDied. */
  call(work: () => void, mishap: Mishap | undefined): void {
    this.#mishap = mishap;
    this.#writes = 0;
    this.#hasMet = false;
    try {
      work();
    } finally {
      this.#mishap = undefined;
    }
  }

  /** What may have been stored when the process died, though nobody was told. */
  get undecided(): string | undefined {
    return this.#undecided;
  }

  /** The end of an orderly process. */
  close(): void {
    this.store[Symbol.dispose]();
  }

  /** The process is no more: the disk stays as it is. */
  die(): void {
    if (!this.#isKept) this.#disk.keep();
    this.#isKept = true;
    this.close();
    rmSync(this.#path, { force: true });
  }

  #hooked(text: string, statement: StatementSync): StatementSync {
    const run = statement.run.bind(statement);
    const meet = (...values: SQLInputValue[]) => this.#meet(text, () => run(...values));
    Object.defineProperty(statement, 'run', { value: meet });
    return statement;
  }

  #meet<T>(text: string, run: () => T): T {
    const mishap = this.#mishap;
    if (mishap === undefined || text === 'ROLLBACK' || text.startsWith('BEGIN')) return run();
    if (mishap.kind === 'refuse') return this.#refuseOr(mishap, text, run);
    if (text !== 'COMMIT') return run();
    this.#hasMet = true;
    if (mishap.kind === 'die before commit') return this.#die();
    if (mishap.kind === 'die after commit') {
      run();
      return this.#die();
    }
    const before = this.#logLength();
    const file = readFileSync(this.#path);
    run();
    const log = readFileSync(`${this.#path}-wal`);
    // A log that was begun anew has overwritten what was in it.
    if (log.length <= before) return this.#die();
    const cut = before + Math.floor(((log.length - before) * mishap.part) / 1000);
    return this.#die({ file, log: log.subarray(0, cut) });
  }

  #refuseOr<T>(mishap: Extract<Mishap, { kind: 'refuse' }>, text: string, run: () => T): T {
    if (this.#hasMet || (this.#writes++ < mishap.at && text !== 'COMMIT')) return run();
    this.#hasMet = true;
    // After some failures SQLite has rolled back by itself (sqlite.org/lang_transaction.html).
    if (mishap.rollsBack) this.#database.exec('ROLLBACK');
    const message = mishap.code === 13 ? 'database or disk is full' : 'disk I/O error';
    throw Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode: mishap.code, errstr: message });
  }

  #die(parts?: Parameters<Disk['keep']>[0]): never {
    this.#undecided = this.dump();
    this.#disk.keep(parts);
    this.#isKept = true;
    throw new ProcessDied();
  }

  #logLength(): number {
    return existsSync(`${this.#path}-wal`) ? statSync(`${this.#path}-wal`).size : 0;
  }
}
