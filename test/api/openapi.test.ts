// Every route is asked for, and everything that is sent and answered is held against the document.

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventStreams } from '../../src/api/event-streams.ts';
import { DEFAULT_LIMITS } from '../../src/api/index.ts';
import { registerCounters } from '../../src/api/metrics.ts';
import { openApiDocument } from '../../src/api/openapi/document.ts';
import { allRoutes } from '../../src/api/routes/all.ts';
import { ask } from './ask.ts';
import type { Answer, Question } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

let running: RunningApi;
beforeAll(async () => {
  running = await runApi({});
});
afterAll(() => running[Symbol.asyncDispose]());

const document = openApiDocument();
const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'api');

/** The operations of the document that were asked for with success. */
const asked = new Set<string>();

/** What is wrong with a value, by the schema at these steps in the document. */
function faults(steps: readonly string[], value: unknown): unknown {
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const validate = ajv.getSchema(`api#/${pointer}`);
  if (validate === undefined) return `the document has nothing at ${pointer}`;
  return validate(value) === true ? undefined : validate.errors;
}

function has(steps: readonly string[]): boolean {
  let value: unknown = document;
  for (const step of steps) {
    if (!(value instanceof Object) || !Object.hasOwn(value, step)) return false;
    value = new Map(Object.entries(value)).get(step);
  }
  return true;
}

/** Asks, and holds what is sent and what is answered against the operation of the document at a path as it writes them. */
async function talk(method: string, template: string, path: string, question: Question = {}): Promise<Answer> {
  const answer = await ask(running.targets[0], method.toUpperCase(), path, question);
  const operation = ['paths', template, method];
  const media = ['content', 'application/json', 'schema'];
  const key = String(answer.status);
  expect(has([...operation, 'responses', 'default']), `${method} ${template} in the document`).toBe(true);
  if (answer.status < 400) {
    expect(has([...operation, 'responses', key]), `${method} ${template}: ${key} in the document`).toBe(true);
    if (question.body !== undefined)
      expect(faults([...operation, 'requestBody', ...media], question.body), `${method} ${path}`).toBeUndefined();
    asked.add(`${method} ${template}`);
  }
  const steps = has([...operation, 'responses', key])
    ? [...operation, 'responses', key]
    : ['components', 'responses', 'Error'];
  if (has([...steps, ...media])) expect(faults([...steps, ...media], answer.body), `${method} ${path}`).toBeUndefined();
  else expect(answer.body, `${method} ${path} answers no JSON`).toBeUndefined();
  return answer;
}

/** Creates a resource, and does with it what can be done with all. Answers its id. */
async function live(collection: string, singular: string, attributes: object, change: object): Promise<string> {
  const path = `/v2.0/${collection}`;
  const created = await talk('post', path, path, { body: { [singular]: attributes } });
  expect(created).toMatchObject({ status: 201, body: { [singular]: attributes } });
  const id = /"id":"(?<id>[0-9a-f-]{36})"/.exec(created.text)?.groups?.['id'] ?? '';
  const own = `${path}/${id}`;
  expect(await talk('get', `${path}/{id}`, own)).toMatchObject({ status: 200, body: { [singular]: { id } } });
  const updated = await talk('put', `${path}/{id}`, own, { body: { [singular]: change } });
  expect(updated).toMatchObject({ status: 200, body: { [singular]: change } });
  expect(await talk('put', `${path}/{id}/tags/{tag}`, `${own}/tags/gold`)).toMatchObject({ status: 201 });
  expect(await talk('get', `${path}/{id}/tags/{tag}`, `${own}/tags/gold`)).toMatchObject({ status: 204 });
  const tags = { tags: ['silver', 'web'] };
  expect(await talk('put', `${path}/{id}/tags`, `${own}/tags`, { body: tags })).toMatchObject({
    status: 200,
    body: tags,
  });
  expect(await talk('get', `${path}/{id}/tags`, `${own}/tags`)).toMatchObject({ status: 200, body: tags });
  expect(await talk('post', `${path}/{id}/tags`, `${own}/tags`, { body: { tags: ['gold', 'silver'] } })).toMatchObject({
    status: 201,
    body: { tags: ['gold', 'silver', 'web'] },
  });
  expect(await talk('delete', `${path}/{id}/tags/{tag}`, `${own}/tags/gold`)).toMatchObject({ status: 204 });
  expect(await talk('delete', `${path}/{id}/tags/{tag}`, `${own}/tags/web`)).toMatchObject({ status: 204 });
  expect(await talk('get', path, `${path}?limit=1&tags=silver`)).toMatchObject({
    body: { [collection]: [{ id, tags: ['silver'] }] },
  });
  expect(await talk('delete', `${path}/{id}/tags`, `${own}/tags`)).toMatchObject({ status: 204 });
  expect(await talk('delete', `${path}/{id}/tags/{tag}`, `${own}/tags/web`)).toMatchObject({ status: 404 });
  return id;
}

