// `buoy`, but with the listening process of a test.

import { fileURLToPath } from 'node:url';
import { startAgent } from '../../../bin/start-agent.js';
import { startListener } from '../../../bin/start-listener.js';
import { runCommandLine } from '../../../src/cli/main.ts';

const LISTENER = fileURLToPath(new URL('./probing-listener.ts', import.meta.url));

await runCommandLine({ startAgent, startListener: (account) => startListener(account, LISTENER) });
