// Where the program is: in its sources in a checkout, where what was once built may be stale; in what was
// built of them in the packed package, which has no sources.

import { existsSync } from 'node:fs';

/**
 * The address of a module that is started, by its path without an ending: `src/cli/main`. Of those that were built only
 * these are there by name (scripts/build.ts).
 *
 * @param {string} path
 */
export function entry(path) {
  const source = new URL(`../${path}.ts`, import.meta.url);
  return (existsSync(source) ? source : new URL(`../dist/${path.replace(/^.*\//, '')}.js`, import.meta.url)).href;
}
