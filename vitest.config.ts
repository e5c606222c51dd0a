// Two kinds of tests, told apart by their names: `*.kernel.test.ts` change the network they run in,
// one file at a time, and refuse to run outside of a sandbox; all others run side by side.

import { defineConfig } from 'vitest/config';

const KERNEL_TESTS = ['test/**/*.kernel.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // In a sandbox, root may not write where the owner of the project is another user.
    cache: false,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: KERNEL_TESTS,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: KERNEL_TESTS,
          setupFiles: ['test/support/sandbox-only.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
