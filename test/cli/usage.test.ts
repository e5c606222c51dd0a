// Command lines that are wrong, options that all commands share, and how errors come out.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/errors.ts';
import { helpTexts } from '../../scripts/help-texts.ts';
import { buoy, json, run } from './buoy.ts';

describe('help', () => {
  const [inner, outer] = [true, false].map((isInner) =>
    [...helpTexts()].filter(([name]) => name.includes(' ') === isInner),
  );

  test('of commands under others is what docs/agent-commands.md shows', () => {
    const page = readFileSync('docs/agent-commands.md', 'utf8');
    for (const [, text] of inner ?? []) expect(page).toContain(text);
    expect(buoy('floating-ip', 'create', '--help').out).toBe(helpTexts().get('floating-ip create'));
  });

  test.each(outer ?? [])('of `buoy %s` is what docs/cli.md shows', (command, text) => {
    const shown = buoy(...(command === '' ? [] : [command]), '--help');
    expect(shown).toEqual({ exit: 0, out: text, err: '' });
    expect(readFileSync('docs/cli.md', 'utf8')).toContain(text);
  });

  test('fits 100 columns, and has examples', () => {
    for (const text of helpTexts().values()) {
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(text).toContain('Examples:');
    }
  });

  test('is what `buoy` alone prints, as an error', () => {
    expect(buoy()).toEqual({ exit: 3, out: '', err: helpTexts().get('') });
  });
});

test('--version prints that of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(buoy('--version')).toEqual({ exit: 0, out: `${version}\n`, err: '' });
});

describe('a wrong command line', () => {
  test.each([
    [['aply', 'net.yaml'], "unknown command 'aply' (Did you mean apply?)"],
    [['plan'], "missing required argument 'file'"],
    [['plan', '--jsn', 'net.yaml'], "unknown option '--jsn' (Did you mean --json?)"],
    [
      ['show', '--instance', 'a/b'],
      "option '--instance <name>' argument 'a/b' is invalid. Use 1 to 32 letters, digits, `-`, `_` or `.`.",
    ],
    [
      ['show', '--instance', 'x'.repeat(33)],
      `option '--instance <name>' argument '${'x'.repeat(33)}' is invalid. Use 1 to 32 letters, digits, \`-\`, \`_\` or \`.\`.`,
    ],
    [
      ['destroy', '--lock-wait', 'soon'],
      "option '--lock-wait <seconds>' argument 'soon' is invalid. Use a number of seconds, up to 86400 (a day).",
    ],
    [
      ['destroy', '--lock-wait', '86401'],
      "option '--lock-wait <seconds>' argument '86401' is invalid. Use a number of seconds, up to 86400 (a day).",
    ],
    [
      ['plan', 'x', '--bridge', 'br-ex'],
      "option '--bridge <network=bridge>' argument 'br-ex' is invalid. Use NETWORK_ID=BRIDGE, where BRIDGE is a device name of 1 to 15 bytes.",
    ],
    [
      ['show', '--color', 'often'],
      "option '--color <when>' argument 'often' is invalid. Allowed choices are auto, always, never.",
    ],
    [
      ['validate', 'test/cli/intents/net.yaml', '--host', 'h'],
      '--host is for --format neutron-routers: an intent in YAML says itself which bridges there are',
    ],
  ])('%j', (args, message) => {
    expect(buoy(...args)).toEqual({
      exit: 3,
      out: '',
      err: `buoy: ${message}\n  BUOY_USAGE: ${CATALOGUE.BUOY_USAGE.remedy}\n`,
    });
  });

  test('is JSON for who asked for JSON', () => {
    const shown = buoy('status', '--json', '--jsn');
    expect(shown).toMatchObject({ exit: 3, err: '' });
    expect(json(shown)).toEqual({
      errors: [
        {
          code: 'BUOY_USAGE',
          message: "unknown option '--jsn' (Did you mean --json?)",
          remedy: CATALOGUE.BUOY_USAGE.remedy,
        },
      ],
    });
  });
});

describe('colours', () => {
  const escape = '\u001b[';

  test('are there when asked for, and not in a pipe', () => {
    expect(buoy('errors', '--color', 'always').out).toContain(escape);
    expect(buoy('errors').out).not.toContain(escape);
    expect(buoy('validate', 'nowhere.yaml', '--color', 'always').err).toContain(escape);
  });

  test.each([
    ['a terminal', 'TERM=xterm', true],
    ['a terminal where NO_COLOR is set', 'TERM=xterm NO_COLOR=1', false],
    ['a terminal that knows none', 'TERM=dumb', false],
  ])('on %s', (_where, environment, colored) => {
    const { out } = run(
      'script',
      '--quiet',
      '--command',
      `env ${environment} ${process.execPath} bin/buoy.js errors`,
      '/dev/null',
    );
    expect(out).toContain('BUOY_INTERNAL');
    expect(out.includes(escape)).toBe(colored);
  });
});

describe('errors', () => {
  test('explains a code', () => {
    const { summary, remedy } = CATALOGUE.BUOY_LOCKED;
    expect(buoy('errors', 'BUOY_LOCKED')).toEqual({
      exit: 0,
      out: `BUOY_LOCKED (exit code 6)\n  ${summary}\n  ${remedy}\n`,
      err: '',
    });
  });

  test('has all of them as JSON', () => {
    expect(json(buoy('errors', '--json'))).toEqual(
      Object.entries(CATALOGUE).map(([code, entry]) => ({ code, ...entry })),
    );
  });

  test('knows no others', () => {
    expect(buoy('errors', 'BUOY_NONE')).toMatchObject({
      exit: 3,
      err: expect.stringContaining("'BUOY_NONE' is invalid"),
    });
  });
});

test('a pipe that is closed early is no error', () => {
  const shown = run(
    'bash',
    '-c',
    `${process.execPath} bin/buoy.js errors --json | head -n 1; echo "\${PIPESTATUS[0]}"`,
  );
  expect(shown).toEqual({ exit: 0, out: '[\n0\n', err: '' });
});
