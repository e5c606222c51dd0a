// The client of the agent against servers that behave in ways in which an agent should not.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentClient } from '../../src/cli/agent/agent-client.ts';
import { endpointOf } from '../../src/cli/agent/endpoint.ts';
import { followEvents } from '../../src/cli/agent/events.ts';
import { NETWORKS } from '../../src/cli/agent/resource-types.ts';
import { SseParser } from '../../src/cli/agent/sse-parser.ts';
import { printable } from '../../src/cli/output/printable.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'buoy-client-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A server on a unix socket for the time of a test. */
class Impostor implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;

  constructor(name: string, listener: RequestListener) {
    this.path = join(folder, name);
    this.#server = createServer(listener);
  }

  static async start(name: string, listener: RequestListener): Promise<Impostor> {
    const impostor = new Impostor(name, listener);
    await new Promise<void>((resolve) => impostor.#server.listen(impostor.path, resolve));
    return impostor;
  }

  client(answerTimeout?: number): AgentClient {
    return new AgentClient({ kind: 'unix', path: this.path }, answerTimeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answering(status: number, body: string): RequestListener {
  return (_request, response) => void response.writeHead(status).end(body);
}

describe('an agent that is not there', () => {
  test('has no socket', async () => {
    using client = new AgentClient({ kind: 'unix', path: join(folder, 'nothing') });
    await expect(client.list(NETWORKS)).rejects.toMatchObject({
      code: 'BUOY_AGENT_UNREACHABLE',
      message: `no agent listens on ${join(folder, 'nothing')}: there is no such socket`,
    });
  });

  test('is no socket', async () => {
    writeFileSync(join(folder, 'file'), '');
    using client = new AgentClient({ kind: 'unix', path: join(folder, 'file') });
    await expect(client.list(NETWORKS)).rejects.toMatchObject({
      code: 'BUOY_AGENT_UNREACHABLE',
      message: `no agent listens on ${join(folder, 'file')}`,
    });
  });

  test('says nothing', async () => {
    await using silent = await Impostor.start('silent', () => undefined);
    using client = silent.client(20);
    await expect(client.list(NETWORKS)).rejects.toMatchObject({
      code: 'BUOY_AGENT_UNREACHABLE',
      message: `the agent on ${silent.path} does not answer`,
    });
  });

  test('hangs up', async () => {
    await using rude = await Impostor.start('rude', (request) => void request.socket.destroy());
    using client = rude.client();
    await expect(client.list(NETWORKS)).rejects.toMatchObject({ code: 'BUOY_AGENT_UNREACHABLE' });
  });
});

describe('an answer', () => {
  const neutron = (type: string, message: string): string =>
    JSON.stringify({ NeutronError: { type, message, detail: '' } });

  test.each([
    [
      404,
      neutron('NetworkNotFound', 'No \u001b[31mred\u202e.'),
      'BUOY_AGENT_REFUSED',
      String.raw`No \u001b[31mred\u202e. (NetworkNotFound)`,
    ],
    [409, neutron('NetworkInUse', 'In use.'), 'BUOY_AGENT_REFUSED', 'In use. (NetworkInUse)'],
    [500, neutron('HTTPInternalServerError', 'Oh.'), 'BUOY_AGENT_FAILED', 'Oh. (HTTPInternalServerError)'],
    [401, '{"error": {"code": 401, "title": "Unauthorized", "message": "A token."}}', 'BUOY_AGENT_DENIED', 'A token.'],
    [403, '', 'BUOY_AGENT_DENIED', 'the agent answers 403'],
    [502, '<html>', 'BUOY_AGENT_ANSWER', 'the agent answers 502 without an error that can be read'],
  ])('%i %s is %s', async (status, body, code, message) => {
    await using server = await Impostor.start('errors', answering(status, body));
    using client = server.client();
    await expect(client.list(NETWORKS)).rejects.toMatchObject({ code, message });
  });

  test.each(['', '<html>', '[]', '{}', '{"networks": [{"id": 1}]}', '{"networks": {}}'])(
    '%s is that of no agent',
    async (body) => {
      await using server = await Impostor.start('others', answering(200, body));
      using client = server.client();
      await expect(client.list(NETWORKS)).rejects.toMatchObject({ code: 'BUOY_AGENT_ANSWER' });
    },
  );
});

describe('where the agent is', () => {
  test('a path, a URL, or the usual socket', () => {
    expect(endpointOf({})).toEqual({ kind: 'unix', path: '/run/buoy/buoy.sock' });
    expect(endpointOf({ agent: 'my.sock' })).toEqual({ kind: 'unix', path: 'my.sock' });
    expect(endpointOf({ agent: 'https://h:1/x' })).toMatchObject({ kind: 'tcp', url: new URL('https://h:1/x') });
  });

  test.each(['ftp://h', 'http://', 'http://user@h', 'https://h/?a=b'])('%s is no URL of one', (agent) => {
    expect(() => endpointOf({ agent })).toThrow(expect.objectContaining({ code: 'BUOY_USAGE' }));
  });

  test('a file with something else than a token is refused, without a word of it', () => {
    const bad = join(folder, 'bad');
    writeFileSync(bad, 'buoy_secret and more');
    expect(() => endpointOf({ agent: 'http://h', tokenFile: bad })).toThrow(
      expect.objectContaining({ code: 'BUOY_TOKEN_FILE', message: expect.not.stringContaining('secret') }),
    );
    expect(() => endpointOf({ agent: 'http://h', tokenFile: join(folder, 'none') })).toThrow(
      expect.objectContaining({ code: 'BUOY_TOKEN_FILE' }),
    );
  });
});

describe('events', () => {
  test('come out of pieces of any size, whatever ends the lines', () => {
    const text = ': hello\n\nid: 1\nevent: drift\ndata: {"a":\ndata: 1}\n\nevent: nothing\n\ndata:x\r\n\r\n';
    const expected = [
      { type: 'drift', data: '{"a":\n1}' },
      { type: 'message', data: 'x' },
    ];
    for (const size of [1, 2, 7, 1000]) {
      const parser = new SseParser();
      const events = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
      expect(events).toEqual(expected);
    }
  });

  test('go on after the stream ended, when asked to', async () => {
    let streams = 0;
    await using server = await Impostor.start('events', (_request, response) => {
      streams++;
      response.writeHead(200).write(`event: n\ndata: {"stream": ${streams}}\n\n`);
      if (streams === 1) response.end('event: closing\ndata: {"reason": "stopping"}\n\n');
    });
    using client = server.client();
    const stop = new AbortController();
    const seen: unknown[] = [];
    const connections: boolean[] = [];
    const onConnection = (isFirst: boolean): void => void connections.push(isFirst);
    for await (const event of followEvents(client, { kinds: [], isLasting: true, signal: stop.signal, onConnection })) {
      seen.push(event);
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual([
      { kind: 'n', data: { stream: 1 } },
      { kind: 'n', data: { stream: 2 } },
    ]);
    expect(connections).toEqual([true, false]);
  });

  test('end with the stream else, and there must be a stream', async () => {
    await using server = await Impostor.start('ending', answering(200, 'data: {}\n\n'));
    using client = server.client();
    const events = followEvents(client, { kinds: [], isLasting: false });
    expect([await events.next(), await events.next()]).toMatchObject([{ done: false }, { done: true }]);
    using nobody = new AgentClient({ kind: 'unix', path: join(folder, 'nothing') });
    await expect(followEvents(nobody, { kinds: [], isLasting: true }).next()).rejects.toMatchObject({
      code: 'BUOY_AGENT_UNREACHABLE',
    });
  });
});

test('text from elsewhere cannot write on the terminal', () => {
  expect(printable('a\u001b[2J\n\u0007\u202eb é 網')).toBe(String.raw`a\u001b[2J\u000a\u0007\u202eb é 網`);
});
