// What runs in the sandboxes is built first: the program as it is published; what measures it, TypeScript to JavaScript, since
// translating it at every start takes time and memory; and C.

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../scripts/build.ts';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Inside node_modules, so that packages are found from there. As in tsconfig.json. */
const BUILT = join(PROJECT, 'node_modules/.cache/buoy-bench');
const OTHER = `${BUILT}-other`;

/** Builds the program, and translates the bench and the parts of src/ that it uses itself. Throws with the compiler's words. */
export async function buildJavaScript(): Promise<void> {
  run([join(PROJECT, 'node_modules/.bin/tsc'), '--project', join(PROJECT, 'bench/tsconfig.json')]);
  // Laid out as the package is, so that the command finds what it starts.
  for (const part of ['bin', 'package.json']) cpSync(join(PROJECT, part), join(BUILT, part), { recursive: true });
  await buildProgram(join(BUILT, 'dist'));
}

/** The command of the package that was built. */
export function builtCommand(): string {
  return join(BUILT, 'bin/buoy.js');
}

/** The same program as another version of it, in another folder. */
export function otherBuild(): string {
  rmSync(OTHER, { recursive: true, force: true });
  for (const part of ['bin', 'dist']) cpSync(join(BUILT, part), join(OTHER, part), { recursive: true });
  const text = readFileSync(join(BUILT, 'package.json'), 'utf8');
  writeFileSync(join(OTHER, 'package.json'), text.replace(/"version": "[^"]+"/, '"version": "999.0.0"'));
  return join(OTHER, 'bin/buoy.js');
}

/** One of the programs in bench/programs/, with its arguments. */
export function built(program: string, ...args: readonly string[]): Command {
  return [process.execPath, join(BUILT, 'bench/programs', `${program}.js`), ...args];
}

/** Compiles a C program, by its path in bench/ without ending; answers where it is then. Throws with the compiler's words. */
export function compiled(program: string): string {
  const output = join(BUILT, 'bench', program);
  run(['gcc', '-O2', '-Wall', '-Wextra', '-o', output, join(PROJECT, 'bench', `${program}.c`)]);
  return output;
}

function run([program, ...args]: Command): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stdout + stderr}`);
}
