import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE, EXIT } from '../../src/errors.ts';
import { generatedFiles } from '../../scripts/generated.ts';

test.each([...generatedFiles()])('%s is what `npm run docs` makes of the sources', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('docs/errors.md has every code, with its summary, its remedy and its exit code', () => {
  const page = readFileSync('docs/errors.md', 'utf8');
  const sections = page.split(/^## /m).filter((section) => section.startsWith('BUOY_'));
  expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(CATALOGUE));
  for (const [index, { summary, remedy, exit }] of Object.values(CATALOGUE).entries()) {
    expect(sections[index]).toContain(summary);
    expect(sections[index]).toContain(remedy);
    expect(sections[index]).toContain(`Exit code ${exit}.`);
  }
});

test('docs/errors.md explains every exit code', () => {
  const page = readFileSync('docs/errors.md', 'utf8');
  for (const code of Object.values(EXIT)) expect(page).toContain(`\n| ${code} | `);
});

test('every error says what is wrong and what to do, in sentences', () => {
  expect(Object.keys(CATALOGUE)[0]).toBe('BUOY_INTERNAL');
  for (const [code, { summary, remedy, exit }] of Object.entries(CATALOGUE)) {
    expect(code).toMatch(/^BUOY_[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(summary, code).toMatch(/^[A-Z].*[.)]$/);
    expect(remedy, code).toMatch(/^[A-Z`].*[.)]$/);
    expect([EXIT.ok, EXIT.differences], code).not.toContain(exit);
  }
});
