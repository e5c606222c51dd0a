import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../../src/kernel/linux/index.ts';

let path: string;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'buoy-lock-')), 'lock');
});

test('a lock that is held is refused with its holder’s words', async () => {
  using held = await takeLock({ path, holder: 'buoy apply a.yaml', waitMs: 0 });
  expect(held.number).toBeGreaterThan(2);
  const waited: string[] = [];
  const second = takeLock({ path, holder: 'buoy destroy', waitMs: 150, onWait: (holder) => waited.push(holder) });
  await expect(second).rejects.toThrow(`another Buoy is changing this host: buoy apply a.yaml (pid ${process.pid})`);
  expect(waited).toEqual([`buoy apply a.yaml (pid ${process.pid})`]);
});

test('the second waits until the first is done', async () => {
  const first = await takeLock({ path, holder: 'first', waitMs: 0 });
  let released = false;
  const second = takeLock({
    path,
    holder: 'second',
    waitMs: 60_000,
    onWait: () => {
      released = true;
      first[Symbol.dispose]();
    },
  });
  using held = await second;
  expect(released).toBe(true);
  expect(held.number).toBeGreaterThan(2);
});

test('a lock can be taken again by who has let go of it', async () => {
  for (let round = 0; round < 3; round++) {
    using held = await takeLock({ path, holder: `round ${round}`, waitMs: 0 });
    expect(held.number).toBeGreaterThan(2);
  }
});
