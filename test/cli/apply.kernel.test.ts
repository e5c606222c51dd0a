// `plan`, `apply`, `show` and `destroy` on a real kernel, as a user runs them.

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/kernel/linux/index.ts';
import { json } from './buoy.ts';
import { devices, ip, KernelHost } from './kernel-host.ts';

const NET = 'test/cli/intents/net.yaml';
const MADE = ['fip-public', 'qrouter-blue'];

let host: KernelHost;
beforeEach(() => {
  host = new KernelHost();
});
afterEach(() => host[Symbol.dispose]());

test('a first run, from nothing and back', () => {
  const before = devices();

  const plan = host.buoy('plan', NET);
  expect(plan).toMatchObject({ exit: 2, err: '' });
  expect(plan.out).toMatch(/^netns fip-public\n {2}\+ namespace\n/);
  expect(plan.out).toMatch(/\n\n\d+ to add, \d+ to change, 0 to remove\.\n$/);
  expect(devices()).toEqual(before);
  expect(host.buoy('status').out).toBe('There is nothing of Buoy here.\n');

  const applied = host.buoy('apply', NET);
  expect(applied).toMatchObject({ exit: 0, err: '' });
  expect(applied.out).toMatch(/^Done in \d+\.\d\d s\.\n {2}added {4}2 namespaces, /);
  expect(host.namespaces()).toEqual(MADE);

  expect(host.buoy('plan', NET)).toEqual({ exit: 0, out: `Nothing to do: the kernel is as ${NET} says.\n`, err: '' });
  expect(json(host.buoy('plan', NET, '--json'))).toEqual({ operations: [] });
  expect(host.buoy('apply', NET)).toEqual({ exit: 0, out: `Nothing to do: the kernel is as ${NET} says.\n`, err: '' });

  const destroyed = host.buoy('destroy');
  expect(destroyed.out).toMatch(/^Done in \d+\.\d\d s\.\n {2}removed {2}2 namespaces\n$/);
  expect(host.namespaces()).toEqual([]);
  expect(devices()).toEqual(before);
  expect(host.leftovers()).toEqual([]);
  expect(host.buoy('destroy')).toEqual({ exit: 0, out: 'Nothing to do: there is nothing of Buoy here.\n', err: '' });
});

test('what it did is told in JSON', () => {
  const plan = json(host.buoy('plan', NET, '--json'));
  expect(plan).toMatchObject({
    operations: expect.arrayContaining([
      { kind: 'namespace.create', namespace: 'qrouter-blue', lines: ['+ namespace'] },
    ]),
  });
  expect(json(host.buoy('apply', NET, '--json'))).toEqual({
    operations: expect.any(Number),
    done: expect.any(Number),
    not_tried: 0,
    seconds: expect.any(Number),
    added: expect.objectContaining({ namespaces: 2, links: 3, nat_entries: 6, counters: 4 }),
    changed: { links: 2 },
    removed: {},
    errors: [],
  });
  expect(json(host.buoy('apply', NET, '--json'))).toMatchObject({
    operations: 0,
    done: 0,
    added: {},
    changed: {},
    removed: {},
  });
  expect(json(host.buoy('destroy', '--json'))).toMatchObject({ operations: 2, done: 2, removed: { namespaces: 2 } });
});

test('a moved floating IP is a small plan', () => {
  host.buoy('apply', NET);
  const moved = host.write('moved.yaml', readFileSync(NET, 'utf8').replace('10.0.0.20', '10.0.0.30'));
  expect(host.buoy('plan', moved)).toEqual({
    exit: 2,
    err: '',
    out: [
      'netns qrouter-blue',
      '  + element fixed 10.0.0.30 : 203.0.113.102',
      '  + element marked 10.0.0.30',
      '  ~ element floating 203.0.113.102 : 10.0.0.20 → 10.0.0.30',
      '  - element fixed 10.0.0.20 : 203.0.113.102',
      '  - connections of 10.0.0.20',
      '  - element marked 10.0.0.20',
      '',
      '2 to add, 1 to change, 3 to remove.',
      '',
    ].join('\n'),
  });
  expect(host.buoy('apply', moved).exit).toBe(0);
  expect(host.buoy('plan', moved).exit).toBe(0);
});

