import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DerivedMap } from '../../src/layout/derived-map.ts';

const entries = fc.uniqueArray(fc.tuple(fc.integer(), fc.integer()), { selector: ([key]) => key });

test('A derived map is as the Map that it stands for', () => {
  fc.assert(
    fc.property(entries, fc.array(fc.integer()), (pairs, strangers) => {
      const map = new Map(pairs);
      const derived = new DerivedMap<number, number>(
        () => map.size,
        (visit) => map.forEach(visit),
      );
      const walked: [number, number][] = [];
      derived.forEach((value, key) => walked.push([key, value]));
      expect(walked).toEqual(pairs);
      expect(derived.size).toBe(map.size);
      for (const key of [...map.keys(), ...strangers]) {
        expect(derived.get(key)).toBe(map.get(key));
        expect(derived.has(key)).toBe(map.has(key));
      }
      expect([...derived]).toEqual(pairs);
      expect([...derived.entries()]).toEqual(pairs);
      expect([...derived.keys()]).toEqual([...map.keys()]);
      expect([...derived.values()]).toEqual([...map.values()]);
    }),
  );
});

test('A derived map copies nothing while it is only walked', () => {
  let walks = 0;
  const derived = new DerivedMap<number, string>(
    () => 1,
    (visit) => {
      walks++;
      visit('one', 1);
    },
  );
  derived.forEach(() => {});
  derived.forEach(() => {});
  expect(walks).toBe(2);
  expect([derived.get(1), derived.has(2)]).toEqual(['one', false]);
  expect(walks).toBe(3);
});
