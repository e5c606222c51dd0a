// `buoy` as a client of an agent behind a port: TLS, tokens, and a path before those of the API.

import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { generateToken, tokenLine } from '../../src/api/index.ts';
import { AgentClient } from '../../src/cli/agent/agent-client.ts';
import { endpointOf } from '../../src/cli/agent/endpoint.ts';
import { NETWORKS } from '../../src/cli/agent/resource-types.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';
import { AgentHost } from './agent-host.ts';
import { BUOY } from './buoy.ts';

beforeAll(() => {
  enterFreshNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
});

test('an agent wants a token that it knows, and proves with its certificate who it is', async () => {
  await using host = await AgentHost.start();
  await host.stopListening();
  const token = generateToken();
  const [tokenFile, mine] = [
    await host.write('tokens', tokenLine('me', 'read', token)),
    await host.write('mine', token),
  ];
  const [certificateFile = '', keyFile = ''] = ['one.pem', 'one-key.pem'].map((name) =>
    fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url)),
  );
  const tls = { certificateFile, keyFile };
  const [, url = ''] = await host.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tokenFile, tls });

  const [program, ...first] = BUOY;
  const ask = (environment: NodeJS.ProcessEnv): Promise<{ readonly stdout: string }> =>
    promisify(execFile)(program, [...first, 'network', 'list', '--json'], { env: { ...process.env, ...environment } });
  const known = { BUOY_AGENT: url, BUOY_TOKEN_FILE: mine, NODE_EXTRA_CA_CERTS: certificateFile };
  expect(await ask(known)).toMatchObject({ stdout: '[]\n' });
  await expect(ask({ ...known, NODE_EXTRA_CA_CERTS: '' })).rejects.toMatchObject({
    code: 4,
    stdout: expect.stringMatching(/BUOY_AGENT_UNREACHABLE[^]*certificate/),
  });

  await host.stopListening();
  const [, open = ''] = await host.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tokenFile, isOpen: true });
  using reader = new AgentClient(endpointOf({ agent: open, tokenFile: mine }));
  expect(await reader.list(NETWORKS)).toEqual([]);
  await expect(reader.create(NETWORKS, {})).rejects.toMatchObject({ code: 'BUOY_AGENT_DENIED' });
  using stranger = new AgentClient(endpointOf({ agent: open }));
  await expect(stranger.list(NETWORKS)).rejects.toMatchObject({ code: 'BUOY_AGENT_DENIED' });
});

test('an agent may be behind a path', async () => {
  const server = createServer(
    (request, response) => void response.end(JSON.stringify({ networks: [], url: request.url })),
  );
  const asked = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  using client = new AgentClient(endpointOf({ agent: `http://127.0.0.1:${port}/behind/` }));
  expect(await client.list(NETWORKS, { name: 'a b' })).toEqual([]);
  expect(await asked).toMatchObject([{ url: '/behind/v2.0/networks?name=a+b' }, {}]);
  server.closeAllConnections();
  server.close();
});
