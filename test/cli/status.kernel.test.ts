// `status` and `doctor` on a real kernel, and what commands say to who may not do all of it.

import { mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REQUIREMENT_IDS, requirement } from '../../src/cli/requirements/requirement.ts';
import { BUOY, json, run } from './buoy.ts';
import type { Run } from './buoy.ts';
import { must } from '../support/must.ts';
import { devices, ip, KernelHost } from './kernel-host.ts';

const NET = 'test/cli/intents/net.yaml';

let host: KernelHost;
beforeEach(() => {
  host = new KernelHost();
});
afterEach(() => host[Symbol.dispose]());

describe('status', () => {
  test('of what works', () => {
    host.buoy('apply', NET);
    const table = [
      'NAMESPACE     HEALTH',
      'fip-public    healthy',
      'qrouter-blue  healthy',
      '',
      'ROUTER  LEADS TO    FLOATING  HEALTH',
      'blue    fip-public  2         healthy',
      '',
      'FLOATING IP    FIXED IP   ROUTER  HEALTH',
      '203.0.113.101  10.0.0.10  blue    healthy',
      '203.0.113.102  10.0.0.20  blue    healthy',
      '',
      'All is healthy: 1 router, 2 floating IPs.',
      '',
    ].join('\n');
    expect(host.buoy('status')).toEqual({ exit: 0, out: table, err: '' });
    expect(host.buoy('status', NET)).toEqual({ exit: 0, out: table, err: '' });
    const healthy = { healthy: true, problems: [] };
    const floatingIp = (floating: string, fixed: string): object => ({
      floating_ip_address: floating,
      fixed_ip_address: fixed,
      router_id: 'blue',
      ...healthy,
    });
    expect(json(host.buoy('status', '--json'))).toEqual({
      instance: 'default',
      healthy: true,
      namespaces: [
        { name: 'fip-public', differences: 0, ...healthy },
        { name: 'qrouter-blue', differences: 0, ...healthy },
      ],
      routers: [{ id: 'blue', fip_namespace: 'fip-public', floating_ips: 2, ...healthy }],
      floating_ips: [floatingIp('203.0.113.101', '10.0.0.10'), floatingIp('203.0.113.102', '10.0.0.20')],
      foreign_namespaces: {},
    });
  });

  test('of what has passed', () => {
    host.buoy('apply', NET);
    const counted = (name: string, packets: number, bytes: number): void => {
      host.inside('qrouter-blue', 'nft', 'flush', 'set', 'ip', 'buoy', name);
      const element = `{ 203.0.113.101 counter packets ${packets} bytes ${bytes} }`;
      host.inside('qrouter-blue', 'nft', 'add', 'element', 'ip', 'buoy', name, element);
    };
    counted('received', 3, 1234);
    counted('sent', 2, 84);
    const { out } = host.buoy('status', '--counters');
    expect(out).toContain(
      [
        'FLOATING IP    FIXED IP   ROUTER  PACKETS IN  BYTES IN  PACKETS OUT  BYTES OUT  HEALTH',
        '203.0.113.101  10.0.0.10  blue    3           1,234     2            84         healthy',
        '203.0.113.102  10.0.0.20  blue    -           -         -            -          healthy',
      ].join('\n'),
    );
    expect(json(host.buoy('status', NET, '--counters', '--json'))).toMatchObject({
      floating_ips: [
        { received: { packets: 3, bytes: 1234 }, sent: { packets: 2, bytes: 84 } },
        { received: null, sent: null },
      ],
    });
  });

  test('of what somebody broke, and `apply` repairs', () => {
    host.buoy('apply', NET);
    host.inside('qrouter-blue', 'nft', 'delete', 'element', 'ip', 'buoy', 'fixed', '{ 10.0.0.10 }');
    const broken = host.buoy('status');
    expect(broken).toMatchObject({ exit: 1, err: '' });
    expect(broken.out).toContain(
      '\n203.0.113.101  10.0.0.10  blue    broken\n203.0.113.102  10.0.0.20  blue    healthy\n',
    );
    expect(broken.out).toContain('  floating IP 203.0.113.101: nothing translates 10.0.0.10 to it (@fixed)\n');
    expect(json(host.buoy('status', NET, '--json'))).toMatchObject({
      healthy: false,
      namespaces: [{ differences: 0 }, { differences: 2 }],
      floating_ips: [{ healthy: false, problems: ['nothing translates 10.0.0.10 to it (@fixed)'] }, { healthy: true }],
    });

    const port = must(devices().find((device) => /^tap.* br-ex /.test(device)));
    ip('link', 'set', must(port.split(' ')[0]), 'nomaster');
    expect(host.buoy('status').out).toContain('is in no bridge');
    expect(host.buoy('apply', NET).exit).toBe(0);
    expect(host.buoy('status', NET).exit).toBe(0);
  });

  test('of what is not there', () => {
    expect(host.buoy('status')).toEqual({ exit: 0, out: 'There is nothing of Buoy here.\n', err: '' });
    const missing = host.buoy('status', NET);
    expect(missing.exit).toBe(1);
    expect(missing.out).toContain('  floating IP 203.0.113.101: is in the intent and not there\n');
  });

  test("tells of namespaces that are not Buoy's", () => {
    host.addForeign('qrouter-live');
    expect(host.buoy('status')).toEqual({
      exit: 0,
      out: "Not Buoy's, and left alone\n  qrouter-live: a namespace without our mark\n\nThere is nothing of Buoy here.\n",
      err: '',
    });
  });
});

