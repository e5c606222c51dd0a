// Runs the command line. Of what a command may need, starting a process is the one thing that nothing
// in `src/` does, so it is handed in.

import { entry } from './entry.js';
import { offerCollector } from './garbage.js';
import { startAgent } from './start-agent.js';
import { startListener } from './start-listener.js';

offerCollector();

/** @type {Promise<typeof import('../src/sys/heap.ts')>} */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- where the module is, is known only when it runs
const heap = import(entry('src/sys/heap'));
// Before the modules of the program are loaded: for them alone the young generation would grow to 8 MB and stay so.
(await heap).keepYoungGenerationSmall();

/** @type {Promise<typeof import('../src/cli/main.ts')>} */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- where the module is, is known only when it runs
const main = import(entry('src/cli/main'));
await (await main).runCommandLine({ startAgent, startListener });
