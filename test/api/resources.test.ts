import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { NetworkingError } from '../../src/intent/store/index.ts';
import { ask } from './ask.ts';
import type { Answer, Question } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

let running: RunningApi;
let external = '';
beforeAll(async () => {
  running = await runApi({});
  external = await create('networks', 'network', {
    name: 'public',
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'external',
  });
  await create('subnets', 'subnet', {
    network_id: external,
    ip_version: 4,
    cidr: '203.0.113.0/24',
    allocation_pools: [{ start: '203.0.113.10', end: '203.0.113.14' }],
  });
});
afterAll(() => running[Symbol.asyncDispose]());

function send(method: string, path: string, question?: Question): Promise<Answer> {
  return ask(running.targets[0], method, path, question);
}

async function create(collection: string, singular: string, attributes: object): Promise<string> {
  const { text } = await send('POST', `/v2.0/${collection}`, { body: { [singular]: attributes } });
  return /"id":"(?<id>[0-9a-f-]{36})"/.exec(text)?.groups?.['id'] ?? text;
}

function refused(status: number, type: string): object {
  return { status, body: { NeutronError: { type, message: expect.any(String), detail: '' } } };
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('refusals have the types and statuses of Neutron', () => {
  test.each([
    ['GET', `/v2.0/networks/${UNKNOWN}`, undefined, 404, 'NetworkNotFound'],
    ['GET', '/v2.0/routers/nonsense', undefined, 404, 'RouterNotFound'],
    ['DELETE', `/v2.0/floatingips/${UNKNOWN}`, undefined, 404, 'FloatingIPNotFound'],
    ['GET', '/v2.0/extensions/nonsense', undefined, 404, 'ExtensionNotFound'],
    ['GET', `/v2.0/agents/${UNKNOWN}`, undefined, 404, 'AgentNotFound'],
    ['GET', '/v2.0/nonsense', undefined, 404, 'HTTPNotFound'],
    ['PUT', `/v2.0/routers/${UNKNOWN}/add_router_interface`, { subnet_id: UNKNOWN }, 404, 'RouterNotFound'],
    ['GET', '/v2.0/networks?colour=blue', undefined, 400, 'HTTPBadRequest'],
    ['GET', '/v2.0/networks?sort_key=colour', undefined, 400, 'HTTPBadRequest'],
    ['GET', `/v2.0/networks?marker=${UNKNOWN}`, undefined, 400, 'HTTPBadRequest'],
    ['GET', '/v2.0/networks?limit=-1', undefined, 400, 'HTTPBadRequest'],
    ['POST', '/v2.0/floatingips', { floatingip: {} }, 400, 'HTTPBadRequest'],
    ['PUT', '/v2.0/quotas/p1', { quota: { colour: 1 } }, 400, 'HTTPBadRequest'],
  ])('%s %s: %j', async (method, path, body, status, type) => {
    const answer = await send(method, path, body === undefined ? {} : { body });
    expect(answer).toMatchObject(refused(status, type));
  });

  test('tags', async () => {
    const path = `/v2.0/networks/${external}/tags`;
    expect(await send('GET', `${path}/gold`)).toMatchObject(refused(404, 'TagNotFound'));
    expect(await send('DELETE', `${path}/gold`)).toMatchObject(refused(404, 'TagNotFound'));
    for (const body of [
      undefined,
      { tags: 'gold' },
      { tags: [7] },
      { tags: ['a,b'] },
      { tags: [], more: 1 },
      { tags: ['x'.repeat(61)] },
    ])
      expect(await send('PUT', path, body === undefined ? {} : { body }), JSON.stringify(body)).toMatchObject(
        refused(400, 'HTTPBadRequest'),
      );
    expect(await send('PUT', `${path}/${'x'.repeat(61)}`)).toMatchObject({ status: 400 });
    expect(await send('GET', path)).toMatchObject({ body: { tags: [] } });
  });

  test('an If-Match that cannot be read', async () => {
    for (const value of ['*', '"1"', 'revision_number=x', 'revision_number=1, revision_number=2'])
      expect(
        await send('PUT', `/v2.0/networks/${external}`, { body: { network: {} }, headers: { 'If-Match': value } }),
      ).toMatchObject(refused(400, 'HTTPBadRequest'));
  });
});

const pageSchema = z.object({
  networks: z.array(z.object({ name: z.string() })),
  networks_links: z.array(z.object({ rel: z.string(), href: z.string() })).optional(),
});

describe('lists', () => {
  const namesOf = ({ body }: Answer): readonly string[] => pageSchema.parse(body).networks.map(({ name }) => name);

  test('page by page, forwards and backwards, as the links lead', async () => {
    const networks = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, description: 'page' }));
    await send('POST', '/v2.0/networks', { body: { networks } });
    const pages: unknown[] = [];
    let answer = await send('GET', '/v2.0/networks?description=page&limit=2&sort_key=name&sort_dir=desc&fields=name');
    const follow = async (rel: string): Promise<boolean> => {
      const link = pageSchema.parse(answer.body).networks_links?.find((each) => each.rel === rel);
      if (link !== undefined) answer = await send('GET', link.href.replace('http://localhost', ''));
      return link !== undefined;
    };
    do pages.push(namesOf(answer));
    while (await follow('next'));
    expect(pages).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    while (await follow('previous')) pages.push(namesOf(answer));
    expect(pages.slice(3)).toEqual([
      ['c', 'b'],
      ['e', 'd'],
    ]);
  });

  test('of the attributes that were asked for', async () => {
    const { body } = await send(
      'GET',
      `/v2.0/networks?id=${external}&fields=id&fields=name&fields=nonsense&fields=__proto__`,
    );
    expect(body).toEqual({ networks: [{ id: external, name: 'public' }] });
    expect((await send('GET', `/v2.0/networks/${external}?fields=name`)).body).toEqual({ network: { name: 'public' } });
  });

  test('under the prefix, with links under it', async () => {
    const { body } = await send('GET', '/networking/v2.0/networks?limit=1', {
      headers: { Host: 'cloud.example:9696' },
    });
    expect(JSON.stringify(body)).toContain(
      '"href":"http://cloud.example:9696/networking/v2.0/networks?limit=1&marker=',
    );
    expect((await send('GET', '/networking')).body).toMatchObject({
      versions: [{ id: 'v2.0', links: [{ href: 'http://localhost/networking/v2.0/' }] }],
    });
  });
});

