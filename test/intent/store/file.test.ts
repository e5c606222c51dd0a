import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { BuoyError } from '../../../src/errors.ts';
import { openStore } from '../../../src/intent/store/index.ts';
import { all, HOST, make, world } from '../../support/stores.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** Made by the Buoy whose version that was. */
const OLD_STORE = join(import.meta.dirname, '../../fixtures/store/version-1.sql');

const open = (path: string, host = HOST) => openStore(path, { host });

function refusal(path: string): BuoyError {
  try {
    open(path)[Symbol.dispose]();
  } catch (error) {
    if (error instanceof BuoyError) return error;
    throw error;
  }
  throw new Error(`${path} was opened`);
}

/** Names, modes and hashes of all files in a directory. */
function contentsOf(directory: string): unknown {
  return readdirSync(directory).map((name) => {
    const path = join(directory, name);
    const status = statSync(path);
    return [name, status.mode, status.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''];
  });
}

test('a store that is made is its owner’s alone, and what is in it is there the next time', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const first = open(path);
  expect([first.isNew, first.isEmpty]).toEqual([true, true]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  const ids = world(first);
  const model = first.model();
  expect(first.isEmpty).toBe(false);
  first[Symbol.dispose]();
  expect(readdirSync(directory.path)).toEqual(['store.db']);
  using store = open(path);
  expect([store.isNew, store.isEmpty]).toEqual([false, false]);
  expect(all(store, 'routers').map(({ id }) => id)).toEqual([ids.router]);
  expect(store.model()).toEqual(model);
});

test('a store of an older version becomes one of this version, with all that is in it', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'store.db');
  withDatabase(path, `${readFileSync(OLD_STORE, 'utf8')} PRAGMA journal_mode = WAL`);
  const router = '1196cb29-bc0f-4069-9af3-953cb58a6950';
  {
    using store = open(path);
    expect(all(store, 'floatingips')).toMatchObject([{ floating_ip_address: '203.0.113.2', router_id: router }]);
    expect(store.model().routers.get(router)?.floatingIps.size).toBe(1);
  }
  const fresh = join(directory.path, 'fresh.db');
  open(fresh)[Symbol.dispose]();
  expect(schemaOf(path)).toEqual(schemaOf(fresh));
  using again = open(path);
  expect(all(again, 'routers').map(({ id }) => id)).toEqual([router]);
});

test('routers and networks that were there are remembered, the last thousand of them', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const { id } = (() => {
    using store = open(path);
    const network = make(store, 'networks', { 'router:external': true }).id;
    make(store, 'subnets', { network_id: network, ip_version: 4, cidr: '203.0.113.0/24' });
    const router = make(store, 'routers', { external_gateway_info: { network_id: network } }).id;
    expect([store.knows(router), store.knows(network)]).toEqual([true, true]);
    store.delete('routers', router);
    store.delete('networks', network);
    return { id: { router, network } };
  })();
  using store = open(path);
  expect([store.knows(id.router), store.knows(id.network), store.knows(randomUUID())]).toEqual([true, true, false]);
  const others = Array.from({ length: 999 }, () => ({}));
  for (const { id: router } of store.create('routers', others)) store.delete('routers', router);
  // Deleting the router was the second but last of a thousand and one.
  expect([store.knows(id.network), store.knows(id.router)]).toEqual([false, true]);
});

test('this host’s own ports follow its name', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'store.db');
  {
    using store = open(path);
    world(store);
  }
  using store = open(path, 'another-host');
  const [port] = all(store, 'ports', { device_owner: ['network:floatingip_agent_gateway'] });
  expect(port?.['binding:host_id']).toBe('another-host');
});

