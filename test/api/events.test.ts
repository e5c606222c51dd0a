import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

let running: RunningApi;
beforeAll(async () => {
  running = await runApi({ limits: { eventStreams: 2, eventBacklogBytes: 64 * 1024 } });
});
afterAll(() => running[Symbol.asyncDispose]());

interface Event {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** A reader that is there when this returns: it has read the first comment. */
async function open(query = '', from: RunningApi = running): Promise<IncomingMessage> {
  const sent = request({ socketPath: from.targets[0].address, path: `/v1/events${query}`, agent: false });
  sent.end();
  const responded: unknown[] = await once(sent, 'response');
  const [response] = responded;
  if (!isResponse(response)) throw new Error('no response');
  await once(response, 'readable');
  return response;
}

function isResponse(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'statusCode' in value;
}

/** The server learns of readers that have gone a moment later. */
async function untilReaders(count: number): Promise<void> {
  const metric = (): Promise<string> => running.registry.getSingleMetricAsString('buoy_event_streams');
  await expect.poll(metric, { timeout: 20_000 }).toContain(`buoy_event_streams ${count}`);
}

/** Events as they come, until the stream ends. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<Event, undefined> {
  let text = '';
  for await (const part of response) {
    text += String(part);
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks.filter((block) => !block.startsWith(':')).map(parseEvent);
  }
}

/** So many events, or all until the stream ends. */
async function read(response: IncomingMessage, most = Infinity): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of eventsOf(response)) {
    events.push(event);
    if (events.length >= most) break;
  }
  return events;
}

function parseEvent(block: string): Event {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const id = fields.get('id');
  const data: unknown = JSON.parse(fields.get('data') ?? 'null');
  return { event: fields.get('event') ?? '', data, ...(id === undefined ? {} : { id }) };
}

test('a stream tells what the agent tells, and what changes in the store', async () => {
  const response = await open();
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  running.agent.tell({ kind: 'drift', data: { router: 'r1', text: 'a\n\nb' } });
  const { body } = await ask(running.targets[0], 'POST', '/v2.0/networks', { body: { network: { name: 'blue' } } });
  const events = await read(response, 2);
  expect(events).toEqual([
    { event: 'drift', id: expect.any(String), data: { router: 'r1', text: 'a\n\nb' } },
    {
      event: 'intent',
      id: expect.any(String),
      data: {
        collection: 'networks',
        action: 'create',
        id: expect.any(String),
        resource: expect.objectContaining({ name: 'blue' }),
      },
    },
  ]);
  expect(body).toMatchObject({
    network: events[1]?.data instanceof Object && 'resource' in events[1].data ? events[1].data.resource : {},
  });
});

test('a stream has the kinds that were asked for', async () => {
  const response = await open('?kind=drift&kind=status');
  for (const kind of ['kernel', 'drift', 'intent', 'status']) running.agent.tell({ kind, data: {} });
  expect((await read(response, 2)).map(({ event }) => event)).toEqual(['drift', 'status']);
});

test('more readers than there may be are refused, and one that goes makes room', async () => {
  await untilReaders(0);
  const [first, second] = await Promise.all([open(), open()]);
  expect(await ask(running.targets[0], 'GET', '/v1/events')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '10' },
  });
  first.destroy();
  await untilReaders(1);
  (await open()).destroy();
  second.destroy();
});

test('a reader that reads nothing is dropped, with an event that says so; others go on', async () => {
  await untilReaders(0);
  const [slow, quick] = await Promise.all([open(), open()]);
  const text = 'x'.repeat(16 * 1024);
  const quickEvents = eventsOf(quick);
  for (let number = 0; number < 100; number += 1) {
    running.agent.tell({ kind: 'kernel', data: { number, text } });
    expect((await quickEvents.next()).value).toMatchObject({ event: 'kernel', data: { number } });
  }
  const slowReads = await read(slow);
  expect(slowReads.length).toBeLessThan(100);
  expect(slowReads.at(-1)).toEqual({ event: 'closing', data: { reason: 'reads too slowly' } });
  expect(await running.registry.getSingleMetricAsString('buoy_event_streams_dropped_total')).toContain(' 1');
});

test('a stop waits no longer than it may for what does not end', async () => {
  const stopping = await runApi({ limits: { stopTimeout: 50 } });
  const asked = stopping.agent.hold();
  const status = expect(ask(stopping.targets[0], 'GET', '/v1/status')).rejects.toThrow('socket hang up');
  await asked;
  await stopping[Symbol.asyncDispose]();
  await status;
});

test('a stop ends streams with an event that says so, and finishes what is under way', async () => {
  const stopping = await runApi({});
  const response = await open('', stopping);
  const events = read(response);
  const asked = stopping.agent.hold();
  const status = ask(stopping.targets[0], 'GET', '/v1/status');
  await asked;
  const stopped = stopping.api.stop();
  stopping.agent.answer();
  expect(await status).toMatchObject({ status: 200, body: { routers: 0 } });
  expect(await events).toEqual([{ event: 'closing', data: { reason: 'stopping' } }]);
  await stopped;
  await expect(ask(stopping.targets[0], 'GET', '/healthz')).rejects.toMatchObject({ code: 'ENOENT' });
  await stopping[Symbol.asyncDispose]();
});
