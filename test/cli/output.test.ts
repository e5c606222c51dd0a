import { describe, expect, test } from 'vitest';
import { BuoyError, BuoyErrors } from '../../src/errors.ts';
import { errorDocument, errorsOf, errorText, exitOf } from '../../src/cli/output/error-report.ts';
import { planText } from '../../src/cli/output/plan-report.ts';
import { ProgressLine } from '../../src/cli/output/progress.ts';
import { stateDocument } from '../../src/cli/output/state-document.ts';
import { table } from '../../src/cli/output/table.ts';
import { tally, tallyDocument, tallyText, totalOf } from '../../src/cli/output/tally.ts';
import { colorsFor, counted } from '../../src/cli/output/terminal.ts';
import { describePlan } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import { compile } from '../../src/layout/index.ts';
import { stripVTControlCharacters } from 'node:util';
import { PLAIN } from './plain.ts';
import { floatingIp, modelOf, TWO_TENANTS } from '../support/intent.ts';

const COLORED = colorsFor({}, 'always');
const EMPTY = { namespaces: new Map(), foreign: NO_FOREIGN };
const STATE = compile(
  modelOf({ ...TWO_TENANTS, floatingips: [floatingIp('203.0.113.101', 'blue', '10.0.0.10')] }),
  new Map(),
  { instance: 'test' },
);
const MOVED = compile(
  modelOf({ ...TWO_TENANTS, floatingips: [floatingIp('203.0.113.101', 'blue', '10.0.0.20')] }),
  new Map(),
  { instance: 'test' },
);

describe('errors', () => {
  const inFile = new BuoyError('BUOY_INVALID_VALUE', 'wrong', {
    position: { file: 'net.yaml', line: 2, column: 3 },
    remedy: 'Mend it.',
    subject: 'a.b',
  });
  const other = new BuoyError('BUOY_LOCKED', 'locked', { remedy: 'Wait.' });

  test('read as those of a compiler', () => {
    expect(errorText([inFile], PLAIN, false)).toBe('net.yaml:2:3: wrong\n  BUOY_INVALID_VALUE: Mend it.\n');
    expect(errorText([inFile, other], PLAIN, false)).toBe(
      'net.yaml:2:3: wrong\n  BUOY_INVALID_VALUE: Mend it.\nbuoy: locked\n  BUOY_LOCKED: Wait.\n2 errors.\n',
    );
  });

  test('are documents with what applies', () => {
    expect(errorDocument(inFile)).toEqual({
      code: 'BUOY_INVALID_VALUE',
      message: 'wrong',
      remedy: 'Mend it.',
      file: 'net.yaml',
      line: 2,
      column: 3,
      subject: 'a.b',
    });
    expect(errorDocument(other)).toEqual({ code: 'BUOY_LOCKED', message: 'locked', remedy: 'Wait.' });
  });

  test('end with the exit code of the first', () => {
    expect(exitOf(errorsOf(new BuoyErrors([other, inFile])))).toBe(6);
    expect(exitOf(errorsOf(inFile))).toBe(3);
  });

  test('that nobody expected are BUOY_INTERNAL, with a stack for who wants it', () => {
    const errors = errorsOf(new TypeError('x is not a function'));
    expect(exitOf(errors)).toBe(1);
    expect(errorText(errors, PLAIN, false)).toMatch(
      /^buoy: TypeError: x is not a function\n {2}BUOY_INTERNAL: .*\n {2}`--debug` prints the details\.\n$/,
    );
    expect(errorText(errors, PLAIN, true)).toContain('output.test.ts');
    expect(errorsOf('text')).toMatchObject([{ code: 'BUOY_INTERNAL', message: 'text' }]);
  });
});

test('a table has columns as wide as their widest cell, coloured or not', () => {
  const rows = [
    ['a', COLORED.green('yes')],
    ['abcdef', COLORED.red('no')],
  ];
  expect(stripVTControlCharacters(table(['NAME', 'OK'], rows, COLORED))).toBe('NAME    OK\na       yes\nabcdef  no\n');
});

describe('a plan', () => {
  const plan = diff(STATE, MOVED);

  test('is coloured by what its operations do, and says the same', () => {
    expect(stripVTControlCharacters(planText(plan, COLORED))).toBe(describePlan(plan));
    expect(planText(plan, PLAIN)).toBe(describePlan(plan));
    const lines = planText(plan, COLORED).split('\n');
    expect(lines).toContain(COLORED.bold('netns qrouter-blue'));
    expect(lines).toContain(COLORED.green('  + element marked 10.0.0.20'));
    expect(lines).toContain(COLORED.yellow('  ~ element floating 203.0.113.101 : 10.0.0.10 → 10.0.0.20'));
    expect(lines).toContain(COLORED.red('  - element marked 10.0.0.10'));
  });

  test('is counted as it is printed', () => {
    for (const each of [plan, diff(EMPTY, STATE), diff(STATE, EMPTY)]) {
      const printed = describePlan(each);
      const counts = tally(each);
      expect(totalOf(counts, 'added')).toBe(printed.match(/^ {2}\+/gm)?.length ?? 0);
      expect(totalOf(counts, 'changed')).toBe(printed.match(/^ {2}~/gm)?.length ?? 0);
      expect(totalOf(counts, 'removed')).toBe(printed.match(/^ {2}-/gm)?.length ?? 0);
    }
  });

  test('is counted by kinds of objects', () => {
    expect(tallyText(tally(plan))).toBe(
      '  added    2 NAT entries\n  changed  1 NAT entry\n  removed  2 NAT entries, 1 connection flush\n',
    );
    expect(tallyDocument(tally(plan))).toEqual({
      added: { nat_entries: 2 },
      changed: { nat_entries: 1 },
      removed: { nat_entries: 2, connection_flushes: 1 },
    });
  });

  test('is counted in lines of 100 columns', () => {
    const lines = tallyText(tally(diff(EMPTY, STATE)))
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

test('a state in JSON', async () => {
  const document = `${JSON.stringify(stateDocument(STATE), null, 2)}\n`;
  await expect(document).toMatchFileSnapshot('golden/show.json');
});

test('numbers read well', () => {
  expect([counted(1, 'router'), counted(0, 'router'), counted(12_345, 'router')]).toEqual([
    '1 router',
    '0 routers',
    '12,345 routers',
  ]);
});

describe('progress', () => {
  function shownOn(isTTY: boolean, passed: number): string {
    const written: string[] = [];
    const stream = { isTTY, write: (text: string) => written.push(text) };
    let now = 5000;
    {
      using line = new ProgressLine('applying', 'operations', stream, () => now);
      now += passed;
      line.update(1200, 3400);
      line.update(1201, 3400);
    }
    return written.join('');
  }

  test('is shown on a terminal, after a second, and is gone at the end', () => {
    expect(shownOn(true, 1000)).toBe('\r\u001b[Kapplying: 1,200 of 3,400 operations\r\u001b[K');
  });

  test('is not shown for what is done sooner, or where nobody looks', () => {
    expect(shownOn(true, 999)).toBe('');
    expect(shownOn(false, 9999)).toBe('');
  });
});