describe('many', () => {
  test('come in one request up to a bound, and are listed, whole and page by page', async () => {
    const many = (count: number): Question => ({
      body: { networks: Array.from({ length: count }, () => ({ project_id: 'many' })) },
    });
    expect(await send('POST', '/v2.0/networks', many(1001))).toMatchObject({
      ...refused(400, 'HTTPBadRequest'),
      text: expect.stringContaining('No more than 1000 resources'),
    });
    expect(await send('POST', '/v2.0/networks', many(1000))).toMatchObject({ status: 201 });
    expect(await send('GET', '/v2.0/quotas/many/details')).toMatchObject({
      body: { quota: { network: { used: 1000 }, port: { used: 0 } } },
    });
    const idsOf = (answer: Answer): readonly string[] =>
      z
        .object({ networks: z.array(z.object({ id: z.string() })) })
        .parse(answer.body)
        .networks.map(({ id }) => id);
    const path = '/v2.0/networks?project_id=many&fields=id';
    const whole = await send('GET', path);
    expect(whole.headers['content-type']).toBe('application/json; charset=utf-8');
    const ids = idsOf(whole);
    expect(new Set(ids).size).toBe(1000);
    const page = await send('GET', `${path}&limit=700`);
    expect(idsOf(page)).toEqual(ids.slice(0, 700));
    expect(page.body).toMatchObject({
      networks_links: [{ rel: 'next', href: expect.stringContaining(`marker=${ids[699]}`) }],
    });
    expect(await send('HEAD', path)).toMatchObject({ status: 200, text: '' });
  });
});

describe('writes that run into each other', () => {
  const statusesOf = (answers: readonly Answer[]): readonly number[] =>
    answers.map(({ status }) => status).toSorted((a, b) => a - b);

  test('of updates that name the same revision one wins, and the others get 412', async () => {
    const id = await create('networks', 'network', { name: 'contended' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_each, index) =>
        send('PUT', `/v2.0/networks/${id}`, {
          body: { network: { description: `by ${index}` } },
          headers: { 'If-Match': 'revision_number=1' },
        }),
      ),
    );
    expect(statusesOf(answers)).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    expect(answers.find(({ status }) => status === 412)).toMatchObject(refused(412, 'RevisionNumberConstraintFailed'));
    expect(
      await send('DELETE', `/v2.0/networks/${id}`, { headers: { 'If-Match': 'revision_number=1' } }),
    ).toMatchObject({ status: 412 });
    expect(
      await send('DELETE', `/v2.0/networks/${id}`, { headers: { 'If-Match': 'revision_number=2' } }),
    ).toMatchObject({ status: 204 });
  });

  test('of requests for one address one gets it, and a pool that is empty gives no more', async () => {
    const floatingip = { floating_network_id: external };
    const same = { body: { floatingip: { ...floatingip, floating_ip_address: '203.0.113.12' } } };
    const contenders = await Promise.all(Array.from({ length: 4 }, () => send('POST', '/v2.0/floatingips', same)));
    expect(statusesOf(contenders)).toEqual([201, 409, 409, 409]);
    const takers = await Promise.all(
      Array.from({ length: 8 }, () => send('POST', '/v2.0/floatingips', { body: { floatingip } })),
    );
    expect(takers.filter(({ status }) => status === 201)).toHaveLength(4);
    expect(takers.find(({ status }) => status !== 201)).toMatchObject(refused(409, 'IpAddressGenerationFailure'));
    const many = { body: { floatingips: [{ ...floatingip, floating_ip_address: '203.0.113.200' }, floatingip] } };
    expect(await send('POST', '/v2.0/floatingips', many)).toMatchObject({ status: 409 });
    expect(await send('GET', '/v2.0/floatingips?floating_ip_address=203.0.113.200')).toMatchObject({
      body: { floatingips: [] },
    });
  });
});

