// A disk that is full: a tmpfs of this sandbox's own.

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BuoyError } from '../../../src/errors.ts';
import { openStore } from '../../../src/intent/store/index.ts';
import { all, HOST, make, refusal } from '../../support/stores.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  directory = temporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', directory.path]);
});

afterEach(() => {
  execFileSync('umount', [directory.path]);
  directory[Symbol.dispose]();
});

/** Writes until there is no space left. */
function fill(): void {
  expect(() => writeFileSync(join(directory.path, 'ballast'), Buffer.alloc(1 << 20))).toThrow('ENOSPC');
}

test('a store that cannot be made leaves nothing behind', () => {
  fill();
  let error: unknown;
  try {
    openStore(join(directory.path, 'store.db'), { host: HOST });
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ name: 'BuoyError', code: 'BUOY_STORE_FULL' });
  expect(readdirSync(directory.path)).toEqual(['ballast']);
});

test('what cannot be written is refused, what was written before is there, and it goes on when there is space', async () => {
  const path = join(directory.path, 'store.db');
  {
    using store = openStore(path, { host: HOST });
    const before = make(store, 'networks', { name: 'before' }).id;
    const model = store.model();
    fill();
    const error = refusal(() => {
      for (;;) make(store, 'networks', { name: 'filling' });
    });
    expect(error).toMatchObject({ status: 503, type: 'ServiceUnavailable' });
    expect(error.cause).toBeInstanceOf(BuoyError);
    expect(error.cause).toMatchObject({ code: 'BUOY_STORE_FULL' });
    expect(store.show('networks', before)['name']).toBe('before');
    const count = all(store, 'networks').length;
    expect(store.model().networks.size).toBe(count);
    expect(model.networks.size).toBe(1);

    await rm(join(directory.path, 'ballast'));
    make(store, 'networks', { name: 'after' });
    expect(all(store, 'networks')).toHaveLength(count + 1);
  }
  using store = openStore(path, { host: HOST });
  expect(all(store, 'networks', { name: ['before', 'after'] })).toHaveLength(2);
});
