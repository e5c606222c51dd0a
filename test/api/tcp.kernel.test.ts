import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateToken, tokenLine } from '../../src/api/index.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';
import { ask } from './ask.ts';
import type { Answer, Target } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

beforeAll(() => {
  enterFreshNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['address', 'add', '192.0.2.1/32', 'dev', 'lo']);
});

const certificate = (name: string): URL => new URL(`../fixtures/tls/${name}`, import.meta.url);

interface Protected {
  readonly running: RunningApi;
  readonly target: Target;
  readonly tokens: Readonly<Record<'reader' | 'writer', string>>;
  readonly files: { readonly tokens: string; readonly certificate: string; readonly key: string };
}

/** A port with TLS and two tokens. */
async function runProtected(): Promise<Protected> {
  const tokens = { reader: generateToken(), writer: generateToken() };
  const running = await runApi({
    async listeners(folder) {
      const files = filesIn(folder);
      await writeFile(
        files.tokens,
        `${tokenLine('reader', 'read', tokens.reader)}\n${tokenLine('writer', 'write', tokens.writer)}\n`,
      );
      await copyFile(certificate('one.pem'), files.certificate);
      await copyFile(certificate('one-key.pem'), files.key);
      const tls = { certificateFile: files.certificate, keyFile: files.key };
      return [{ kind: 'tcp', host: '192.0.2.1', port: 0, tls, tokenFile: files.tokens }];
    },
  });
  const ca = await readFile(certificate('one.pem'), 'utf8');
  return { running, tokens, files: filesIn(running.folder), target: { address: running.api.addresses[1] ?? '', ca } };
}

function filesIn(folder: string): Protected['files'] {
  return { tokens: join(folder, 'tokens'), certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
}

describe('a port with TLS and tokens', () => {
  test('lets in whoever has a token, to do what its scope allows', async () => {
    const { running, target, tokens } = await runProtected();
    await using _ = running;
    const withToken = (token: string, method = 'GET'): Promise<Answer> =>
      ask(target, method, '/v2.0/networks', {
        headers: { 'X-Auth-Token': token },
        ...(method === 'POST' ? { body: { network: { name: 'a' } } } : {}),
      });
    expect(target.address).toMatch(/^https:/);
    expect(await withToken(tokens.reader)).toMatchObject({ status: 200, body: { networks: [] } });
    expect(await withToken(tokens.reader, 'POST')).toMatchObject({
      status: 403,
      body: { error: { code: 403, title: 'Forbidden', message: expect.any(String) } },
    });
    expect(await withToken(tokens.writer, 'POST')).toMatchObject({ status: 201 });
    const bearer = { headers: { Authorization: `bearer ${tokens.reader}` } };
    expect(await ask(target, 'GET', '/v2.0/networks', bearer)).toMatchObject({ status: 200 });
  });

  test('tells nobody else anything but that it lives, and counts who tries', async () => {
    const { running, target, tokens } = await runProtected();
    await using _ = running;
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json'])
      expect(await ask(target, 'GET', path), path).toMatchObject({ status: 200 });
    const wrong = [
      {},
      { 'X-Auth-Token': '' },
      { 'X-Auth-Token': generateToken() },
      { 'X-Auth-Token': `${tokens.writer} x` },
      { Authorization: tokens.writer },
      { Authorization: `Basic ${Buffer.from(`writer:${tokens.writer}`).toString('base64')}` },
      // What X-Auth-Token says counts, whatever else is there.
      { 'X-Auth-Token': 'wrong', Authorization: `Bearer ${tokens.writer}` },
    ];
    const paths = ['/v2.0/networks', '/metrics', '/v1/status', '/v1/events', '/nonsense', '/v2.0', '/v2.0/agents'];
    for (const [index, headers] of wrong.entries())
      expect(await ask(target, 'GET', paths[index] ?? '', { headers }), JSON.stringify(headers)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="buoy"' },
        body: { error: { code: 401, title: 'Unauthorized', message: expect.any(String) } },
      });
    const more = await Promise.all(Array.from({ length: 20 }, () => ask(target, 'GET', '/v2.0/networks')));
    expect(more.find(({ status }) => status === 429)).toMatchObject({
      headers: { 'retry-after': '1' },
      body: { NeutronError: { type: 'HTTPTooManyRequests' } },
    });
    const headers = { 'X-Auth-Token': tokens.writer };
    expect(await ask(target, 'GET', '/v2.0/networks', { headers })).toMatchObject({ status: 200 });
    expect(running.log.join('')).not.toContain(tokens.writer);
    expect(running.log.filter((line) => line.includes('"client":"192.0.2.1"')).length).toBeGreaterThan(20);
  });

  test('takes new tokens and a new certificate while it runs, and keeps the old ones if the new are wrong', async () => {
    const { running, target, tokens, files } = await runProtected();
    await using _ = running;
    const ask200 = async (token: string, ca?: string): Promise<number> =>
      (
        await ask({ ...target, ...(ca === undefined ? {} : { ca }) }, 'GET', '/v2.0/networks', {
          headers: { 'X-Auth-Token': token },
        })
      ).status;
    await writeFile(files.tokens, 'nonsense');
    await expect(running.api.reload()).rejects.toMatchObject({ code: 'BUOY_API_TOKENS' });
    expect(await ask200(tokens.writer)).toBe(200);

    const next = generateToken();
    await writeFile(files.tokens, tokenLine('next', 'read', next));
    await copyFile(certificate('two.pem'), files.certificate);
    await expect(running.api.reload()).rejects.toMatchObject({ code: 'BUOY_API_CERTIFICATE' });
    expect(await ask200(tokens.writer)).toBe(200);

    await copyFile(certificate('two-key.pem'), files.key);
    await running.api.reload();
    const ca = await readFile(certificate('two.pem'), 'utf8');
    expect(await ask200(next, ca)).toBe(200);
    expect(await ask200(tokens.writer, ca)).toBe(401);
    await expect(ask200(next)).rejects.toThrow(/self-signed|certificate/);
  });

  test('speaks no HTTP without TLS', async () => {
    const { running, target } = await runProtected();
    await using _ = running;
    await expect(ask({ address: target.address.replace('https', 'http') }, 'GET', '/')).rejects.toThrow();
  });
});

