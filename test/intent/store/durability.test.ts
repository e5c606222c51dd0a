// What was acknowledged is there after the process was killed at any moment, and after the log was cut
// off anywhere behind it, as a power cut may leave it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { openStore } from '../../../src/intent/store/index.ts';
import { openFile } from '../../../src/intent/store/open-file.ts';
import { all, HOST, make } from '../../support/stores.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PROGRAM = fileURLToPath(new URL('../../support/store-writer-program.ts', import.meta.url));
const HOST_OPTIONS = { host: HOST };
/** Bytes of a page, SQLite's default. */
const PAGE = 4096;

/** A new store with an external network, whose id is answered. */
function newStore(file: string): string {
  using store = openStore(file, HOST_OPTIONS);
  const { id } = make(store, 'networks', { 'router:external': true });
  make(store, 'subnets', { network_id: id, ip_version: 4, cidr: '203.0.112.0/20' });
  return id;
}

function floatingIpsIn(file: string): ReadonlyMap<string, unknown> {
  using store = openStore(file, HOST_OPTIONS);
  return new Map(all(store, 'floatingips').map(({ id, floating_ip_address: address }) => [id, address]));
}

function expectWhole(file: string): void {
  using database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  const count = (table: string) => database.prepare(`SELECT count(*) AS number FROM ${table}`).get()?.['number'];
  // Nothing half done: a floating IP has its port, and the port its address.
  expect([count('ports'), count('fixed_ips')]).toEqual([count('floatingips'), count('floatingips')]);
}

test('SQLite keeps log and file in order, and leaves the fsync of a commit to whoever acknowledges it', () => {
  using directory = temporaryDirectory();
  const { database, log } = openFile(join(directory.path, 'store.db'));
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA main.${name}`).get() ?? {});
  // 1 is NORMAL: the log is on disk before it is taken into the file, and the file before the log begins anew.
  expect(pragma('synchronous')).toEqual([1]);
  expect(pragma('journal_mode')).toEqual(['wal']);
  expect(pragma('foreign_keys')).toEqual([1]);
  database.close();
  log[Symbol.dispose]();
});

test('the log is taken into the file in a quiet moment, not while changes come', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'store.db');
  vi.useFakeTimers();
  try {
    using store = openStore(file, HOST_OPTIONS);
    const { size } = statSync(file);
    for (let count = 0; count < 5; count++) {
      store.create(
        'networks',
        Array.from({ length: 100 }, () => ({})),
      );
      vi.advanceTimersByTime(900);
      expect(statSync(file).size).toBe(size);
    }
    vi.advanceTimersByTime(100);
    expect(statSync(file).size).toBeGreaterThan(size);
  } finally {
    vi.useRealTimers();
  }
});

test('a process that is killed while it writes loses nothing that it has told', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'store.db');
  const network = newStore(file);
  const expected = new Map<string, string>();
  // More pages than the log holds are written, so that some die while it is taken into the file.
  for (const tellings of [1, 40, 120]) {
    const undecided = new Set<string>();
    const child = spawn(process.execPath, [PROGRAM, file, network], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    let heard = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [sign, id = '', address = ''] = line.split(' ');
      undecided.delete(id);
      if (sign === '+') expected.set(id, address);
      else expected.delete(id);
      if (sign === '?') undecided.add(id);
      if (++heard === tellings) child.kill('SIGKILL');
    }
    await exited;
    expect(heard).toBeGreaterThanOrEqual(tellings);

    const found = floatingIpsIn(file);
    expectWhole(file);
    for (const [id, address] of expected) expect(found.get(id)).toBe(address);
    const more = [...found.keys()].filter((id) => !expected.has(id) && !undecided.has(id));
    // One that was made and not told of any more.
    expect(more.length).toBeLessThanOrEqual(1);
    expect(new Set(found.values()).size).toBe(found.size);
    expected.clear();
    for (const [id, address] of found) expected.set(id, String(address));
  }
});

/** What a disk can hold of a store that wrote some floating IPs, with how long its log was when each was acknowledged. */
function written(directory: string) {
  const file = join(directory, 'store.db');
  const network = newStore(file);
  const before = readFileSync(file);
  const ids: string[] = [];
  const ends: number[] = [];
  const store = openStore(file, HOST_OPTIONS);
  for (let count = 0; count < 8; count++) {
    ids.push(make(store, 'floatingips', { floating_network_id: network }).id);
    ends.push(statSync(`${file}-wal`).size);
  }
  const log = readFileSync(`${file}-wal`);
  // Which takes the log into the file.
  store[Symbol.dispose]();
  const after = readFileSync(file);
  expect(after.equals(before)).toBe(false);
  return { before, after, log, ids, ends };
}

function expectFloatingIps(file: string, database: Buffer, log: Buffer, ids: readonly string[]): void {
  writeFileSync(file, database);
  writeFileSync(`${file}-wal`, log);
  expect([...floatingIpsIn(file).keys()].toSorted()).toEqual(ids.toSorted());
  expectWhole(file);
}

test('a log that is cut off, or torn, behind the last acknowledged change has all up to there', () => {
  using directory = temporaryDirectory();
  const { before, log, ids, ends } = written(directory.path);
  const copy = join(directory.path, 'copy.db');
  // A page with its header (sqlite.org/fileformat2.html, "WAL Frame Header Format").
  const frame = PAGE + 24;
  for (const [index, end] of ends.entries()) {
    const next = ends[index + 1];
    const cuts = next === undefined ? [end] : [end, end + 1, end + 24, end + frame, next - frame, next - 1];
    for (const cut of cuts) {
      const torn = Buffer.concat([log.subarray(0, cut), Buffer.alloc(cut % 2 === 0 ? 0 : 3000, 0xa5)]);
      expectFloatingIps(copy, before, torn, ids.slice(0, index + 1));
    }
  }
});

test('a file that the log was half taken into, when the power went, has all that the log has', () => {
  using directory = temporaryDirectory();
  const { before, after, log, ids } = written(directory.path);
  const copy = join(directory.path, 'copy.db');
  for (const step of [2, 3, 7]) {
    // Every so many pages are there, and every other one of those only in part.
    const mixed = Buffer.alloc(after.length);
    before.copy(mixed);
    for (let page = 0; page * PAGE < after.length; page += step) {
      const bytes = page % 2 === 0 ? PAGE : PAGE / 2;
      after.copy(mixed, page * PAGE, page * PAGE, page * PAGE + bytes);
    }
    expectFloatingIps(copy, mixed, log, ids);
  }
});
