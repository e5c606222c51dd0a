import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findToken } from '../../src/api/auth/token.ts';
import { parseTokens } from '../../src/api/auth/token-file.ts';
import { buoy } from './buoy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'buoy-token-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a token that is added to a file is known there, and its hash alone', () => {
  const file = join(folder, 'tokens');
  const first = buoy('token', 'prometheus', '--scope', 'read', '--file', file);
  const second = buoy('token', 'alice@example.com', '--file', file);
  const text = readFileSync(file, 'utf8');
  const records = parseTokens(text, file);
  expect(findToken(records, first.out.trim())).toMatchObject({ name: 'prometheus', scope: 'read' });
  expect(findToken(records, second.out.trim())).toMatchObject({ name: 'alice@example.com', scope: 'write' });
  expect(text).not.toContain(first.out.trim());
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test('names that a file cannot have, and files that cannot be written, are refused', () => {
  expect(buoy('token', 'a b')).toMatchObject({ exit: 3, err: expect.stringContaining('BUOY_USAGE') });
  expect(buoy('token', 'a', '--file', join(folder, 'none/tokens'))).toMatchObject({
    err: expect.stringContaining('BUOY_API_TOKENS'),
  });
});
