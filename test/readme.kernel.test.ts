// The tutorial of the README, block by block, as a newcomer would type it.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { enterFreshNamespace } from './support/fresh-namespace.ts';

const README = readFileSync('README.md', 'utf8');
const BLOCKS = [...README.matchAll(/^```sh tutorial\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');

let folder: string;

beforeAll(() => {
  enterFreshNamespace();
  folder = mkdtempSync('/run/tutorial-');
  mkdirSync(join(folder, 'bin'));
  const buoy = join(folder, 'bin', 'buoy');
  writeFileSync(buoy, `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/buoy.js')}' "$@"\n`);
  chmodSync(buoy, 0o755);
});

function run(block: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', block], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  });
  expect(status, `${block}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

test('every block of the tutorial does what the text says', () => {
  expect(BLOCKS.length).toBe(11);
  const outputs = BLOCKS.map(run);
  expect(outputs[2]).toMatch(/net\.yaml is valid: 2 networks, 1 router, 1 floating IP/);
  expect(outputs[3]).toMatch(/to add, [\s\S]*Done in [\s\S]*All is healthy: 1 router, 1 floating IP/);
  expect(outputs[4]).toContain('1 received');
  expect(outputs[5]).toContain('1 received');
  // The workload's namespace is not Buoy's, and stays.
  expect(outputs[6]).toMatch(/removed\s+2 namespaces[\s\S]*\bweb\b/);
  expect(outputs[6]).not.toMatch(/qrouter|fip-/);
  // The agent.
  expect(outputs[8]).toMatch(/203\.0\.113\.10 [\s\S]*203\.0\.113\.11 [\s\S]*1 received/);
  expect(outputs[9]).toMatch(/[123] received/);
  expect(outputs[10]).toMatch(/1 received[\s\S]*removed\s+2 namespaces/);
});