describe('a port without TLS or tokens', () => {
  const open = { kind: 'tcp', port: 0 } as const;
  test.each([
    ['beyond loopback', { ...open, host: '192.0.2.1', isOpen: true }, 'BUOY_API_UNPROTECTED'],
    ['everywhere', { ...open, host: '0.0.0.0', isOpen: true }, 'BUOY_API_UNPROTECTED'],
    ['everywhere, IPv6', { ...open, host: '::', isOpen: true }, 'BUOY_API_UNPROTECTED'],
    ['on loopback, undeclared', { ...open, host: '127.0.0.1' }, 'BUOY_API_UNPROTECTED'],
    ['at a name', { ...open, host: 'localhost', isOpen: true }, 'BUOY_API_ADDRESS'],
    ['at an address of another host', { ...open, host: '127.0.0.1', port: 70_000, isOpen: true }, 'BUOY_API_ADDRESS'],
  ])('%s is refused', async (_what, listener, code) => {
    await expect(runApi({ listeners: () => Promise.resolve([listener]) })).rejects.toMatchObject({ code });
  });

  test('on loopback, declared, serves those who mean loopback', async () => {
    await using running = await runApi({
      listeners: () => Promise.resolve([{ ...open, host: '127.0.0.1', isOpen: true }]),
    });
    const target = { address: running.api.addresses[1] ?? '' };
    expect(await ask(target, 'GET', '/v2.0/networks')).toMatchObject({ status: 200 });
    // The name of a web page leads here by DNS rebinding.
    const headers = { Host: 'page.example' };
    expect(await ask(target, 'GET', '/v2.0/networks', { headers })).toMatchObject({ status: 400 });
  });

  test('has a rate for each client', async () => {
    await using running = await runApi({
      limits: { requestsPerSecond: 0.5 },
      listeners: () => Promise.resolve([{ ...open, host: '127.0.0.1', isOpen: true }]),
    });
    const target = { address: running.api.addresses[1] ?? '' };
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(target, 'GET', '/healthz')));
    expect(answers.map(({ status }) => status)).toContain(200);
    expect(answers.find(({ status }) => status === 429)).toMatchObject({ headers: { 'retry-after': '2' } });
  });
});

test('of 2,000 connections at once as many are served as there may be, and the socket beside them stays free', async () => {
  await using running = await runApi({
    limits: { connections: 500 },
    listeners: () => Promise.resolve([{ kind: 'tcp', host: '127.0.0.1', port: 0, isOpen: true }]),
  });
  const port = Number(new URL(running.api.addresses[1] ?? '').port);
  const sockets = Array.from({ length: 2000 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  const fates = sockets.map((socket) => {
    socket.once('connect', () => socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    const answered = once(socket, 'data').then(
      () => 'answered',
      () => 'closed',
    );
    return Promise.race([answered, new Promise<string>((resolve) => socket.once('close', () => resolve('closed')))]);
  });
  const ends = await Promise.all(fates);
  expect(ends.filter((end) => end === 'answered')).toHaveLength(500);
  expect(await ask(running.targets[0], 'GET', '/healthz')).toMatchObject({ status: 200 });
  expect(await running.registry.getSingleMetricAsString('buoy_http_refused_connections_total')).toContain(' 1500');
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(async () => (await ask({ address: `http://127.0.0.1:${port}` }, 'GET', '/healthz')).status, {
      timeout: 20_000,
    })
    .toBe(200);
});
