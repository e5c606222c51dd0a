import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prefixContains } from '../../src/model/address.ts';
import { PrefixIndex } from '../../src/model/prefix-index.ts';
import { anyAddress, anyPrefix, crowdedPrefix } from './arbitraries.ts';

test('the index finds the prefixes that a look at each one finds', () => {
  const prefixes = fc.array(fc.oneof(crowdedPrefix, anyPrefix), { maxLength: 30 });
  fc.assert(
    fc.property(prefixes, fc.array(anyAddress), (all, addresses) => {
      const index = new PrefixIndex<number>();
      for (const [number, prefix] of all.entries()) index.add(prefix, number);
      for (const address of [...addresses, ...all.map((prefix) => prefix.address)]) {
        const found = [...index.containing(address)].sort((a, b) => a - b);
        const expected = all.flatMap((prefix, number) => (prefixContains(prefix, address) ? [number] : []));
        expect(found).toEqual(expected);
        expect(index.find(address) !== undefined).toBe(expected.length > 0);
      }
    }),
  );
});
