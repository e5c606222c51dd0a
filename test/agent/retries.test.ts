import { expect, test } from 'vitest';
import { Retries } from '../../src/agent/retries.ts';
import { parseNamespaceName } from '../../src/model/names.ts';
import { must } from '../support/must.ts';

function router(name: string | number) {
  return must(parseNamespaceName(`qrouter-${name}`));
}

test('more than ten repairs in ten seconds are a fight, which waits', () => {
  const retries = new Retries(() => 0.5);
  const disturbances = Array.from({ length: 12 }, (_, index) => retries.disturb(router('a'), index * 100));
  expect(disturbances).toEqual([...Array.from({ length: 10 }, () => false), true, true]);
  expect(retries.isDue(router('a'), 1200)).toBe(false);
  expect(retries.disturb(router('a'), 20_000)).toBe(false);
});

test('of routers that others disturbed and that are gone since, nothing is kept', () => {
  const retries = new Retries(() => 0.5);
  for (let index = 0; index < 1000; index++) {
    retries.disturb(router('steady'), index * 1000);
    retries.disturb(router(index), index * 1000);
  }
  // The one that goes on, and the last ten seconds of the others.
  expect(retries.size).toBe(11);
});
