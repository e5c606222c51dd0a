// The demo from its beginning to its end.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { runDemo } from '../../src/playground/index.ts';
import type { DemoOptions } from '../../src/playground/index.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';

let told: string;

const options: DemoOptions = {
  intentFile: 'examples/quickstart.yaml',
  intent: { format: 'yaml' },
  write: (text) => (told += text),
  color: false,
  verbose: false,
  inSandbox: true,
};

beforeEach(() => {
  told = '';
  // Where a demo was run, its bridges are left; a user's sandbox ends with the demo.
  enterFreshNamespace();
});

test('everything holds, and is told in this order', async () => {
  expect(await runDemo(options)).toEqual({ ok: true });
  expect(told).toMatch(/\nAll \d+ checks held\./);
  expect(told).not.toContain('✗');
  expect(told.match(/^(?! )\p{L}.*?(?=  |$)/gmu)).toEqual([
    'examples/quickstart.yaml',
    "The playground is a sandbox: nothing in it reaches this machine's own network. Its bridges,",
    'The plan',
    'Packets',
    'The same again',
    'A floating IP moves',
    'All of it goes',
    expect.stringMatching(/^All \d+ checks held\./),
  ]);
  expect(told).toContain('\n  ✓ 0 operations to do: ');
  expect(told).toMatch(
    /\n {2}in by floating IP {14}outside {2}203\.0\.113\.101 → blue-1 {3}203\.0\.113\.1 {4}3\/3 {3}3\/3 {2}3\/3 {2}✓\n/,
  );
  for (const line of told.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
  expect(readdirSync('/run/netns')).toEqual([]);
});

test('with colours it says the same', async () => {
  const withoutTimes = (text: string) => text.replaceAll(/[\d.]+ m?s\b/g, 'a while');
  await runDemo(options);
  const plain = told;
  told = '';
  enterFreshNamespace();
  await runDemo({ ...options, color: true });
  expect(told).toContain('\u001b[');
  expect(withoutTimes(stripVTControlCharacters(told))).toBe(withoutTimes(plain));
});

test('verbose, it tells every operation of the plan', async () => {
  await runDemo({ ...options, verbose: true });
  expect(told).toMatch(/\n {4}\+ element floating 203\.0\.113\.101 : 10\.0\.0\.10\n/);
  expect(told).toMatch(/\n {4}\+ rule 32768: from all fwmark \S+ lookup 16\n/);
});

test('packets that do not come out as they should make it fail, and are named', async () => {
  const sabotage = (text: string): void => {
    told += text;
    if (!text.includes('Packets')) return;
    const links = execFileSync('ip', ['-n', 'qrouter-green', '-brief', 'link'], { encoding: 'utf8' });
    execFileSync('ip', ['-n', 'qrouter-green', 'link', 'set', /^rfp-[^@\s]*/m.exec(links)?.[0] ?? '', 'down']);
  };
  expect(await runDemo({ ...options, write: sabotage })).toEqual({ ok: false });
  expect(told).toMatch(
    /\n {2}out by floating IP +green-1 .* ✗ ICMP did not arrive; TCP did not arrive; UDP did not arrive\n/,
  );
  expect(told).toMatch(/\n {2}✗ [1-9]\d* operations? to do: /);
  expect(told).toMatch(/\n\d+ of \d+ checks did not hold\./);
});

describe('outside of a sandbox', () => {
  test('it is refused to a caller that knows of none', async () => {
    await expect(runDemo({ ...options, inSandbox: false })).rejects.toMatchObject({ code: 'BUOY_NOT_IN_SANDBOX' });
    expect(told).toBe('');
  });

  test('it is refused where a device is in use', async () => {
    execFileSync('ip', ['link', 'add', 'uplink', 'up', 'type', 'bridge']);
    await expect(runDemo(options)).rejects.toThrow('the network has devices in use: uplink');
    expect(told).toBe('');
  });
});
