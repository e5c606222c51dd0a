import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonSyntaxError, placesInJson } from '../../src/intent/json-text.ts';
import type { Path } from '../../src/model/problem.ts';
import { must } from '../support/must.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function walks(text: string): boolean {
  try {
    placesInJson(text, []);
    return true;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(text.length);
    return false;
  }
}

/** All paths in a value, with what is there. */
function pathsOf(value: unknown, path: Path = []): readonly { path: Path; value: unknown }[] {
  const members: readonly [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item])
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [{ path, value }, ...members.flatMap(([step, member]) => pathsOf(member, [...path, step]))];
}

test('every value is found where its text begins', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const parts = pathsOf(value);
      const places = placesInJson(
        text,
        parts.map(({ path }) => path),
      );
      for (const { path, value: part } of parts) {
        const place = must(places.get(path));
        const rest = text.slice(place.value);
        // Indented by less, but otherwise the same.
        const own = JSON.stringify(part);
        expect(rest.replaceAll(/\s/g, '').startsWith(own.replaceAll(/\s/g, ''))).toBe(true);
        const step = path.at(-1);
        if (typeof step === 'string') expect(text.slice(place.key).startsWith(JSON.stringify(step))).toBe(true);
      }
    }),
  );
});

test('a path that is not there has the place of what is around it', () => {
  const text = '{"a": [1, {"b": 2}]}';
  const paths: Path[] = [['a', 1, 'c', 'd'], ['x'], ['a', 7]];
  const places = placesInJson(text, paths);
  expect(paths.map((path) => places.get(path)?.value)).toEqual([10, 0, 6]);
});

test('exactly what JSON.parse refuses is refused', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ue0129.-+ \ntfn\u0001é'.split('')), maxLength: 4 });
  const broken = fc.tuple(fc.jsonValue(), fc.nat(200), fc.nat(3), noise).map(([value, at, less, more]) => {
    const text = JSON.stringify(value);
    return text.slice(0, at) + more + text.slice(at + less);
  });
  fc.assert(
    fc.property(fc.oneof(broken, noise, fc.string({ unit: 'binary' })), (text) => {
      expect(walks(text)).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['{"a": 1,}', 8, 'a key in double quotes'],
  ['[1 2]', 3, '"," or "]"'],
  ['{"a" 1}', 5, '":"'],
  ['[1', 2, '"," or "]"'],
  ['{"a": tru}', 6, 'a value'],
  ['"a\nb"', 2, 'the end of the string'],
  ['[] []', 3, 'the end'],
])('%j fails at %d', (text, offset, expected) => {
  expect(() => placesInJson(text, [])).toThrow(
    expect.objectContaining({ offset, message: expect.stringContaining(expected) }),
  );
});

test('nesting to any depth and long strings do not exhaust the stack', () => {
  const deep = `${'['.repeat(1_000_000)}1${']'.repeat(1_000_000)}`;
  expect(placesInJson(deep, [[0, 0]]).size).toBe(1);
  expect(walks('{"a":'.repeat(1_000_000))).toBe(false);
  expect(walks(`"${'a\\n'.repeat(1_000_000)}"`)).toBe(true);
});
