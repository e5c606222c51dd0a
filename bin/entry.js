// Where the program is: in its sources in a checkout, where what was once built may be stale; in what was
// built of them in the packed package, which has no sources.

import { existsSync } from 'node:fs';

/**
 * The address of a module of the program, by its path without an ending: `src/cli/main`.
 *
 * @param {string} path
 */
export function entry(path) {
  const source = new URL(`../${path}.ts`, import.meta.url);
  return (existsSync(source) ? source : new URL(`../dist/${path}.js`, import.meta.url)).href;
}
