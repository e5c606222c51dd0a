import { expect, test } from 'vitest';
import type { Reading } from '../../prove/leaks/verdict.ts';
import { judge } from '../../prove/leaks/verdict.ts';

const CYCLES = 10_000;
const MEMORY = { heap: 8e6, resident: 2e8, slab: 1e8 };
const before: Reading = { held: new Map([['threads', 9]]), memory: MEMORY };

test('what is back where it was is no leak, nor is memory that comes and goes', () => {
  const after = { ...before, memory: { heap: 8.5e6, resident: 2.05e8, slab: 0.9e8 } };
  expect(judge(before, after, CYCLES).leaks).toEqual([]);
});

test('one object more is a leak, whatever the number of cycles', () => {
  const after = { ...before, held: new Map([['threads', 10]]) };
  expect(judge(before, after, CYCLES).leaks).toEqual([
    'threads: 10 after 10,000 cycles, 9 before; 0 more were allowed',
  ]);
});

test.each([
  ['heap', 'the addresses of one router', 300],
  ['resident', 'a message buffer', 4096],
  ['slab', 'a device', 4096],
] as const)('%s: %s a cycle is a leak', (kind, _what, bytes) => {
  const after = { ...before, memory: { ...MEMORY, [kind]: MEMORY[kind] + bytes * CYCLES } };
  expect(judge(before, after, CYCLES).leaks).toHaveLength(1);
});
