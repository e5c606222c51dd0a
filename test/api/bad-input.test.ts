import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, askRaw, untilClosed } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

let running: RunningApi;
beforeAll(async () => {
  running = await runApi({ limits: { bodyBytes: 64 * 1024 } });
});
afterAll(() => running[Symbol.asyncDispose]());

/** It goes on as if nothing had been. */
async function expectHealthy(): Promise<void> {
  expect((await ask(running.targets[0], 'GET', '/v2.0/networks')).body).toEqual({ networks: [] });
}

function neutronError(type: string): unknown {
  return { NeutronError: { type, message: expect.any(String), detail: '' } };
}

const HOST = 'Host: localhost\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';

describe('what is no good HTTP', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['an unknown method', `BREW /v2.0/networks HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['no Host', 'GET /v2.0/networks HTTP/1.1\r\n\r\n', 400],
    ['a Host that is none', 'GET /v2.0/networks HTTP/1.1\r\nHost: a"><script>\r\nConnection: close\r\n\r\n', 400],
    ['a header with a space in its name', `GET / HTTP/1.1\r\n${HOST}X Evil: 1\r\n\r\n`, 400],
    ['a folded header', `GET / HTTP/1.1\r\n${HOST}X-A: 1\r\n continued\r\n\r\n`, 400],
    ['a null in a header', `GET / HTTP/1.1\r\n${HOST}X-A: \0\r\n\r\n`, 400],
    ['a lone line feed in a header', `GET / HTTP/1.1\r\n${HOST}X-A: 1\nX-B: 2\r\n\r\n`, 400],
    [
      'two lengths',
      `POST /v2.0/networks HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
      400,
    ],
    [
      'a length and chunks',
      `POST /v2.0/networks HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['headers without end', `GET / HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(20_000)}`, 431],
    ['a path without end', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
  ])('%s', async (_what, bytes, status) => {
    const answer = await askRaw(running.targets[0].address, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toContain('.ts:');
    await expectHealthy();
  });

  test.each([
    '/v2.0/../../etc/passwd',
    '/v2.0/networks/..',
    '/v2.0/networks/%2e%2e/routers',
    '/v2.0/networks/%2E./routers',
    '/v2.0/networks/..%2frouters',
    '/v2.0/./networks',
    '/v2.0//networks',
    '/v2.0/networks/%00',
    '/v2.0/networks/%0d%0aX-Evil:%201',
    '/v2.0/networks/a%5cb',
    '/v2.0/networks/%ff',
    '/v2.0/networks/%zz',
    '/v2.0/networks?name=%ff',
    '/v2.0/networks?name=%',
    'http://elsewhere/v2.0/networks',
    '*',
  ])('the target %s', async (target) => {
    const bytes = `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const answer = await askRaw(running.targets[0].address, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).not.toContain('\r\nx-evil');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual(neutronError('HTTPBadRequest'));
  });
});

describe('bodies', () => {
  test.each([
    ['JSON that is none', '{"network": ', 400],
    ['not UTF-8', '{"network": {"name": "\xff"}}', 400],
    ['a list', '[]', 400],
    ['a number', '1', 400],
    ['null', 'null', 400],
    ['another kind', '{"router": {}}', 400],
    ['two kinds', '{"network": {}, "router": {}}', 400],
    ['a network that is a list', '{"network": []}', 400],
    ['no network at all', '{"networks": []}', 400],
    ['an unknown attribute', '{"network": {"colour": "blue"}}', 400],
    ['a wrong type', '{"network": {"name": 7}}', 400],
    ['an attribute that is only shown', '{"network": {"status": "ACTIVE"}}', 400],
    ['a prototype', '{"network": {"__proto__": {"name": "x"}}}', 400],
    ['depth', `{"network": ${'['.repeat(50)}${']'.repeat(50)}}`, 400],
    ['much depth', '['.repeat(60_000), 400],
    ['too many bytes', `{"network": {"name": "${'x'.repeat(70_000)}"}}`, 413],
    ['nothing', '', 400],
  ])('%s', async (_what, text, status) => {
    const length = Buffer.byteLength(text, 'latin1');
    const head = `POST /v2.0/networks HTTP/1.1\r\n${HOST}${JSON_TYPE}Connection: close\r\nContent-Length: ${length}\r\n\r\n`;
    const socket = connect(running.targets[0].address);
    socket.write(head + text, 'latin1');
    const answer = await untilClosed(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual(
      neutronError(status === 413 ? 'HTTPRequestEntityTooLarge' : 'HTTPBadRequest'),
    );
    await expectHealthy();
  });

  test('chunks without end are cut off at the limit', async () => {
    const socket = connect(running.targets[0].address);
    socket.write(`POST /v2.0/networks HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n`);
    for (let index = 0; index < 20; index += 1) socket.write(`2000\r\n${'x'.repeat(0x2000)}\r\n`);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 413 /);
    await expectHealthy();
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of the type %s are refused, so that no form of a web page can send one', async (type) => {
    const question = { body: { network: { name: 'a' } }, headers: { 'Content-Type': type } };
    expect(await ask(running.targets[0], 'POST', '/v2.0/networks', question)).toMatchObject({
      status: 415,
      body: neutronError('HTTPUnsupportedMediaType'),
    });
  });
});

describe('methods', () => {
  test.each([
    ['PATCH', '/v2.0/networks', 405, 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', '/v2.0/networks', 405, 'GET, HEAD, POST, OPTIONS'],
    ['TRACE', '/v2.0/networks', 405, 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/v2.0/routers/x/add_router_interface', 405, 'PUT, OPTIONS'],
    ['HEAD', '/v1/events', 405, 'GET, OPTIONS'],
    ['OPTIONS', '/v2.0/networks/x', 204, 'GET, HEAD, PUT, DELETE, OPTIONS'],
    ['PROPFIND', '/v2.0/networks', 405, undefined],
    ['TRACE', '/nothing', 404, undefined],
  ])('%s %s is answered with %i', async (method, path, status, allow) => {
    const { headers, ...answer } = await ask(running.targets[0], method, path);
    expect(answer).toMatchObject({ status });
    expect(headers.allow).toBe(allow);
  });
});

describe('slow clients', () => {
  test('that send nothing, half a header or half a body are told so and cut off', async () => {
    await using hurried = await runApi({ limits: { headersTimeout: 200, requestTimeout: 400 } });
    const started = [
      '',
      'GET / HTTP/1.1\r\nHost: loc',
      `POST /v2.0/networks HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 100\r\n\r\n{`,
    ];
    for (const answer of await Promise.all(started.map((bytes) => askRaw(hurried.targets[0].address, bytes)))) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual(neutronError('HTTPRequestTimeout'));
    }
  });
});

test('nothing that was refused has left anything', async () => {
  await expectHealthy();
  const { body } = await ask(running.targets[0], 'GET', '/v2.0/routers');
  expect(body).toEqual({ routers: [] });
  expect(running.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});