test('what the kernel has is listed', () => {
  host.buoy('apply', NET);
  const { out } = host.buoy('show');
  expect(out.split('\n').filter((line) => /^\S/.test(line))).toEqual([
    'host',
    'netns fip-public',
    'netns qrouter-blue',
  ]);
  expect(out).toContain(' 203.0.113.101 : 10.0.0.10\n');
  expect(json(host.buoy('show', '--json'))).toMatchObject({
    namespaces: [
      { name: null },
      { name: 'fip-public' },
      {
        name: 'qrouter-blue',
        sets: expect.arrayContaining([{ name: 'marked', kind: 'set', elements: ['10.0.0.10', '10.0.0.20'] }]),
      },
    ],
    foreign: { links: { 'br-ex': 'bridge', 'br-blue': 'bridge' } },
  });
});

test('instances do not touch each other', () => {
  host.buoy('apply', NET);
  const mine = host.buoy('show').out;
  expect(host.buoy('status', '--instance', 'other').out).toContain("Not Buoy's, and left alone\n  fip-public: ");
  expect(host.buoy('destroy', '--instance', 'other')).toMatchObject({
    exit: 0,
    out: 'Nothing to do: there is nothing of Buoy here.\n',
  });
  const refused = host.buoy('apply', NET, '--instance', 'other', '--json');
  expect(refused).toMatchObject({ exit: 5, err: '' });
  expect(json(refused)).toMatchObject({
    errors: expect.arrayContaining([expect.objectContaining({ code: 'BUOY_NAMESPACE_FOREIGN' })]),
  });
  expect(host.buoy('show').out).toBe(mine);
});

describe('what stands in the way is told before anything is changed', () => {
  /** The command changes nothing on the host, and ends with that exit code and a message. */
  function refused(exit: number, message: string, intent = NET): void {
    const [names, links] = [host.namespaces(), devices()];
    for (const command of ['plan', 'apply']) {
      expect(host.buoy(command, intent), command).toMatchObject({
        exit,
        out: '',
        err: expect.stringContaining(message),
      });
    }
    expect([host.namespaces(), devices()]).toEqual([names, links]);
  }

  test("another program's namespace, which outlives `apply` and `destroy` untouched", () => {
    host.addForeign('qrouter-live');
    host.addForeign('qrouter-blue');
    const before = [host.contents('qrouter-live'), host.contents('qrouter-blue')];
    refused(
      5,
      'buoy: the namespace name qrouter-blue is taken: a namespace without our mark\n  BUOY_NAMESPACE_FOREIGN: ',
    );
    expect(host.buoy('destroy').exit).toBe(0);
    expect([host.contents('qrouter-live'), host.contents('qrouter-blue')]).toEqual(before);

    host.remove('qrouter-blue');
    expect(host.buoy('apply', NET).exit).toBe(0);
    expect(host.buoy('destroy').exit).toBe(0);
    expect(host.namespaces()).toEqual(['qrouter-live']);
    expect(host.contents('qrouter-live')).toBe(before[0]);
  });

  test('a file that has the name', () => {
    host.addFile('fip-public', 'a note');
    refused(5, 'buoy: the namespace name fip-public is taken: not a network namespace');
  });

  test('a missing bridge', () => {
    ip('link', 'delete', 'br-ex');
    refused(3, 'buoy: there is no bridge br-ex, needed for fg-');
  });

  test('a device that has the name of a port', () => {
    const name = /peer (tap\S+)/.exec(host.buoy('plan', NET).out)?.[1] ?? '';
    ip('link', 'add', name, 'type', 'bridge');
    refused(5, `buoy: the device name ${name} is taken by `);
  });
});

