// Runs the command line: from its sources in a checkout, where what was once built may be stale;
// from what was built of them in the packed package, which has no sources.

import { existsSync } from 'node:fs';

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/src/cli/main.js', import.meta.url);

await import((existsSync(source) ? source : built).href);
