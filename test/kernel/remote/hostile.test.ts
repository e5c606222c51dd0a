// The privileged end against an unprivileged one that was taken over: whatever comes, nothing is done outside
// of the owned space, and nothing makes this end throw.

import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from '../../../src/host/diff.ts';
import { trespassOf } from '../../../src/host/owned-space.ts';
import type { Operation } from '../../../src/host/plan.ts';
import { toJson } from '../../../src/kernel/remote/plan-text.ts';
import { parseBoundedJson } from '../../../src/kernel/remote/bounded-json.ts';
import { parseRequest, REQUEST_LIMIT } from '../../../src/kernel/remote/requests.ts';
import { serveKernel } from '../../../src/kernel/remote/index.ts';
import { compile } from '../../../src/layout/index.ts';
import { HOST, parseNamespaceName } from '../../../src/model/names.ts';
import { asFarAs, TestHost } from '../../support/apply-plan.ts';
import { garbage, litter } from '../../support/garbage.ts';
import { link, NOTHING } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';
import { models } from '../../support/random-models.ts';
import { operations } from '../../support/random-operations.ts';
import { host, INSTANCE, MARK, pair, RecordingKernel } from './kernels.ts';

const ROUTER = must(parseNamespaceName('qrouter-a'));
const EMPTY = compile(NOTHING, new Map(), { instance: INSTANCE });

function frame(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('Operations as JSON', () => {
  test('are read as they were written, from any state to any layout', () => {
    fc.assert(
      fc.property(models, garbage, models, (from, acts, to) => {
        const actual = litter(new TestHost(compile(from, new Map(), { instance: INSTANCE })), acts);
        const { steps } = diff(asFarAs(actual, actual), compile(to, new Map(), { instance: INSTANCE }));
        expect(parseRequest(toJson({ kind: 'plan', id: 1, steps }))).toStrictEqual({ kind: 'plan', id: 1, steps });
      }),
      { numRuns: 60 },
    );
  });

  test('are read as they were written, of every kind', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 20 }), (list) => {
        const { steps } = planOf([list]);
        expect(parseRequest(toJson({ kind: 'plan', id: 1, steps }))).toStrictEqual({ kind: 'plan', id: 1, steps });
      }),
    );
  });
});

