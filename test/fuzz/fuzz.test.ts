// Every parser of outside bytes against inputs that are the same in each run; `node test/fuzz/run.ts`
// goes on to others.

import { describe, expect, test } from 'vitest';
import { intentFuzzers } from './intent.ts';
import { NETLINK_TARGETS } from './netlink-targets.ts';
import { netlinkFuzzers, readsSeeds } from './netlink.ts';
import { textFuzzers } from './text.ts';

const SEED = 20_260_101;

test.each(NETLINK_TARGETS)('$name are read as they were recorded', (target) => {
  expect(readsSeeds(target)).toBe(true);
});

describe('whatever comes is a whole value or a declared error', () => {
  test.each([...netlinkFuzzers(), ...intentFuzzers(), ...textFuzzers()])('$name', ({ run, runs }) => {
    run(SEED, runs);
  });
});