describe('a file that cannot be the store is refused and left as it is', () => {
  const cases: readonly (readonly [string, string, (path: string) => void])[] = [
    ['an empty file', 'BUOY_STORE_FOREIGN', (path) => writeFileSync(path, '')],
    ['a text', 'BUOY_STORE_FOREIGN', (path) => writeFileSync(path, 'routers: []\n'.repeat(50))],
    ['a directory', 'BUOY_STORE_UNUSABLE', (path) => mkdirSync(path)],
    ['a database of another program', 'BUOY_STORE_FOREIGN', (path) => withDatabase(path, 'CREATE TABLE t (a)')],
    ['a store of a newer version', 'BUOY_STORE_NEWER', (path) => withStore(path, 'PRAGMA user_version = 3')],
    ['a store that its log makes one of a newer version', 'BUOY_STORE_NEWER', makeNewerInLog],
    ['a store of no version', 'BUOY_STORE_CORRUPT', (path) => withStore(path, 'PRAGMA user_version = 0')],
    ['a damaged store', 'BUOY_STORE_CORRUPT', damage],
    ['a store that is cut short', 'BUOY_STORE_CORRUPT', cutShort],
    ['a damaged store with a log', 'BUOY_STORE_CORRUPT', (path) => damage(path, true)],
    ['a log without its store', 'BUOY_STORE_CORRUPT', (path) => writeFileSync(`${path}-wal`, 'log')],
  ];
  test.each(cases)('%s', (_, code, prepare) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'store.db');
    prepare(path);
    const before = contentsOf(directory.path);
    expect(refusal(path).code).toBe(code);
    expect(contentsOf(directory.path)).toEqual(before);
  });

  test('one that another process has open', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'store.db');
    using store = open(path);
    world(store);
    const before = contentsOf(directory.path);
    expect(refusal(path).code).toBe('BUOY_STORE_LOCKED');
    expect(contentsOf(directory.path)).toEqual(before);
    // It goes on as if nothing had been.
    make(store, 'networks', {});
  });

  test('a directory that is not there', () => {
    using directory = temporaryDirectory();
    expect(refusal(join(directory.path, 'missing', 'store.db')).code).toBe('BUOY_STORE_UNUSABLE');
  });
});

test('what a creation that was interrupted left is not taken for anything', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'store.db');
  for (const suffix of ['', '-wal']) writeFileSync(`${path}.${process.pid}.new${suffix}`, 'SQLite format 3');
  using store = open(path);
  expect(store.isNew).toBe(true);
  expect(readdirSync(directory.path).toSorted()).toEqual(['store.db', 'store.db-wal']);
});

function withDatabase(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

/** What a database is made of. */
function schemaOf(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  const objects = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
  return [objects, database.prepare('PRAGMA user_version').get(), database.prepare('PRAGMA application_id').get()];
}

function makeNewerInLog(path: string): void {
  const copy = `${path}.copy`;
  using store = open(copy);
  make(store, 'networks', {});
  store[Symbol.dispose]();
  using database = new DatabaseSync(copy);
  database.exec('PRAGMA user_version = 3');
  for (const suffix of ['', '-wal']) writeFileSync(`${path}${suffix}`, readFileSync(`${copy}${suffix}`));
}

function withStore(path: string, sql: string): void {
  open(path)[Symbol.dispose]();
  withDatabase(path, sql);
}

/** Overwrites pages in the middle; with a log that is not taken in yet where that is asked for. */
function damage(path: string, hasLog = false): void {
  const copy = `${path}.copy`;
  {
    using store = open(copy);
    world(store);
    if (hasLog) writeFileSync(`${path}-wal`, readFileSync(`${copy}-wal`));
  }
  const bytes = readFileSync(copy);
  writeFileSync(path, bytes.fill(0xff, 4096 * 2, 4096 * 30));
  if (hasLog) writeFileSync(`${path}-wal`, readFileSync(`${path}-wal`).subarray(0, 4096));
}

function cutShort(path: string): void {
  {
    using store = open(path);
    world(store);
  }
  writeFileSync(path, readFileSync(path).subarray(0, 4096 * 5));
}
