// `demo` as a user runs it. It makes a sandbox of its own, wherever it runs; what it sends there is
// the business of the tests of the playground.

import { expect, test } from 'vitest';
import { buoy } from './buoy.ts';
import { devices } from './kernel-host.ts';

test('a file is tried in a sandbox, with packets', () => {
  const before = devices();
  const { exit, out, err } = buoy('demo', 'test/cli/intents/net.yaml');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toContain('203.0.113.101');
  expect(out).toMatch(/\nAll \d+ checks held\. .*\n$/);
  expect(devices()).toEqual(before);
});
