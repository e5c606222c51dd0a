import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TemporaryFolder } from '../../src/api/listeners/temporary-folder.ts';
import { ask } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buoy-socket-'));
  path = join(folder, 'api.sock');
});
afterEach(() => rm(folder, { recursive: true }));

/** The API, at the path as well. */
function run(group?: number): Promise<RunningApi> {
  const listener = { kind: 'unix', path, ...(group === undefined ? {} : { group }) } as const;
  return runApi({ listeners: () => Promise.resolve([listener]) });
}

async function modeOf(): Promise<string> {
  return ((await lstat(path)).mode & 0o777).toString(8);
}

/** What is left of a socket whose process is gone. */
async function leaveSocket(at: string): Promise<void> {
  const dead = createServer().listen(`${at}.dead`);
  await once(dead, 'listening');
  await rename(`${at}.dead`, at);
  dead.close();
  await once(dead, 'close');
}

describe('the unix socket', () => {
  test('is its owner’s alone, and goes with the API', async () => {
    const running = await run();
    expect(await modeOf()).toBe('600');
    expect(await ask({ address: path }, 'GET', '/v2.0/networks')).toMatchObject({ status: 200 });
    await running[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is a group’s where there is one', async () => {
    await using _running = await run(process.getgid?.() ?? 0);
    expect(await modeOf()).toBe('660');
  });

  test('takes the place of one that a dead process left', async () => {
    await leaveSocket(path);
    await using _running = await run();
    expect(await ask({ address: path }, 'GET', '/healthz')).toMatchObject({ status: 200 });
  });

  test('does not take the place of a living one, which goes on', async () => {
    await using _first = await run();
    await expect(run()).rejects.toMatchObject({ code: 'BUOY_API_SOCKET' });
    expect(await ask({ address: path }, 'GET', '/healthz')).toMatchObject({ status: 200 });
    expect(await readdir(folder)).toEqual(['api.sock']);
  });

  test('does not take the place of anything else', async () => {
    await writeFile(path, 'precious');
    await expect(run()).rejects.toMatchObject({ code: 'BUOY_API_SOCKET' });
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('is left to whoever has replaced it', async () => {
    const first = await run();
    await rm(path);
    await using _second = await run();
    await first[Symbol.asyncDispose]();
    expect(await ask({ address: path }, 'GET', '/healthz')).toMatchObject({ status: 200 });
  });

  test('clears away what was left of others in the making, once their processes are dead', async () => {
    for (const name of ['.buoy-Made00', '.buoy-Bound0']) await mkdir(join(folder, name));
    await leaveSocket(join(folder, '.buoy-Bound0', 's'));
    await using _running = await run();
    expect(await readdir(folder)).toEqual(['api.sock']);
  });

  test('leaves alone what others are making, and what is no socket of theirs', async () => {
    using alive = new TemporaryFolder(folder);
    for (const name of ['.buoy-Notes0', '.buoy-Plain0', '.buoy-longer0', 'buoy-Other0'])
      await mkdir(join(folder, name));
    await writeFile(join(folder, '.buoy-Notes0', 'note'), 'precious');
    await writeFile(join(folder, '.buoy-Plain0', 's'), 'precious');
    await writeFile(join(folder, '.buoy-File00'), 'precious');
    const before = await readdir(folder);
    expect(before).toContain(basename(alive.path));
    await using _running = await run();
    expect((await readdir(folder)).toSorted()).toEqual([...before, 'api.sock'].toSorted());
  });

  test('is refused where there is no folder', async () => {
    path = join(folder, 'none', 'api.sock');
    await expect(run()).rejects.toMatchObject({ code: 'BUOY_API_SOCKET' });
  });
});
