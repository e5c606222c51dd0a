// The show, as `npm start` runs it: without a terminal from its beginning to its end, and on one until Ctrl-C.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runShow } from '../../src/playground/index.ts';
import type { ShowOptions } from '../../src/playground/index.ts';
import { devices } from '../cli/kernel-host.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';

/** For the files of the shows, so that what they leave is seen. */
const folder = mkdtempSync(join(tmpdir(), 'buoy-test-'));
/** Compiling the sources takes most of the time of a start. */
const cache = mkdtempSync(join(tmpdir(), 'buoy-test-'));
afterAll(() => {
  for (const made of [folder, cache]) rmSync(made, { recursive: true });
});

const { NO_COLOR: _none, FORCE_COLOR: _some, ...others } = process.env;
const environment = { ...others, TMPDIR: folder, NODE_COMPILE_CACHE: cache };

/** A program that runs, and what it has said so far. */
class Running {
  readonly #process;
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<number | null>;
  text = '';

  constructor(program: string, ...args: readonly string[]) {
    this.#process = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.#process.once('close', resolve));
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream.on('data', (bytes: Buffer) => {
        this.text += bytes.toString();
        for (const wake of this.#waiting) wake();
      });
    void this.ended.then(() => this.#waiting.forEach((wake) => wake()));
  }

  async says(words: RegExp): Promise<string> {
    for (;;) {
      const found = words.exec(stripVTControlCharacters(this.text))?.[0];
      if (found !== undefined) return found;
      if (this.#process.exitCode !== null) throw new Error(`it has ended: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  type(text: string): void {
    this.#process.stdin.write(text);
  }
}

test.concurrent('without a terminal it is played to its end, and everything holds', async () => {
  const before = devices();
  const show = new Running(process.execPath, 'bin/buoy.js', 'demo');
  expect({ exit: await show.ended, text: show.text }).toMatchObject({ exit: 0 });
  expect(show.text).not.toContain('✗');
  expect(show.text.match(/^(?! )\p{L}.*?(?=  |$)/gmu)).toEqual([
    'Buoy',
    'Networks, routers, floating IPs',
    'What there is now',
    'Packets',
    'Mistakes of an administrator',
    'A floating IP moves',
    'The agent is killed',
    'All of it goes',
    expect.stringMatching(/^All \d+ checks held\.$/),
  ]);
  expect(show.text).toMatch(
    /POST \/v2\.0\/floatingips \{port_id: blue-1, floating_network_id: public\} +→ 201 203\.0\.113\.\d+ /,
  );
  expect(show.text.match(/✓ .*\b(route|rule|addr|nft|link|netns) .* {2}\d+\.\d m?s +\d+ of +\d+$/gm)).toHaveLength(7);
  expect(show.text).toMatch(
    / 0 of [1-9]\d* lost\n[^\n]+ [1-9][\d,]* messages there and back\n[^\n]+ 0 changes of the kernel\n/,
  );
  for (const line of show.text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
  expect(devices()).toEqual(before);
});

test.concurrent('on a terminal it stays until Ctrl-C, and then nothing of it is left', async ({ onTestFailed }) => {
  // script(1) has a terminal for it, and a shell, which Ctrl-C would end as well.
  const show = new Running('script', '-qfec', `exec '${process.execPath}' bin/buoy.js demo`, '/dev/null');
  onTestFailed(() => console.error(`what the show has said:\n${show.text}`));
  const [, socket = ''] = /BUOY_AGENT=(\S+)/.exec(await show.says(/BUOY_AGENT=\S+/)) ?? [];
  const [, pid = ''] = /--target (\d+)/.exec(await show.says(/nsenter --all --target \d+/)) ?? [];
  await show.says(/until Ctrl-C/);
  expect(socket.startsWith(folder)).toBe(true);

  // From outside of the sandbox the agent is reached by its socket, and what it does is told.
  await tag(socket);
  await show.says(/intent +networks\/[^\n]*: updated/);

  show.type('\u0003');
  expect(await show.ended).toBe(0);
  expect(stripVTControlCharacters(show.text)).toMatch(
    /All \d+ checks held[\s\S]*All has ended, and its files are removed/,
  );
  expect(existsSync(socket)).toBe(false);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('no files are left', () => {
  expect(readdirSync(folder)).toEqual([]);
});

/** Gives a network a tag. */
async function tag(socketPath: string): Promise<void> {
  const found: { networks: { id: string }[] } = JSON.parse(await ask(socketPath, 'GET', '/v2.0/networks?name=public'));
  await ask(socketPath, 'PUT', `/v2.0/networks/${found.networks[0]?.id}/tags/seen`);
}

function ask(socketPath: string, method: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ socketPath, method, path, agent: false }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += part.toString()));
    response.once('end', () => resolve(text));
  })
    .once('error', reject)
    .end();
  return promise;
}

describe('what stands in its way', () => {
  const options: ShowOptions = {
    write: () => undefined,
    color: false,
    width: 80,
    stays: false,
    inSandbox: true,
    startAgent: () => ({ pid: undefined, ended: Promise.resolve('exit code 4'), signal: () => undefined }),
    signal: new AbortController().signal,
  };
  beforeAll(() => {
    enterFreshNamespace();
    process.env['TMPDIR'] = folder;
  });

  test('outside of a sandbox it is refused', async () => {
    await expect(runShow({ ...options, inSandbox: false })).rejects.toMatchObject({ code: 'BUOY_NOT_IN_SANDBOX' });
  });

  test('an agent that cannot begin is told of', async () => {
    await expect(runShow(options)).rejects.toMatchObject({
      code: 'BUOY_AGENT_ENDED',
      message: 'the agent of the show failed: exit code 4',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('Ctrl-C ends it in whatever scene, and the agent with it', async () => {
    const stop = new AbortController();
    const ended = Promise.withResolvers<string>();
    const startAgent = (): ReturnType<ShowOptions['startAgent']> => {
      stop.abort();
      return { pid: undefined, ended: ended.promise, signal: (signal) => ended.resolve(signal) };
    };
    expect(await runShow({ ...options, startAgent, signal: stop.signal })).toEqual({ ok: undefined });
    expect(await ended.promise).toBe('SIGTERM');
    expect(readdirSync(folder)).toEqual([]);
  });
});
