// `npm run prove:mutants`: puts one bug after the other into a copy of the program and looks whether
// the proof finds it. Ends with 1 if it does not. Arguments choose bugs by words in them, in their files or in who finds them.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { MUTANTS } from './mutants/list.ts';
import type { Mutant } from './mutants/mutant.ts';

const ROOT = join(import.meta.dirname, '..');
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist']);
/** The bug that takes longest to show needs a third of them. */
const HISTORIES = 2000;
/** Those of the agent take longer. */
const AGENT_HISTORIES = 300;
const LONGEST_TEXT = 90;
/** A bug may be that something never ends. */
const PATIENCE_MS = 600_000;

/** What prove/mutants/hunt.ts writes. */
const FOUND = z.object({ histories: z.number(), broken: z.string().optional() });
/** What vitest's JSON reporter writes, as far as it is needed. */
const REPORT = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

interface Caught {
  /** What the catcher says; undefined if it found nothing. */
  readonly by: string | undefined;
  readonly histories: number | undefined;
  readonly seconds: number;
}

const words = process.argv.slice(2);
const chosen = MUTANTS.filter(({ bug, file, catcher }) =>
  words.every((word) => `${bug} ${file} ${catcher}`.includes(word)),
);
const tree = mkdtempSync(join(tmpdir(), 'buoy-mutants-'));
try {
  process.exitCode = run() ? 0 : 1;
} finally {
  rmSync(tree, { recursive: true });
}

/** Answers whether every bug was found. */
function run(): boolean {
  cpSync(ROOT, tree, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  // What finds something where there is no bug finds nothing.
  for (const catcher of new Set(chosen.map((mutant) => mutant.catcher))) {
    const { by } = caught(catcher);
    if (by !== undefined) throw new Error(`${catcher} fails without a bug: ${by}`);
  }
  say('bug', 'in', 'found by', 'histories', 'seconds');
  say('---', '---', '---', '---:', '---:');
  const survivors = chosen.filter((mutant) => !isFound(mutant));
  process.stdout.write(`\n${chosen.length - survivors.length} of ${chosen.length} bugs were found.\n`);
  return survivors.length === 0;
}

function isFound(mutant: Mutant): boolean {
  const { bug, file, catcher } = mutant;
  const path = join(tree, file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, withBug(mutant, sound));
  const { by, histories, seconds } = caught(catcher);
  writeFileSync(path, sound);
  const what = by === undefined ? '**nothing**' : `${catcher}: ${firstLine(by)}`;
  say(bug, `\`${file}\``, what, String(histories ?? ''), seconds.toFixed(1));
  return by !== undefined;
}

/** Throws if the text is not what it is said to be. */
function withBug({ file, text, becomes }: Mutant, sound: string): string {
  const parts = sound.split(text);
  if (parts.length !== 2) throw new Error(`${file} does not have this once: ${text}`);
  return parts.join(becomes);
}

function caught(catcher: Mutant['catcher']): Caught {
  const start = performance.now();
  const { by, histories } =
    catcher === 'histories' || catcher === 'agent histories'
      ? huntHistories(catcher)
      : { by: failingTest(catcher), histories: undefined };
  return { by, histories, seconds: (performance.now() - start) / 1000 };
}

function huntHistories(catcher: 'histories' | 'agent histories'): Pick<Caught, 'by' | 'histories'> {
  const [proof, count] = catcher === 'histories' ? ['core', HISTORIES] : ['agent', AGENT_HISTORIES];
  const found = FOUND.parse(JSON.parse(node('prove/mutants/hunt.ts', proof, String(count))));
  return { by: found.broken, histories: found.histories };
}

/** The first test in the file that fails. */
function failingTest(file: string): string | undefined {
  const report = join(tree, 'report.json');
  const sandbox = file.endsWith('.kernel.test.ts') ? ['sandbox/run.ts', process.execPath] : [];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--configLoader=native', '--bail=1'];
  rmSync(report, { force: true });
  node(...sandbox, ...vitest, '--reporter=json', `--outputFile=${report}`, file);
  const { testResults } = REPORT.parse(JSON.parse(readFileSync(report, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0)
    throw new Error(`no test in ${file} was run: ${testResults.map(({ message }) => message).join()}`);
  return tests.find(({ status }) => status === 'failed')?.fullName;
}

/** What Node writes when it runs these arguments in the copy. */
function node(...args: readonly string[]): string {
  const { stdout, error } = spawnSync(process.execPath, args, {
    cwd: tree,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
  });
  if (error !== undefined) throw error;
  return stdout;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return (line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line).replaceAll('|', '\\|');
}

function say(...cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
