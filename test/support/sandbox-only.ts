// Stands before every `*.kernel.test.ts`: such a test changes the network it runs in, which must not
// be the machine's.

import { isInSandbox } from '../../sandbox/enter.ts';

if (!isInSandbox()) {
  throw new Error('This test changes the network it runs in, so it runs in a sandbox only: npm test -- FILE');
}
