// Statements become expressions and come back; nothing else comes back as a statement.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../src/host/ruleset.ts';
import type { Expression } from '../../../src/netlink/nftables/expressions/expression.ts';
import { compile, recognise } from '../../../src/netlink/nftables/statements.ts';
import { linkName } from './example.ts';

const setName = fc.stringMatching(/^[a-z][a-z0-9_-]{0,30}$/);
const interfaceName = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/).map(linkName);

const statement = fc.oneof<fc.Arbitrary<Statement>[]>(
  fc.record({
    kind: fc.constant('interface'),
    direction: fc.constantFrom('in', 'out'),
    name: interfaceName,
  }),
  fc.record({ kind: fc.constantFrom('source-in-set', 'destination-in-set'), set: setName }),
  fc.record({ kind: fc.constant('set-mark-bits'), bits: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constantFrom('destination-nat', 'source-nat'), map: setName }),
  fc.record({ kind: fc.constant('notrack') }),
);

const compileAll = (statements: readonly Statement[]) => statements.flatMap((each) => compile(each));

test('what is compiled is recognised', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 6 }), (statements) => {
      expect(recognise(compileAll(statements))).toEqual(statements);
    }),
  );
});

test('a statement with any other value in any field is not taken for it', () => {
  const change = (expression: Expression, field: string): unknown =>
    Object.fromEntries(
      Object.entries(expression).map(([key, value]) => {
        if (key !== field) return [key, value];
        return [key, typeof value === 'number' ? value + 1 : `${value}00`];
      }),
    );
  fc.assert(
    fc.property(statement, fc.nat(), fc.nat(), (original, pick, pickField) => {
      const expressions = compile(original);
      const at = pick % expressions.length;
      const fields = Object.keys(expressions[at] ?? {}).filter((field) => field !== 'name');
      fc.pre(fields.length > 0);
      const changed: unknown[] = [...expressions];
      const target = expressions[at];
      if (target !== undefined) changed[at] = change(target, fields[pickField % fields.length] ?? '');
      // @ts-expect-error -- made from an expression, but the type cannot know
      expect(recognise(changed)).not.toEqual([original]);
    }),
  );
});

describe('what no statement says', () => {
  test('becomes the names of its expressions, in its place', () => {
    expect(
      recognise([
        { name: 'unknown', text: 'counter' },
        { name: 'notrack' },
        { name: 'unknown', text: 'log' },
        { name: 'unknown', text: 'queue' },
      ]),
    ).toEqual([{ kind: 'unknown', text: 'counter' }, { kind: 'notrack' }, { kind: 'unknown', text: 'log queue' }]);
  });

  test('takes nothing of a statement with it', () => {
    const [load, , set] = compile({ kind: 'set-mark-bits', bits: 1 });
    expect(load).toBeDefined();
    expect(set).toBeDefined();
    if (load === undefined || set === undefined) return;
    expect(recognise([load, set, ...compile({ kind: 'set-mark-bits', bits: 2 })])).toEqual([
      { kind: 'unknown', text: 'meta meta' },
      { kind: 'set-mark-bits', bits: 2 },
    ]);
  });

  test.each<[string, Expression[]]>([
    [
      'a comparison with the beginning of a name',
      [
        { name: 'meta', key: 6, destination: 1 },
        { name: 'cmp', source: 1, operator: 0, value: Buffer.from('rfp-').toString('hex') },
      ],
    ],
    [
      'a lookup that is inverted',
      [
        { name: 'payload', destination: 1, base: 1, offset: 12, length: 4 },
        { name: 'lookup', source: 1, set: 'marked', flags: 1 },
      ],
    ],
    [
      'NAT by the wrong address',
      [
        { name: 'payload', destination: 1, base: 1, offset: 12, length: 4 },
        { name: 'lookup', source: 1, destination: 1, set: 'floating', flags: 0 },
        { name: 'nat', type: 1, family: 2, firstAddress: 1, lastAddress: 1, flags: 1 },
      ],
    ],
    [
      'NAT to random ports',
      [
        { name: 'payload', destination: 1, base: 1, offset: 12, length: 4 },
        { name: 'lookup', source: 1, destination: 1, set: 'fixed', flags: 0 },
        { name: 'nat', type: 0, family: 2, firstAddress: 1, lastAddress: 1, flags: 5 },
      ],
    ],
    [
      'a mark of two bytes',
      [
        { name: 'meta', key: 3, destination: 1 },
        { name: 'bitwise', source: 1, destination: 1, operation: 0, length: 2, mask: 'efff', xor: '1000' },
        { name: 'meta', key: 3, source: 1 },
      ],
    ],
  ])('%s', (_what, expressions) => {
    expect(recognise(expressions)).toEqual([
      { kind: 'unknown', text: expressions.map((expression) => expression.name).join(' ') },
    ]);
  });

  test('cannot be written', () => {
    expect(() => compile({ kind: 'unknown', text: 'counter log' })).toThrow('counter log');
  });
});