describe('What ends the connection', () => {
  const deep = `{"kind":"read","id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['what is not JSON', Buffer.from('read')],
    ['an unknown request', Buffer.from('{"kind":"run","id":1}')],
    ['a key that there is not', Buffer.from('{"kind":"read","id":1,"path":"/etc/shadow"}')],
    ['a number that is none', Buffer.from('{"kind":"read","id":"1"}')],
    ['a deep nest', Buffer.from(deep)],
    ['millions of empty lists', Buffer.from(`{"kind":"read","id":[${'[],'.repeat(3_000_001)}0]}`)],
    [
      'an operation of no kind',
      toJson({ kind: 'plan', id: 1, steps: [{ subject: ROUTER, operations: [{}], after: [] }] }),
    ],
    ['a name that is a path', planWith({ kind: 'namespace.create', namespace: 'qrouter-/../../etc' })],
    [
      'an address beyond all',
      planWith({ kind: 'address.announce', namespace: ROUTER, link: 'x', addresses: [2 ** 32] }),
    ],
    ['the end of a watch that there is not', Buffer.from('{"kind":"unwatch","id":1}')],
  ];
  test.each(wrong)('%s', async (_what, body) => {
    const [near, far] = duplexPair();
    const served = serveKernel(new RecordingKernel(), far, { space: { mark: MARK, devices: undefined } });
    near.write(frame(body));
    expect(await served.ended).toMatchObject({ name: 'ProtocolViolation' });
    expect(far.destroyed).toBe(true);
  });

  test('a length beyond the limit, before anything of it has come', async () => {
    const [near, far] = duplexPair();
    const served = serveKernel(new RecordingKernel(), far, { space: { mark: MARK, devices: undefined } });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(REQUEST_LIMIT + 1);
    near.write(length);
    expect(await served.ended).toMatchObject({ name: 'ProtocolViolation' });
  });

  test('more of plans than is kept, of however few operations', async () => {
    const [near, far] = duplexPair();
    const options = { space: { mark: MARK, devices: undefined }, mostPlanBytes: 10_000 };
    const served = serveKernel(new RecordingKernel(), far, options);
    const addresses = Array.from({ length: 300 }, (_, index) => index);
    const announcement = { kind: 'address.announce', namespace: ROUTER, link: 'x', addresses };
    for (let id = 1; id <= 20; id++) near.write(frame(planWith(announcement, id)));
    expect(await served.ended).toMatchObject({ message: 'plans of more than 10000 bytes at once' });
  });

  test('more requests than can be under way', async () => {
    const { kernel, streams, served } = pair();
    const gate = Promise.withResolvers<void>();
    kernel.gate = gate.promise;
    for (let id = 1; id <= 300; id++) streams[0].write(frame(toJson({ kind: 'read', id })));
    await new Promise((resolve) => streams[1].once('close', resolve));
    gate.resolve();
    expect(await served.ended).toMatchObject({ message: 'more than 256 requests at once' });
  });
});

test('a plan that leaves the owned space is refused whole, told of, and nothing of it is done', async () => {
  const { remote, kernel, refused } = pair();
  const plan = planOf([
    [{ kind: 'namespace.create', namespace: ROUTER }],
    [{ kind: 'link.delete', namespace: HOST, link: link('eth0') }],
  ]);
  await expect(remote.apply(plan)).rejects.toMatchObject({ code: 'BUOY_OUTSIDE_OWNED_SPACE' });
  expect(kernel.plans).toEqual([]);
  expect(refused).toMatchObject([{ operation: { kind: 'link.delete' }, reason: 'the link eth0 is not ours' }]);
  // And the next one is none the worse for it.
  expect(await remote.apply(planOf([[{ kind: 'namespace.create', namespace: ROUTER }]]))).toMatchObject({ done: 1 });
});

test('JSON is measured without being misled by its strings', () => {
  const bounds = { depth: 2, values: 4 };
  expect(parseBoundedJson(Buffer.from(String.raw`[["[[[\"[[,,,,,,\\"]]`), bounds)).toEqual([['[[["[[,,,,,,\\']]);
  expect(() => parseBoundedJson(Buffer.from('[[[]]]'), bounds)).toThrow('deeper');
  expect(() => parseBoundedJson(Buffer.from('[0,0,0,0,0]'), bounds)).toThrow('values');
  expect(() => parseBoundedJson(Buffer.from('["'), bounds)).toThrow('not JSON');
});

/** A place in a message, and what is done to it there. */
const damage = fc.record({
  at: fc.nat(),
  value: fc.oneof(
    fc.constantFrom<unknown>(null, -1, 1.5, 2 ** 33, '', '.', '..', '/', 'eth0', 'blue', true, [], {}, '__proto__'),
    fc.constantFrom<unknown>('net.ipv4.//.//.kernel.core_pattern', 'qrouter-', MARK, 'bridge', HOST, 'link.delete'),
    fc.jsonValue({ maxDepth: 3 }),
  ),
  how: fc.constantFrom('replace', 'delete', 'add', 'copy'),
});

test('one that takes no answers gets no further, and is ended when it asks for more', async () => {
  const [near, far] = duplexPair();
  const space = { mark: MARK, devices: undefined };
  const served = serveKernel(new RecordingKernel(), far, { space, mostUnsent: 1000 });
  near.on('error', () => undefined);
  // Some are on their way in the stream itself.
  for (let id = 1; id <= 4000; id++) {
    near.write(frame(toJson({ kind: 'apply', id, isWatched: false })));
    if (id % 20 === 0) await new Promise(setImmediate);
  }
  near.end();
  expect(await served.ended).toMatchObject({ message: 'more than 256 requests at once' });
});

interface Place {
  readonly in: object;
  readonly key: string;
}

/** Where every value is that is in a message. */
function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    found.push({ in: value, key });
    placesIn(member, found);
  }
  return found;
}

test('whatever comes, nothing is done outside of the owned space, and this end goes on', async () => {
  const requests = fc.oneof(
    { weight: 6, arbitrary: fc.array(operations, { minLength: 1, maxLength: 4 }).map(planRequests) },
    { weight: 2, arbitrary: models.map(layoutRequests) },
    fc.constantFrom<unknown[]>([{ kind: 'read', id: 7 }], [{ kind: 'watch', id: 8 }], [{ kind: 'cancel', id: 2 }]),
  );
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(requests, { minLength: 1, maxLength: 4 }),
      fc.array(damage, { maxLength: 3 }),
      fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 8 }),
      async (groups, damages, noise) => {
        const messages: unknown[] = groups.flat().map((message): unknown => JSON.parse(toJson(message).toString()));
        for (const { at, value, how } of damages) {
          const places = placesIn(messages);
          const place = places[at % places.length];
          if (place === undefined) break;
          if (how === 'replace') Reflect.set(place.in, place.key, value);
          else if (how === 'delete') Reflect.deleteProperty(place.in, place.key);
          else if (how === 'add') Reflect.set(place.in, Array.isArray(place.in) ? place.in.length : 'more', value);
          else Reflect.set(place.in, place.key, places[(at * 31) % places.length]?.key);
        }
        const [near, far] = duplexPair();
        const kernel = new RecordingKernel();
        const served = serveKernel(kernel, far, { space: { mark: MARK, devices: undefined } });
        near.on('error', () => undefined).resume();
        for (const message of messages) near.write(frame(Buffer.from(JSON.stringify(message) ?? '')));
        if (noise !== null) near.write(noise);
        near.end();
        await served.ended;
        for (const plan of kernel.plans) {
          applied++;
          expect(trespassOf(plan, { mark: MARK, devices: undefined }, host().read(MARK).foreign.links)).toBeUndefined();
        }
      },
    ),
    { numRuns: 500 },
  );
  // Else nothing was tried.
  expect(applied).toBeGreaterThan(30);
});

function planRequests(list: readonly Operation[]): unknown[] {
  return [
    { kind: 'plan', id: 2, steps: planOf([list]).steps },
    { kind: 'apply', id: 2, isWatched: true },
  ];
}

function layoutRequests(model: Parameters<typeof compile>[0]): unknown[] {
  const { steps } = diff(EMPTY, compile(model, new Map(), { instance: INSTANCE }));
  return [
    { kind: 'plan', id: 3, steps },
    { kind: 'apply', id: 3, isWatched: false },
  ];
}

function planWith(operation: unknown, id = 1): Buffer {
  return toJson({ kind: 'plan', id, steps: [{ subject: ROUTER, operations: [operation], after: [] }] });
}