describe('doctor', () => {
  test('finds all that is needed on the kernel that these tests run on, and leaves nothing behind', () => {
    const [links, mounts] = [devices(), run('cat', '/proc/self/mounts').out];
    const told = host.buoy('doctor', '--json');
    expect(told).toMatchObject({ exit: 0, err: '' });
    expect(json(told)).toMatchObject({
      able: true,
      kernel: expect.any(String),
      findings: REQUIREMENT_IDS.map((id) => ({ id, verdict: expect.stringMatching(/^(there|missing)$/) })),
    });
    expect(host.leftovers()).toEqual([]);
    expect(host.namespaces()).toEqual([]);
    expect([devices(), run('cat', '/proc/self/mounts').out]).toEqual([links, mounts]);
  });

  test('for a person, in 100 columns', () => {
    const { out } = host.buoy('doctor');
    expect(out).toMatch(/^Buoy \d+\.\d+\.\d+ on Linux /);
    expect(out).toMatch(/\n\nBuoy can work here\.\n$/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100 + host.names.length);
  });

  test('says how many open files there should be', () => {
    const told = run('prlimit', '--nofile=512:512', ...BUOY, ...host.arguments(['doctor']));
    expect(told.exit).toBe(4);
    expect(told.out).toMatch(/ ✗ open files .*\[512\]\n {6}Allow 4096: /);
    expect(told.out).toMatch(/\nBuoy cannot work here: see ✗\.\n$/);
  });
});

describe('without privileges', () => {
  const UNPRIVILEGED = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all'] as const;

  function unprivileged(...args: readonly string[]): Run {
    return run(...UNPRIVILEGED, ...BUOY, ...host.arguments(args));
  }

  const REMEDY =
    'Run the same command as root (sudo). In a container, start that with --cap-add NET_ADMIN --cap-add SYS_ADMIN --cap-add NET_RAW.';

  test.each([['plan', NET], ['apply', NET], ['status'], ['status', NET], ['show'], ['destroy']])(
    '`%s %s` says what it lacks',
    (...args) => {
      expect(unprivileged(...args.filter((arg) => arg !== undefined))).toEqual({
        exit: 4,
        out: '',
        err: `buoy: this needs CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_NET_RAW, which this process does not have\n  BUOY_NOT_PRIVILEGED: ${REMEDY}\n`,
      });
      expect(host.leftovers()).toEqual([]);
    },
  );

  test('one that has some of them is told of the others', () => {
    const told = run(
      'setpriv',
      '--bounding-set',
      '-net_raw',
      '--inh-caps',
      '-all',
      ...BUOY,
      ...host.arguments(['status', '--json']),
    );
    expect(told).toMatchObject({ exit: 4, err: '' });
    expect(json(told)).toMatchObject({
      errors: [{ code: 'BUOY_NOT_PRIVILEGED', remedy: requirement('CAP_NET_RAW').remedy }],
    });
  });

  test('`doctor` says what it could not try', () => {
    const told = unprivileged('doctor');
    expect(told.exit).toBe(4);
    expect(told.out).toContain(
      `  ✗ CAP_SYS_ADMIN           enters network namespaces and gives them names\n      ${requirement('CAP_SYS_ADMIN').remedy}\n`,
    );
    expect(told.out).toContain('  ? veth devices ');
    expect(told.out).toMatch(/\nBuoy cannot work here: see ✗\. As long as that is missing, \? cannot be tried\.\n$/);
  });

  test('`validate` works all the same', () => {
    expect(unprivileged('validate', NET)).toMatchObject({ exit: 0, err: '' });
  });
});

test('what cannot be written is told: a directory of names on a read-only file system', () => {
  const place = dirname(host.names);
  mkdirSync(host.names);
  const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"`;
  const told = run('unshare', '--mount', 'sh', '-c', script, 'sh', place, ...BUOY, ...host.arguments(['doctor']));
  expect(told.exit).toBe(4);
  expect(told.out).toContain(' ✗ names of namespaces ');
  expect(readdirSync(place)).toEqual(['netns']);
});
