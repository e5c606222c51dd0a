// Starts the listening process of `buoy agent`: this program once more, by fixed arguments, without a shell,
// with nothing of this one's environment, and without its supplementary groups where it gets another user.

import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';

const LISTENER = fileURLToPath(new URL('./listener.js', import.meta.url));

/** A young generation of V8 that stays small: it saves 9 MB, and no time is lost (src/sys/heap.ts). */
const FRUGAL = ['--max-semi-space-size=1'];

/** All of its environment: one memory for all threads to allocate from (mallopt(3)), where each would have its own, saves 10 MB. */
const FRUGAL_MALLOC = { MALLOC_ARENA_MAX: '1' };

/** @type {import('../src/agent/index.ts').StartListener} */
export function startListener(account, program = LISTENER) {
  const child = spawn(process.execPath, [...process.execArgv, ...FRUGAL, program], {
    cwd: '/',
    env: FRUGAL_MALLOC,
    // Another session: what is typed at a terminal is for the agent, which stops it in an orderly way.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'],
    ...account,
  });
  const [, , , kernel, control] = child.stdio;
  if (!(kernel instanceof Duplex) || !(control instanceof Duplex)) throw new Error('spawn made no socket pairs');
  return {
    pid: child.pid,
    kernel,
    control,
    ended: new Promise((resolve) => {
      child.once('exit', (exit, signal) => {
        resolve({ exit, how: signal === null ? `exit code ${exit}` : `signal ${signal}` });
      });
      child.once('error', (error) => resolve({ exit: null, how: `it cannot be started: ${error.message}` }));
    }),
    kill: () => void child.kill('SIGKILL'),
  };
}