describe('real answers are those of the document', () => {
  test('networks, subnets, ports, routers and floating IPs', async () => {
    const provider = { 'provider:network_type': 'flat', 'provider:physical_network': 'external' };
    const external = await live(
      'networks',
      'network',
      { name: 'public', 'router:external': true, ...provider },
      { description: 'a' },
    );
    const publicSubnet = {
      network_id: external,
      ip_version: 4,
      cidr: '203.0.113.0/24',
      allocation_pools: [{ start: '203.0.113.10', end: '203.0.113.99' }],
    };
    await live('subnets', 'subnet', publicSubnet, { name: 'v4', gateway_ip: '203.0.113.1' });
    const network = await live('networks', 'network', { name: 'blue' }, { mtu: 1400 });
    const subnet = await live(
      'subnets',
      'subnet',
      {
        network_id: network,
        ip_version: 4,
        cidr: '10.0.0.0/24',
        host_routes: [{ destination: '10.1.0.0/16', nexthop: '10.0.0.7' }],
      },
      { dns_nameservers: ['192.0.2.53'] },
    );
    const v6 = await live(
      'subnets',
      'subnet',
      { network_id: network, ip_version: 6, cidr: '2001:db8::/64' },
      { name: 'v6' },
    );
    const port = await live(
      'ports',
      'port',
      { network_id: network, fixed_ips: [{ subnet_id: subnet, ip_address: '10.0.0.10' }] },
      { 'binding:profile': { a: 1 }, device_id: 'vm' },
    );
    const router = await live(
      'routers',
      'router',
      { name: 'edge' },
      { external_gateway_info: { network_id: external } },
    );

    const path = '/v2.0/routers/{id}';
    const own = `/v2.0/routers/${router}`;
    const connection = { body: { subnet_id: subnet } };
    expect(await talk('put', `${path}/add_router_interface`, `${own}/add_router_interface`, connection)).toMatchObject({
      status: 200,
    });
    const route = { body: { router: { routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.9' }] } } };
    expect(await talk('put', `${path}/add_extraroutes`, `${own}/add_extraroutes`, route)).toMatchObject({
      status: 200,
      body: route.body,
    });
    expect(await talk('put', `${path}/remove_extraroutes`, `${own}/remove_extraroutes`, route)).toMatchObject({
      status: 200,
    });

    const floating = await live('floatingips', 'floatingip', { floating_network_id: external }, { port_id: port });
    running.networking.setRouterStatus(router, {
      status: 'ERROR',
      error: { code: 'BUOY_KERNEL_REFUSED', message: 'no' },
    });
    for (const collection of ['routers', 'floatingips', 'ports'])
      await talk('get', `/v2.0/${collection}`, `/v2.0/${collection}`);

    expect(await talk('delete', '/v2.0/networks/{id}', `/v2.0/networks/${external}`)).toMatchObject({ status: 409 });
    expect(await talk('delete', '/v2.0/floatingips/{id}', `/v2.0/floatingips/${floating}`)).toMatchObject({
      status: 204,
    });
    expect(
      await talk('put', `${path}/remove_router_interface`, `${own}/remove_router_interface`, connection),
    ).toMatchObject({ status: 200 });
    for (const [collection, id] of [
      ['ports', port],
      ['routers', router],
      ['subnets', v6],
      ['networks', network],
    ])
      expect(await talk('delete', `/v2.0/${collection}/{id}`, `/v2.0/${collection}/${id}`)).toMatchObject({
        status: 204,
      });
  });

  test('many at once, and pages of them', async () => {
    const networks = ['a', 'b', 'c'].map((name) => ({ name, description: 'page' }));
    const bulk = { body: { networks } };
    expect(await talk('post', '/v2.0/networks', '/v2.0/networks', bulk)).toMatchObject({
      status: 201,
      body: { networks },
    });
    const page = await talk('get', '/v2.0/networks', '/v2.0/networks?limit=1&description=page&sort_key=name');
    expect(page.body).toMatchObject({ networks: [{ name: 'a' }], networks_links: [{ rel: 'next' }] });
  });

  test('versions, extensions, agents, quotas', async () => {
    for (const path of [
      '/',
      '/v2.0',
      '/v2.0/extensions',
      '/v2.0/agents',
      '/openapi.json',
      '/v1/status',
      '/metrics',
      '/metrics/floating-ips',
      '/healthz',
    ])
      expect(await talk('get', path, path), path).toMatchObject({ status: 200 });
    await talk('get', '/v2.0/extensions/{alias}', '/v2.0/extensions/router');
    await talk('get', '/v2.0/extensions/{alias}', '/v2.0/extensions/nonsense');
    const { text } = await ask(running.targets[0], 'GET', '/v2.0/agents?fields=id');
    const id = /"id":"(?<id>[^"]+)"/.exec(text)?.groups?.['id'];
    expect(await talk('get', '/v2.0/agents/{id}', `/v2.0/agents/${id}`)).toMatchObject({ status: 200 });
    const quota = '/v2.0/quotas/{project}';
    expect(await talk('put', quota, '/v2.0/quotas/p1', { body: { quota: { floatingip: 3 } } })).toMatchObject({
      status: 200,
    });
    expect(await talk('get', '/v2.0/quotas', '/v2.0/quotas')).toMatchObject({
      body: { quotas: [{ project_id: 'p1', floatingip: 3 }] },
    });
    for (const end of ['', '/default', '/details']) await talk('get', `${quota}${end}`, `/v2.0/quotas/p1${end}`);
    expect(await talk('delete', quota, '/v2.0/quotas/p1')).toMatchObject({ status: 204 });
  });

  test('ready or not', async () => {
    running.agent.waiting = 'the first reconcile';
    expect(await talk('get', '/readyz', '/readyz')).toMatchObject({
      status: 503,
      body: { status: 'waiting', reason: 'the first reconcile' },
    });
    running.agent.waiting = undefined;
    expect(await talk('get', '/readyz', '/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  test('every operation of the document was asked for', () => {
    const paths: unknown = document['paths'];
    const operations = Object.entries(paths ?? {}).flatMap(([path, methods]: [string, object]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    // A stream does not end: test/api/events.test.ts reads it.
    expect(operations.filter((operation) => !asked.has(operation))).toEqual(['get /v1/events']);
  });
});

test('the document has every route, and no other', () => {
  const routes = new Set<string>();
  const app = fastify();
  app.addHook('onRoute', ({ method, url, handler }) => {
    // Methods that are there only to be refused, or to tell of the others.
    for (const each of [method].flat()) {
      if (['GET', 'POST', 'PUT', 'DELETE'].includes(each) && !handler.name.startsWith('refuse'))
        routes.add(`${each.toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    }
  });
  const counters = registerCounters(new Registry());
  const { agent, networking, registry } = running;
  const streams = new EventStreams(agent, networking, DEFAULT_LIMITS, counters);
  allRoutes(app, { agent, networking, registry, logger: app.log, limits: DEFAULT_LIMITS, counters, streams });
  streams.close();
  const paths: unknown = document['paths'];
  const operations = Object.entries(paths ?? {}).flatMap(([path, methods]: [string, object]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  // The same under the name that clients ask for.
  routes.delete('get /v2.0/quotas/{project}/details.json');
  expect([...routes].toSorted()).toEqual(operations.toSorted());
});