test('a change is answered when it is on disk, and a refusal or a question at once', async () => {
  const [asked, disk] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const saved = vi.spyOn(running.networking, 'saved').mockImplementation(() => {
    asked.resolve();
    return disk.promise;
  });
  let isAnswered = false;
  const network = { body: { network: { name: 'slow' } } };
  const made = send('POST', '/v2.0/networks', network).finally(() => (isAnswered = true));
  await asked.promise;
  expect(await send('GET', '/v2.0/networks?name=slow')).toMatchObject({ body: { networks: [{ name: 'slow' }] } });
  expect(await send('DELETE', `/v2.0/networks/${UNKNOWN}`)).toMatchObject({ status: 404 });
  expect(isAnswered).toBe(false);
  disk.resolve();
  expect(await made).toMatchObject({ status: 201 });

  saved.mockRejectedValue(new NetworkingError(503, 'ServiceUnavailable', 'BUOY_STORE_UNUSABLE: the disk is gone'));
  expect(await send('POST', '/v2.0/networks', network)).toMatchObject(refused(503, 'ServiceUnavailable'));
  saved.mockRestore();
});

test('every answer has the id of its request, which the log has, too', async () => {
  const { headers } = await send('PUT', `/v2.0/networks/${external}`, { body: { network: {} } });
  const id = headers['x-openstack-request-id'];
  expect(id).toMatch(/^req-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  const line: unknown = JSON.parse(running.log.find((each) => each.includes(String(id))) ?? '');
  expect(line).toMatchObject({
    level: 30,
    client: 'unix',
    method: 'PUT',
    path: `/v2.0/networks/${external}`,
    status: 200,
  });
});

test('HEAD is GET without the body', async () => {
  const [get, head] = [await send('GET', '/v2.0/extensions'), await send('HEAD', '/v2.0/extensions')];
  expect(head).toMatchObject({ status: 200, text: '' });
  expect(head.headers['content-length']).toBe(get.headers['content-length']);
});

test('the packets of each floating IP are metrics of their own', async () => {
  const { text } = await send('GET', '/metrics/floating-ips');
  expect(text).toContain(`# TYPE buoy_floating_ip_received_packets_total counter
buoy_floating_ip_received_packets_total{floating_ip="203.0.113.5",router="r1"} 3
`);
  expect(text).toContain('buoy_floating_ip_received_bytes_total{floating_ip="203.0.113.5",router="r1"} 252');
  expect(text).toContain('buoy_floating_ip_sent_bytes_total{floating_ip="203.0.113.5",router="r1"} 0');
});

test('metrics count requests by route, not by path', async () => {
  await send('GET', `/v2.0/networks/${UNKNOWN}`);
  await send('GET', '/nonsense/of/any/kind');
  const { text, headers } = await send('GET', '/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toMatch(/buoy_http_requests_total\{method="GET",route="\/v2\.0\/networks\/:id",status="404"\} \d/);
  expect(text).toMatch(/buoy_http_requests_total\{method="GET",route="none",status="404"\} \d/);
  expect(text).toMatch(
    /buoy_http_request_duration_seconds_count\{method="PUT",route="\/v2\.0\/networks\/:id",status="200"\} \d/,
  );
  expect(text).not.toContain(UNKNOWN);
});

test('an error that nobody thought of tells nothing outside, and all of it in the log', async () => {
  await using broken = await runApi({});
  broken.agent.status = () => Promise.reject(new Error('the secret of /etc/shadow'));
  const answer = await ask(broken.targets[0], 'GET', '/v1/status');
  expect(answer).toMatchObject(refused(500, 'HTTPInternalServerError'));
  expect(answer.text).not.toMatch(/secret|\.ts|at /);
  expect(broken.log.join('')).toContain('the secret of /etc/shadow');
});
