import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf } from '../../src/api/auth/client-address.ts';
import { TokenBuckets } from '../../src/api/auth/token-bucket.ts';
import { parseTokens, readTokenFile } from '../../src/api/auth/token-file.ts';
import { findToken, generateToken, tokenLine } from '../../src/api/auth/token.ts';

describe('tokens', () => {
  test('a token is found by its text, and nothing else finds it', () => {
    const [alice, bob] = [generateToken(), generateToken()];
    const records = parseTokens(
      `# who may\n\n${tokenLine('alice', 'write', alice)}\n  ${tokenLine('bob', 'read', bob)}  \n`,
      'tokens',
    );
    expect(findToken(records, alice)).toMatchObject({ name: 'alice', scope: 'write' });
    expect(findToken(records, bob)).toMatchObject({ name: 'bob', scope: 'read' });
    for (const wrong of ['', 'buoy_', alice.slice(0, -1), `${alice}x`, alice.toUpperCase(), generateToken()])
      expect(findToken(records, wrong)).toBeUndefined();
  });

  test('what is kept does not tell the token', () => {
    const token = generateToken();
    expect(token).toMatch(/^buoy_[\w-]{43}$/);
    expect(tokenLine('alice', 'read', token)).toMatch(/^alice read sha256:[0-9a-f]{64}$/);
  });

  test.each([
    ['a line that is none', 'alice write', 1],
    ['a token in the place of its hash', `ok read sha256:${'0'.repeat(64)}\nalice write buoy_secret`, 2],
    ['a scope that there is none of', `alice admin sha256:${'0'.repeat(64)}`, 1],
    ['a name twice', `a read sha256:${'0'.repeat(64)}\n\na write sha256:${'1'.repeat(64)}`, 3],
  ])('a file with %s is refused', (_what, text, line) => {
    expect(() => parseTokens(text, 'tokens')).toThrow(
      expect.objectContaining({ code: 'BUOY_API_TOKENS', position: { file: 'tokens', line, column: 1 } }),
    );
    expect(() => parseTokens(text, 'tokens')).not.toThrow(/secret/);
  });
});

describe('token files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'buoy-tokens-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is read if nobody else may write it', async () => {
    const path = join(folder, 'tokens');
    await writeFile(path, tokenLine('alice', 'write', generateToken()), { mode: 0o640 });
    expect(await readTokenFile(path)).toHaveLength(1);
    await chmod(path, 0o660);
    await expect(readTokenFile(path)).rejects.toMatchObject({ code: 'BUOY_API_TOKENS' });
  });

  test('one that is not there is refused', async () => {
    await expect(readTokenFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'BUOY_API_TOKENS' });
  });
});

describe('rates', () => {
  test('ten seconds’ worth at once, then as many as the rate', () => {
    let now = 0;
    const buckets = new TokenBuckets(2, () => now);
    const takeAll = (client: string): number => {
      let taken = 0;
      while (buckets.take(client) === 0) taken += 1;
      return taken;
    };
    expect(takeAll('a')).toBe(20);
    expect(takeAll('b')).toBe(20);
    expect(buckets.take('a')).toBe(1);
    now += 1500;
    expect(takeAll('a')).toBe(3);
    now += 1_000_000;
    expect(takeAll('a')).toBe(20);
  });

  test('a slow rate says how long to wait', () => {
    const buckets = new TokenBuckets(0.1, () => 0);
    expect(buckets.take('a')).toBe(0);
    expect(buckets.take('a')).toBe(10);
  });

  test('as many clients as there are addresses take bounded memory', () => {
    const buckets = new TokenBuckets(0.1, () => 0);
    buckets.take('first');
    for (let index = 0; index < 10_000; index += 1) buckets.take(`client ${index}`);
    expect(buckets.take('first')).toBe(0);
    expect(buckets.take('client 9999')).toBe(10);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
  ['2001:db8::5', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
])('%s is counted as %s', (address, client) => {
  expect(clientOf(address)).toBe(client);
});
