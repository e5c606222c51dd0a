// Texts that are no YAML, or more of it than an intent may be.

import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/intent/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { codesOf, errorsOf, unmark } from '../support/faults.ts';

describe('texts that cannot be read', () => {
  test.each<readonly [string, string, ErrorCode]>([
    ['a NUL byte', 'routers:\n  - name: a▶\u0000b\n', 'BUOY_FILE_NOT_TEXT'],
    ['an escape character', 'routers:\n  - name: ▶\u001b[31mred\n', 'BUOY_FILE_NOT_TEXT'],
    ['a C1 control character', 'routers: ▶\u009b\n', 'BUOY_FILE_NOT_TEXT'],
    ['a bracket that is not closed', 'routers: [{name: a}\n▶', 'BUOY_YAML_SYNTAX'],
    ['a bracket too many', 'routers: []▶]\n', 'BUOY_YAML_SYNTAX'],
    ['a quote that is not closed', 'routers:\n  - name: "a\n▶', 'BUOY_YAML_SYNTAX'],
    ['a tab as indentation', 'routers:\n▶\t- name: a\n', 'BUOY_YAML_SYNTAX'],
    ['a wrong escape', 'routers:\n  - name: "▶\\q"\n', 'BUOY_YAML_SYNTAX'],
    ['a mapping within a line', 'routers:\n  - name: ▶a: b\n', 'BUOY_YAML_SYNTAX'],
    ['a key that is no scalar', 'routers: []\n? ▶[a]\n: b\n', 'BUOY_YAML_SYNTAX'],
    ['an anchor', 'routers: &r ▶[]\n', 'BUOY_YAML_UNSUPPORTED'],
    ['an alias', 'routers: ▶*r\n', 'BUOY_YAML_UNSUPPORTED'],
    ['a merge key', 'routers:\n  - <<: ▶*base\n', 'BUOY_YAML_UNSUPPORTED'],
    ['a tag', 'routers: !!seq ▶[]\n', 'BUOY_YAML_UNSUPPORTED'],
    ['a tag of its own', 'routers: !!js/function ▶[]\n', 'BUOY_YAML_UNSUPPORTED'],
    ['a directive', '▶%YAML 1.1\n---\nrouters: []\n', 'BUOY_YAML_UNSUPPORTED'],
    ['a second document', 'routers: []\n▶---\nrouters: []\n', 'BUOY_YAML_UNSUPPORTED'],
    ['nothing', '▶', 'BUOY_INTENT_EMPTY'],
    ['only comments', '▶# routers:\n#  - name: a\n', 'BUOY_INTENT_EMPTY'],
    ['only a document start', '---▶\n', 'BUOY_INTENT_EMPTY'],
    ['null', '▶null\n', 'BUOY_INTENT_EMPTY'],
    ['an empty mapping', '▶{}\n', 'BUOY_INTENT_EMPTY'],
    ['no routers', '▶networks:\n  - {name: n, bridge: b}\n', 'BUOY_INTENT_EMPTY'],
    ['an empty list of routers', 'routers: ▶[]\n', 'BUOY_INTENT_EMPTY'],
    ['no list of routers', '▶routers:\n', 'BUOY_INVALID_VALUE'],
    ['a list', '▶- name: a\n', 'BUOY_INVALID_VALUE'],
    ['a word', '▶routers\n', 'BUOY_INVALID_VALUE'],
    ['a number', '▶12\n', 'BUOY_INVALID_VALUE'],
  ])('%s', (_, marked, code) => {
    const { text, positions } = unmark(marked, 'intent.yaml');
    const errors = errorsOf(() => parseYaml(text, 'intent.yaml'));
    expect(errors.slice(0, 1)).toMatchObject([{ code, position: positions[0] }]);
    expect(new Set(codesOf(errors))).toEqual(new Set([code]));
  });
});

test('a byte order mark and Windows line ends are no matter', () => {
  expect(parseYaml('\ufeffrouters:\r\n  - name: r\r\n', 'intent.yaml').routers.has('r')).toBe(true);
  const { text, positions } = unmark('routers:\r\n  - name: r\r\n    ▶x: 1\r\n', 'intent.yaml');
  expect(errorsOf(() => parseYaml(`\ufeff${text}`, 'intent.yaml'))).toMatchObject([{ position: positions[0] }]);
});

const MANY = 1_000_000;

describe('bombs end early, with a code', () => {
  test.each<readonly [string, string, ErrorCode]>([
    ['a million nested sequences in flow style', '['.repeat(MANY), 'BUOY_FILE_TOO_COMPLEX'],
    ['a million nested mappings in flow style', '{a: '.repeat(MANY), 'BUOY_FILE_TOO_COMPLEX'],
    ['a million nested sequences in block style', '- '.repeat(MANY), 'BUOY_FILE_TOO_COMPLEX'],
    ['a million nested keys', '? '.repeat(MANY), 'BUOY_FILE_TOO_COMPLEX'],
    [
      'mappings nested by indentation',
      Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
      'BUOY_FILE_TOO_COMPLEX',
    ],
    ['deep nesting inside of an intent', `routers:\n  - name: ${'['.repeat(MANY)}`, 'BUOY_FILE_TOO_COMPLEX'],
    ['a million brackets that close nothing', ']'.repeat(MANY), 'BUOY_YAML_SYNTAX'],
    ['a million lines', '\n'.repeat(MANY + 1), 'BUOY_FILE_TOO_COMPLEX'],
    ['a million documents', '---\n'.repeat(MANY), 'BUOY_YAML_UNSUPPORTED'],
    [
      'a million keys',
      Array.from({ length: MANY / 4 }, (_, index) => `k${index}: 1\n`).join(''),
      'BUOY_FILE_TOO_COMPLEX',
    ],
    ['a hundred thousand times the same key', 'a: 1\n'.repeat(MANY / 10), 'BUOY_DUPLICATE'],
    ['a million wrong escapes in one string', `a: "${'\\q'.repeat(MANY)}"`, 'BUOY_FILE_TOO_COMPLEX'],
    ['a hundred thousand missing commas', `[${'"a" '.repeat(MANY / 10)}]`, 'BUOY_YAML_SYNTAX'],
    ['laughter', laughs(), 'BUOY_YAML_UNSUPPORTED'],
    ['a very long key', `${'k'.repeat(MANY)}: 1`, 'BUOY_YAML_SYNTAX'],
    ['a very long value', `routers: ${'v'.repeat(MANY)}`, 'BUOY_INVALID_VALUE'],
  ])('%s', (_, text, code) => {
    const errors = errorsOf(() => parseYaml(text, 'intent.yaml'));
    expect(errors[0]?.code).toBe(code);
    expect(errors[0]?.position).toBeDefined();
    for (const { message } of errors) expect(message.length).toBeLessThan(400);
  });
});

/** Nine times the line before in each line: a billion in ten lines. */
function laughs(): string {
  const names = 'abcdefghij'.split('');
  const lines = names
    .slice(1)
    .map((name, index) => `${name}: &${name} [${Array<string>(9).fill(`*${names[index]}`).join(', ')}]`);
  return ['a: &a [ha, ha, ha]', ...lines].join('\n');
}