describe('one at a time', () => {
  const holder = 'somebody else';

  test('the second does not wait if it is told so, and says who is at work', async () => {
    using _lock = await takeLock({ path: host.lockPath, holder, waitMs: 0 });
    for (const command of [['apply', NET], ['destroy']]) {
      expect(host.buoy(...command, '--lock-wait', '0')).toMatchObject({
        exit: 6,
        out: '',
        err: expect.stringMatching(
          /^buoy: another Buoy is changing this host: somebody else \(pid \d+\)\n {2}BUOY_LOCKED: /,
        ),
      });
    }
  });

  test('who only reads need not wait', async () => {
    using _lock = await takeLock({ path: host.lockPath, holder, waitMs: 0 });
    expect(host.buoy('plan', NET)).toMatchObject({ err: '' });
    expect(host.buoy('status')).toMatchObject({ err: '' });
  });

  test('the second waits, says for whom, and does its work', async () => {
    const lock = await takeLock({ path: host.lockPath, holder, waitMs: 0 });
    const waiting = host.start('apply', NET, '--lock-wait', '50');
    await expect
      .poll(() => waiting.err, { timeout: 30_000 })
      .toMatch(/^Waiting for somebody else \(pid \d+\), which is changing this host \(at most 50 s\)\.\n$/);
    lock[Symbol.dispose]();
    expect(await waiting.ended).toMatchObject({ exit: 0, out: expect.stringMatching(/^Done/) });
  });

  test('of two at the same time, each does its part', async () => {
    const both = await Promise.all([host.start('apply', NET).ended, host.start('apply', NET).ended]);
    expect(both).toMatchObject([{ exit: 0 }, { exit: 0 }]);
    const said = both.map(({ out }) => out.split(' ')[0]);
    expect(new Set(said)).toEqual(new Set(['Done', 'Nothing']));
    expect(host.buoy('plan', NET).exit).toBe(0);
  });
});

test('a port that has lost its bridge is told of, and repaired', () => {
  host.buoy('apply', NET);
  ip('link', 'delete', 'br-blue');
  host.addBridge('br-blue');
  expect(host.buoy('status', NET)).toMatchObject({ exit: 1 });
  expect(host.buoy('apply', NET).exit).toBe(0);
  expect(host.buoy('status', NET)).toMatchObject({ exit: 0 });
});

test('Ctrl-C ends a run, and the next one does the rest', async () => {
  const many = host.write('many.yaml', manyRouters(300));
  const running = host.start('apply', many);
  await expect.poll(() => host.namespaces().length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
  running.process.kill('SIGINT');
  expect(await running.ended).toEqual({
    exit: null,
    signal: 'SIGINT',
    out: '',
    err: '\nInterrupted. What was done stays; the same command does the rest.\n',
  });
  expect(host.buoy('plan', many).exit).toBe(2);
  expect(host.buoy('apply', many).exit).toBe(0);
  expect(host.buoy('status', many).exit).toBe(0);
  expect(host.buoy('destroy').exit).toBe(0);
  expect(host.namespaces()).toEqual([]);
});

/** An intent with many routers, as JSON, which is YAML. */
function manyRouters(number: number): string {
  const names = Array.from({ length: number }, (_, index) => `r${index}`);
  return JSON.stringify({
    networks: [
      { name: 'public', 'router:external': true, bridge: 'br-ex' },
      { name: 'blue', bridge: 'br-blue' },
    ],
    subnets: [
      { name: 'public', network_id: 'public', cidr: '198.18.0.0/16' },
      { name: 'blue', network_id: 'blue', cidr: '10.0.0.0/16' },
    ],
    routers: names.map((name, index) => ({
      name,
      external_gateway_info: { network_id: 'public' },
      interfaces: [{ subnet_id: 'blue', ip_address: `10.0.${index >> 7}.${(index & 127) + 1}` }],
    })),
  });
}
