// Whatever a file says: a Model, or errors with codes. Never anything else, and never half a Model.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse as loadYaml } from 'yaml';
import { describe, expect, test } from 'vitest';
import { parseNeutronRouters, parseYaml } from '../../src/intent/index.ts';
import type { Model } from '../../src/model/model.ts';
import { decodeUtf8 } from '../../src/intent/source-text.ts';
import { checkHandled } from '../fuzz/intent.ts';
import { errorsOf } from '../support/faults.ts';

type Parse = (text: string) => Model;
const yaml: Parse = (text) => parseYaml(text, 'fuzz');
const neutron: Parse = (text) => parseNeutronRouters(text, 'fuzz', { host: 'labhost' });

const QUICKSTART = readFileSync('examples/quickstart.yaml', 'utf8');
const ROUTERS = readFileSync('test/fixtures/neutron/dvr-openvswitch-routers.json', 'utf8');

/** A text with a few of its parts cut out, doubled, moved or replaced. */
function mutated(text: string, words: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(text.length),
    length: fc.oneof(fc.nat(3), fc.nat(60)),
    by: fc.oneof(fc.constant(''), fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 4 })),
    copyFrom: fc.option(fc.nat(text.length)),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((before, { at, length, by, copyFrom }) => {
      const inserted = copyFrom === null ? by : before.slice(copyFrom, copyFrom + length);
      return before.slice(0, at) + inserted + before.slice(at + (copyFrom === null ? length : 0));
    }, text),
  );
}

/** Single characters, and words between them at which a parser may stumble. */
const YAML_WORDS = [
  ...':-?[]{},#&*!|>\'"%@`~\n\t\\'.split(''),
  ...'null|{}|[]|- |: |? |---\n|<<: |&a |*a|!!str |0|-1|1e9|.inf|blue|public|name: |__proto__: '.split('|'),
  ...'10.0.0.0/24 203.0.113.255 ::1'.split(' '),
];
const JSON_WORDS = [
  ...':[]{},"\\'.split(''),
  ...'null true {} [] 0 -1 1e999 "10.20.0.0" "203.0.113.1" "labhost" "::" "__proto__":1,'.split(' '),
];

describe.each<readonly [string, Parse, string, readonly string[]]>([
  ['YAML', yaml, QUICKSTART, YAML_WORDS],
  ["Neutron's list", neutron, ROUTERS, JSON_WORDS],
])('%s', (_, parse, sample, words) => {
  test('of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        checkHandled((text) => parse(text), Buffer.from(bytes).toString('latin1'));
        const errors = errorsOf(() => parse(decodeUtf8(bytes, 'fuzz')));
        expect(errors.length).toBeGreaterThan(0);
      }),
    );
  });

  test('of random words', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => {
        checkHandled(parse, parts.join(''));
      }),
      { numRuns: 500 },
    );
  });

  test('with mutations', () => {
    fc.assert(
      fc.property(mutated(sample, words), (text) => {
        checkHandled(parse, text);
      }),
      { numRuns: 500 },
    );
  });

  test('cut off anywhere is never taken for less', () => {
    const whole = parse(sample);
    fc.assert(
      fc.property(fc.nat(sample.length), (length) => {
        const text = sample.slice(0, length);
        checkHandled(parse, text);
        // YAML has no end mark, so a part of it may be an intent; but never one without routers.
        if (errorsOf(() => parse(text)).length === 0) expect(parse(text).routers.size).toBeGreaterThan(0);
      }),
    );
    expect(whole.routers.size).toBeGreaterThan(0);
  });
});

/** All paths in a value but that of the whole. */
function pathsIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => [
    [key],
    ...pathsIn(member).map((path) => [key, ...path]),
  ]);
}

/** The value with another one at a path, or without what is there. */
function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (String(index) === key ? replaced(item, rest, by) : item));
  }
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, by) };
}

const LEAVES = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1500,
    2 ** 53,
    '',
    'blue',
    'public',
    'labhost',
    [],
    {},
    [[]],
  ),
  fc.constantFrom(
    '10.0.0.0/24',
    '10.0.0.1',
    '203.0.113.0/24',
    '203.0.113.1',
    '203.0.113.101',
    '10.20.0.1',
    '::',
    '0.0.0.0/0',
  ),
  fc.string({ unit: 'binary' }),
);

describe.each<readonly [string, Parse, unknown]>([
  ['YAML', yaml, loadYaml(QUICKSTART)],
  ["Neutron's list", neutron, JSON.parse(ROUTERS)],
])('%s', (_, parse, sample) => {
  test('with any other value anywhere', () => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...pathsIn(sample)), LEAVES), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(changes, (list) => {
        const value = list.reduce((before, [path, by]) => replaced(before, path, by), sample);
        checkHandled(parse, JSON.stringify(value));
      }),
      { numRuns: 1000 },
    );
  });
});
