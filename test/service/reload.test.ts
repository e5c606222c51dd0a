// What works in the listening process, told to take over another configuration.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NothingRuns } from '../../src/agent/index.ts';
import { parseConfig } from '../../src/agent/config.ts';
import { runAgent } from '../../src/service/run-agent.ts';
import { RecordingKernel } from '../kernel/remote/kernels.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const CONFIG = parseConfig('instance: test', 'agent.yaml');

test('what cannot be taken over leaves all as it was, and what cannot be gone back to ends all', async () => {
  using directory = temporaryDirectory();
  const sockets = join(directory.path, 'sockets');
  mkdirSync(sockets);
  const path = join(sockets, 'buoy.sock');
  const config = {
    ...CONFIG,
    store: join(directory.path, 'store.db'),
    listen: { ...CONFIG.listen, unix: { path, group: undefined } },
  };
  const running = await runAgent(() => undefined)(new RecordingKernel(), config);
  const elsewhere = { ...config, store: join(directory.path, 'none', 'store.db') };
  await expect(running.reload(elsewhere)).rejects.toMatchObject({ code: 'BUOY_STORE_UNUSABLE' });
  expect(existsSync(path)).toBe(true);
  rmSync(sockets, { recursive: true });
  await expect(running.reload(elsewhere)).rejects.toBeInstanceOf(NothingRuns);
  await running.stop();
});
