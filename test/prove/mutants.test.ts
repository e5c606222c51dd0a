import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MUTANTS } from '../../prove/mutants/list.ts';

describe('Bugs to be put into the program', () => {
  test.each(MUTANTS)('$file: $bug', ({ file, text, becomes }) => {
    const places = readFileSync(file, 'utf8').split(text).length - 1;
    expect(places, `places in ${file} with ${text}`).toBe(1);
    expect(becomes).not.toBe(text);
  });

  test('are all different', () => {
    expect(new Set(MUTANTS.map(({ bug }) => bug)).size).toBe(MUTANTS.length);
    expect(new Set(MUTANTS.map(({ file, becomes, text }) => `${file} ${text} ${becomes}`)).size).toBe(MUTANTS.length);
  });
});
