import { expect, test } from 'vitest';
import { nearest } from '../../src/intent/nearest.ts';

test.each([
  ['brigde', ['mtu', 'bridge', 'bridges'], 'bridge'],
  ['bridges', ['bridge', 'bridges'], 'bridges'],
  ['Subnet_Id', ['subnet_id', 'network_id'], 'subnet_id'],
  ['nmae', ['mac', 'name'], 'name'],
  ['colour', ['mtu', 'bridge', 'name'], undefined],
  ['x', ['y', 'yy'], 'y'],
  ['x', ['abc'], undefined],
  ['', ['abc'], undefined],
  ['a'.repeat(100), ['a'.repeat(99)], undefined],
])('%j of %j is %j', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant);
});
