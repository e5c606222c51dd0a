// `buoy agent` for `buoy demo`, which that starts: it does not outlive the demo, however that ends.

import { entry } from './entry.js';

/** @type {Promise<typeof import('../src/sys/privileges.ts')>} */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- where the module is, is known only when it runs
const privileges = import(entry('src/sys/privileges'));
(await privileges).dieWithParent();
await import('./launch.js');
