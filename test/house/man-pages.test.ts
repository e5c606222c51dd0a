import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { code, prose } from '../../scripts/man-language.ts';
import { helpTexts } from '../../scripts/help-texts.ts';

const { man } = z.object({ man: z.array(z.string()) }).parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** A page as who reads it sees it. */
function read(path: string): string {
  return readFileSync(path, 'utf8')
    .replaceAll(/\\f[BR]/g, '')
    .replaceAll('\\-', '-');
}

test('the manual has every command, with each of its options', () => {
  const page = read('man/buoy.1');
  for (const [command, help] of helpTexts()) {
    const [, section = ''] = command === '' ? ['', page] : page.split(`\n.SS "buoy ${command} `);
    const [, list = ''] = /\nOptions:\n((?: .*\n)+)/.exec(help) ?? [];
    const options = [...list.matchAll(/^ {2}(-\S.*?)(?: {2,}|$)/gm)].map(([, flags = '']) => flags);
    expect(options, command).not.toEqual([]);
    const wanted = options.filter((flags) => command === '' || !flags.includes('--help'));
    const part = command === '' ? section : (section.split('\n.SS ')[0] ?? '');
    for (const flags of wanted) expect(part, `${command} ${flags}`).toContain(`\n.TP\n${flags}\n`);
    expect(part.length, command).toBeGreaterThan(100);
  }
});

test('the manual of the agent has every field of its configuration', () => {
  const page = read('man/buoy-agent.8');
  const [, table = ''] = readFileSync('docs/agent.md', 'utf8').split('<!-- fields -->');
  const fields = [...table.matchAll(/^\| `(.*?)` \|/gm)].map(([, field]) => field);
  expect(fields).toContain('listen.unix.path');
  for (const field of fields) expect(page).toContain(`\n.TP\n${field}\n`);
});

test.each(man)('%s says nothing to man(1) but what is meant', (path) => {
  const requests = readFileSync(path, 'utf8').match(/^[.'].*$/gm) ?? [];
  expect(requests.filter((line) => !/^\.(?:TH|SH|SS|TP|PP|BR|I|br)(?: |$)/.test(line))).toEqual([]);
  expect(requests[0]).toMatch(/^\.TH BUOY/);
});

test('what man(7) takes for its own is printed as it is meant', () => {
  expect(code(`-a '\\' ~"^\``)).toBe('\\-a \\(aq\\e\\(aq \\(ti\\(dq\\(ha\\(ga');
  expect(prose('.a `--b` of [c](d.md) --e \\n')).toBe('\\&.a \\fB\\-\\-b\\fR of c \\-\\-e \\en');
  expect(prose(`${'word '.repeat(15)}end '. 'quoted'`)).toBe(`${'word '.repeat(15)}end\n\\&'. 'quoted'`);
});
