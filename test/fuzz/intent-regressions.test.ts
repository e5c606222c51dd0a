// Texts that once took more memory, stack or time than there is.

import { describe, expect, test } from 'vitest';
import { parseNeutronRouters, parseYaml } from '../../src/intent/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { errorsOf } from '../support/faults.ts';

const MILLION = 1_000_000;

function list(member: string, count: number): string {
  return `[${`${member},`.repeat(count)}${member}]`;
}

describe("bombs in Neutron's list end early, with a code", () => {
  test.each<readonly [string, string, ErrorCode]>([
    ['sixteen million values', list('{}', 16 * MILLION), 'BUOY_FILE_TOO_COMPLEX'],
    ['sixteen million brackets', '['.repeat(16 * MILLION), 'BUOY_FILE_TOO_COMPLEX'],
    ['a million wrong routers', list('{}', MILLION), 'BUOY_MISSING_KEY'],
    ['a million numbers', list('0', MILLION), 'BUOY_INVALID_VALUE'],
    ['a million wrong interfaces', `[{"id": "a", "_interfaces": ${list('{}', MILLION)}}]`, 'BUOY_MISSING_KEY'],
    ['lists in lists', '['.repeat(MILLION) + ']'.repeat(MILLION), 'BUOY_INVALID_VALUE'],
  ])('%s', (_, text, code) => {
    const errors = errorsOf(() => parseNeutronRouters(text, 'routers.json', { host: 'h' }));
    expect(errors.map((error) => error.code)).toContain(code);
    expect(errors.length).toBeLessThanOrEqual(101);
  });
});

test('wrong members beyond counting exhausted the stack', () => {
  const many = list('{}', 200_000);
  expect(errorsOf(() => parseYaml(`routers: [{name: a, interfaces: ${many}}]`, 'net.yaml'))).toMatchObject([
    { code: 'BUOY_INVALID_VALUE', subject: 'routers[0].interfaces' },
  ]);
});

test('ten thousand unknown keys are reported and the rest is read', () => {
  const members = Array.from({ length: 10_000 }, (_, index) => `{subnet_id: a, b${index}: 1}`);
  const errors = errorsOf(() => parseYaml(`routers: [{name: a, interfaces: [${members.join(', ')}]}]`, 'net.yaml'));
  expect(errors[0]).toMatchObject({ code: 'BUOY_UNKNOWN_KEY', subject: 'routers[0].interfaces[0].b0' });
  expect(errors).toHaveLength(101);
});
