// The configuration of the agent: what a file says, and what is wrong with it.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findAccount, findGroup } from '../../src/agent/accounts.ts';
import { parseConfig } from '../../src/agent/config.ts';
import { makeDirectories } from '../../src/agent/directories.ts';
import { createLog } from '../../src/agent/log.ts';
import { link } from '../support/models.ts';
import { errorsOf } from '../support/faults.ts';

const scratch = mkdtempSync(join(tmpdir(), 'buoy-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('an empty file is a configuration', () => {
  expect(parseConfig('', 'agent.yaml')).toEqual({
    instance: 'default',
    host: hostname(),
    store: '/var/lib/buoy/buoy.db',
    netnsDirectory: '/run/netns',
    user: undefined,
    group: undefined,
    listen: { unix: { path: '/run/buoy/buoy.sock', group: undefined }, tcp: [] },
    physicalNetworks: new Map(),
    allowedDevices: undefined,
    auditIntervalSeconds: 600,
    log: { level: 'info', format: 'json' },
    auditLog: undefined,
    mayRemoveAll: false,
  });
});

test('the example says what its comments do', () => {
  const text = readFileSync('examples/agent.yaml', 'utf8');
  const config = parseConfig(text, 'agent.yaml');
  expect(config).toMatchObject({ user: 'buoy', listen: { unix: { group: 'buoy' } } });
  // With all that it has in comments, too.
  const whole = parseConfig(text.replaceAll(/^# ?(?=[a-z_]+:|  )/gm, ''), 'agent.yaml');
  expect(whole.physicalNetworks).toEqual(
    new Map([
      ['public', { driver: 'bridge', bridge: link('br-ex') }],
      ['lab', { driver: 'macvlan', parent: link('eth1') }],
    ]),
  );
  expect(whole.allowedDevices).toEqual(new Set([link('br-tenants'), link('br-ex'), link('eth1')]));
  expect(whole.listen.tcp).toEqual([
    { address: '127.0.0.1', port: 9696, security: undefined },
    {
      address: '192.0.2.10',
      port: 9696,
      security: { certificate: '/etc/buoy/tls.crt', key: '/etc/buoy/tls.key', tokens: '/etc/buoy/tokens' },
    },
  ]);
});

describe('What is wrong is told with its place', () => {
  const TCP = 'listen: {tcp: [{address: 192.0.2.1, port: 9696';
  const faults: readonly (readonly [string, string, string, string])[] = [
    ['an unknown key', 'audit_intervall: 3', 'BUOY_UNKNOWN_KEY', '1:1'],
    ['an account that cannot be', 'user: "../root"', 'BUOY_INVALID_VALUE', '1:7'],
    ['a path that depends on where one is', 'store: buoy.db', 'BUOY_INVALID_VALUE', '1:8'],
    ['an instance with a slash', 'instance: a/b', 'BUOY_INVALID_VALUE', '1:11'],
    ['a device that cannot be', 'allowed_devices: [a/b]', 'BUOY_INVALID_NAME', '1:19'],
    ['a network in no way', 'physical_networks:\n  public: {}', 'BUOY_INVALID_VALUE', '2:11'],
    ['an interval of nothing', 'audit_interval: 0', 'BUOY_INVALID_VALUE', '1:17'],
    ['a level that there is not', 'log: {level: loud}', 'BUOY_INVALID_VALUE', '1:14'],
    ['TCP without TLS', `${TCP}, tokens: /t}]}`, 'BUOY_MISSING_KEY', '1:16'],
    ['TCP without tokens', `${TCP}, tls: {certificate: /c, key: /k}}]}`, 'BUOY_MISSING_KEY', '1:16'],
    ['what is not loopback called so', `${TCP}, insecure_loopback: true}]}`, 'BUOY_INVALID_VALUE', '1:26'],
    [
      'tokens that nobody would look at',
      'listen: {tcp: [{address: "::1", port: 1, insecure_loopback: true, tokens: /t}]}',
      'BUOY_INVALID_VALUE',
      '1:75',
    ],
    ['what is not YAML', 'a: [', 'BUOY_YAML_SYNTAX', '1:5'],
  ];
  test.each(faults)('%s', (_what, text, code, place) => {
    const [error] = errorsOf(() => parseConfig(text, 'agent.yaml'));
    expect(error?.code).toBe(code);
    expect(`${error?.position?.line}:${error?.position?.column}`).toBe(place);
  });
});

describe('Accounts', () => {
  const files = { passwd: join(scratch, 'passwd'), group: join(scratch, 'group') };
  writeFileSync(files.passwd, 'root:x:0:0:root:/root:/bin/sh\nbuoy:x:990:991::/:/usr/sbin/nologin\n');
  writeFileSync(files.group, 'root:x:0:\nadmins:x:50:a,b\n');

  test('by name and by number', () => {
    expect(findAccount('buoy', undefined, files)).toEqual({ uid: 990, gid: 991 });
    expect(findAccount('990', undefined, files)).toEqual({ uid: 990, gid: 991 });
    expect(findAccount('buoy', 'admins', files)).toEqual({ uid: 990, gid: 50 });
    expect(findAccount('1234', '1235', files)).toEqual({ uid: 1234, gid: 1235 });
    expect(findGroup('admins', files)).toBe(50);
  });

  test.each([
    ['nobody', undefined],
    ['buoy', 'nobodies'],
    ['1234', undefined],
  ])('that there are not: %s, %s', (user, group) => {
    expect(() => findAccount(user, group, files)).toThrow(expect.objectContaining({ code: 'BUOY_NO_ACCOUNT' }));
  });
});

test('directories are made for their users, and left as they are where they are there', () => {
  const text = JSON.stringify({
    store: join(scratch, 'lib/buoy.db'),
    listen: { unix: { path: join(scratch, 'run/buoy.sock'), group: '0' } },
  });
  const config = parseConfig(text, 'agent.yaml');
  makeDirectories(config, undefined);
  expect(statSync(join(scratch, 'lib')).mode & 0o7777).toBe(0o700);
  const { mode, gid } = statSync(join(scratch, 'run'));
  expect([mode & 0o7777, gid]).toEqual([0o2750, 0]);
  makeDirectories(parseConfig(text.replace('"0"', '"1"'), 'agent.yaml'), undefined);
  expect(statSync(join(scratch, 'run')).gid).toBe(0);
  const impossible = parseConfig('store: /proc/nowhere/buoy.db', 'agent.yaml');
  expect(() => makeDirectories(impossible, undefined)).toThrow(expect.objectContaining({ code: 'BUOY_NO_DIRECTORY' }));
});

test('a directory that cannot be given away is not left for the next start to find', () => {
  const config = parseConfig(JSON.stringify({ store: join(scratch, 'nobodys/buoy.db') }), 'agent.yaml');
  // More than a uid has bits.
  expect(() => makeDirectories(config, { uid: 2 ** 32, gid: 0 })).toThrow(
    expect.objectContaining({ code: 'BUOY_NO_DIRECTORY' }),
  );
  expect(existsSync(join(scratch, 'nobodys'))).toBe(false);
});

test('a log line is one line, whatever is told', () => {
  const lines: string[] = [];
  const text = createLog({ level: 'info', format: 'text' }, (line) => lines.push(line));
  text.debug({}, 'nobody hears');
  text.warn({ reason: 'a\nb' }, 'careful');
  createLog({ level: 'error', format: 'json' }, (line) => lines.push(line)).error({ reason: 'a\nb' }, 'broken');
  expect(lines[0]).toBe('warn  careful reason="a\\nb"\n');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'error', reason: 'a\nb', message: 'broken' });
  expect(lines).toHaveLength(2);
});
