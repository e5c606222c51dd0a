import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { offerCollector } from '../../bin/garbage.js';
import { GarbageAfterWork } from '../../src/sys/garbage.ts';

const collected = vi.fn<() => void>();
let garbage: GarbageAfterWork;

beforeEach(() => {
  vi.useFakeTimers();
  collected.mockClear();
  garbage = new GarbageAfterWork(collected);
});

afterEach(() => {
  garbage[Symbol.dispose]();
  vi.useRealTimers();
});

test('is collected once much work has come to rest', () => {
  for (let piece = 0; piece < 1000; piece++) {
    garbage.worked(1);
    vi.advanceTimersByTime(10);
  }
  expect(collected).not.toHaveBeenCalled();
  vi.advanceTimersByTime(3000);
  expect(collected).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(collected).toHaveBeenCalledTimes(1);
});

test('of a little work is left', () => {
  for (let piece = 0; piece < 100; piece++) garbage.worked(1);
  vi.advanceTimersByTime(60_000);
  expect(collected).not.toHaveBeenCalled();
});

test('is not collected after the end', () => {
  garbage.worked();
  garbage[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(collected).not.toHaveBeenCalled();
});

test('is collected by V8', async () => {
  vi.useRealTimers();
  const { promise, resolve } = Promise.withResolvers<void>();
  const registry = new FinalizationRegistry(() => resolve());
  registry.register({}, undefined);
  offerCollector();
  await new Promise(setImmediate);
  globalThis.collectGarbage?.();
  await promise;
});
