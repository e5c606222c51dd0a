// Starts `buoy agent` for `buoy demo`: this program once more, by fixed arguments and without a shell.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('./agent-of-show.js', import.meta.url));

/** @type {import('../src/playground/index.ts').StartAgent} */
export function startAgent(config, log) {
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...process.execArgv, AGENT, 'agent', '--config', config], {
      // Another session: what is typed at a terminal is for the demo, which ends the agent in its own time.
      detached: true,
      stdio: ['ignore', output, output],
    });
    return {
      pid: child.pid,
      ended: new Promise((resolve) => {
        child.once('exit', (exit, signal) => resolve(signal === null ? `exit code ${exit}` : `signal ${signal}`));
        child.once('error', (error) => resolve(`it cannot be started: ${error.message}`));
      }),
      signal: (signal) => void child.kill(signal),
    };
  } finally {
    closeSync(output);
  }
}
