// What has to be on disk before somebody is told of it, with a disk that is as slow as the test says.

import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { LogSync } from '../../../src/intent/store/log-sync.ts';
import { Store } from '../../../src/intent/store/store.ts';
import { TABLES } from '../../../src/intent/store/tables.ts';
import { make, memoryStore, refusal } from '../../support/stores.ts';

/** Syncs that end one by one, when the test says so. */
class SlowDisk {
  readonly #begun: PromiseWithResolvers<void>[] = [];

  readonly sync = (): Promise<void> => {
    const one = Promise.withResolvers<void>();
    this.#begun.push(one);
    return one.promise;
  };

  get begun(): number {
    return this.#begun.length;
  }

  end(index: number): void {
    this.#begun[index]?.resolve();
  }

  fail(index: number, error: Error): void {
    this.#begun[index]?.reject(error);
  }
}

/** Whether it has resolved by the time that everything that could has gone on. */
async function isSaved(saved: Promise<void>): Promise<boolean> {
  const pending = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([saved.then(() => true), pending]);
}

test('without a change there is nothing to wait for', async () => {
  const disk = new SlowDisk();
  await new LogSync(disk.sync).saved();
  expect(disk.begun).toBe(0);
});

test('changes during a sync share the next one, which begins when it ends', async () => {
  const disk = new SlowDisk();
  const log = new LogSync(disk.sync);
  log.note();
  const first = log.saved();
  log.note();
  const second = log.saved();
  log.note();
  const third = log.saved();
  expect(disk.begun).toBe(1);
  disk.end(0);
  await first;
  expect(disk.begun).toBe(2);
  expect([await isSaved(second), await isSaved(third)]).toEqual([false, false]);
  disk.end(1);
  await Promise.all([second, third]);
  await log.saved();
  expect(disk.begun).toBe(2);
});

test('who changes nothing waits for what others changed before', async () => {
  const disk = new SlowDisk();
  const log = new LogSync(disk.sync);
  log.note();
  const writer = log.saved();
  const other = log.saved();
  expect(await isSaved(other)).toBe(false);
  disk.end(0);
  await writer;
  expect(disk.begun).toBe(2);
  disk.end(1);
  await other;
});

test('after a sync that failed, nothing is acknowledged any more', async () => {
  const disk = new SlowDisk();
  const log = new LogSync(disk.sync);
  log.note();
  const first = log.saved();
  const second = log.saved();
  disk.fail(0, new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await expect(second).rejects.toThrow('EIO');
  await expect(log.saved()).rejects.toThrow('EIO');
  expect(disk.begun).toBe(1);
});

test('every change of a store has to be synced, a refusal does not', async () => {
  const disk = new SlowDisk();
  const database = new DatabaseSync(':memory:');
  database.exec(TABLES);
  const { settings } = memoryStore();
  const log = { sync: disk.sync, [Symbol.dispose]: () => undefined };
  using store = new Store(':memory:', { database, log, isNew: true }, settings, new Map());
  const started = store.saved();
  disk.end(0);
  await started;
  refusal(() => make(store, 'subnets', { network_id: 'x' }));
  await store.saved();
  expect(disk.begun).toBe(1);
  make(store, 'networks', {});
  const saved = store.saved();
  expect(await isSaved(saved)).toBe(false);
  disk.fail(1, Object.assign(new Error('EIO: i/o error'), { code: 'EIO', errno: -5 }));
  await expect(saved).rejects.toMatchObject({ status: 503, type: 'ServiceUnavailable' });
});
