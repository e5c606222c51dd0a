// The clients of OpenStack, as Debian has them, against the API as the agent runs it.

import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { generateToken, tokenLine } from '../../src/api/index.ts';
import { enterFreshNamespace } from '../support/fresh-namespace.ts';
import { ask } from './ask.ts';
import { runApi } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

beforeAll(() => {
  enterFreshNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
});

/** What a person types, and the lines that are answered. */
const SESSION: readonly (readonly [command: string, ...lines: string[]])[] = [
  [
    'network create public --external --provider-network-type flat --provider-physical-network external -f value -c router:external',
    'True',
  ],
  [
    'subnet create public-v4 --network public --subnet-range 203.0.113.0/24 --gateway 203.0.113.1 --no-dhcp' +
      ' --allocation-pool start=203.0.113.10,end=203.0.113.99 -f value -c cidr',
    '203.0.113.0/24',
  ],
  ['network create blue -f value -c status', 'ACTIVE'],
  ['subnet create blue-v4 --network blue --subnet-range 10.0.0.0/24 -f value -c gateway_ip', '10.0.0.1'],
  ['router create edge -f value -c distributed', 'True'],
  ['router set edge --external-gateway public'],
  ['router add subnet edge blue-v4'],
  ['router show edge -f value -c name', 'edge'],
  ['port create one --network blue --fixed-ip subnet=blue-v4,ip-address=10.0.0.10 -f value -c name', 'one'],
  ['port create two --network blue --fixed-ip subnet=blue-v4,ip-address=10.0.0.20 -f value -c name', 'two'],

  ['floating ip create public --floating-ip-address 203.0.113.50 -f value -c floating_ip_address', '203.0.113.50'],
  ['floating ip create public --tag gold --description pool -f value -c description', 'pool'],
  ['floating ip set 203.0.113.50 --port one'],
  ['floating ip show 203.0.113.50 -f value -c fixed_ip_address', '10.0.0.10'],
  ['floating ip list --router edge --long -f value -c Status -c Tags', 'DOWN []'],
  ['port list --router edge -f value -c Status', 'DOWN', 'DOWN'],
  ['port create three --network blue --tag web -f value -c tags', "['web']"],
  ['floating ip set 203.0.113.50 --port two'],
  ['floating ip list --router edge -f value -c Port --fixed-ip-address 10.0.0.10'],
  ['floating ip show 203.0.113.50 -f value -c fixed_ip_address', '10.0.0.20'],
  ['floating ip unset 203.0.113.50 --port'],
  ['floating ip show 203.0.113.50 -f value -c fixed_ip_address -c router_id', 'None', 'None'],
  ['floating ip list --tags gold --long -f value -c Description', 'pool'],
  ['floating ip set 203.0.113.50 --tag silver --tag web'],
  ['floating ip show 203.0.113.50 -f value -c tags', "['silver', 'web']"],
  ['floating ip unset 203.0.113.50 --all-tag'],
  ['floating ip list --any-tags silver,web -f value'],
  ['floating ip delete 203.0.113.50'],

  ['network list --external -f value -c Name', 'public'],
  ['network agent list --agent-type l3 -f value -c Host -c Alive', 'host-1 True'],
  ['extension show router -f value -c alias', 'router'],
  ['network delete public'],
];

test('a floating IP lives its life by the command `openstack`', async () => {
  await using running = await runApi({
    listeners: () => Promise.resolve([{ kind: 'tcp', host: '127.0.0.1', port: 0, isOpen: true }]),
  });
  const [command = '', ...commands] = SESSION.map(([line]) => line);
  // With the prefix that some clouds have, and by itself; and then without, in one session of many commands.
  const environment = { OS_AUTH_TYPE: 'none', PATH: process.env['PATH'] };
  const endpoint = running.api.addresses[1] ?? '';
  const once = await promisify(execFile)('openstack', command.split(' '), {
    env: { ...environment, OS_ENDPOINT: `${endpoint}/networking` },
  });
  expect(once.stdout).toBe('True\n');
  const session = await inSession(commands, { ...environment, OS_ENDPOINT: endpoint });
  expect(session.stdout.split('\n').filter((line) => line !== '')).toEqual(
    SESSION.slice(1).flatMap(([, ...lines]) => lines),
  );
  expect(session.stderr).toMatch(/Failed to delete network .*409: .*There are one or more ports still in use/);
  await expectHistory(running);
});

/** Runs `openstack` once, with a line of its input for each command. */
async function inSession(
  commands: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const ended = promisify(execFile)('openstack', [], { env });
  ended.child.stdin?.end(`${commands.join('\n')}\n`);
  return await ended;
}

/** What the session has left. */
async function expectHistory(running: RunningApi): Promise<void> {
  const { body } = await ask(running.targets[0], 'GET', '/v2.0/floatingips?fields=floating_ip_address&fields=tags');
  expect(body).toEqual({ floatingips: [{ floating_ip_address: expect.any(String), tags: ['gold'] }] });
}

test('a floating IP lives its life by openstacksdk, over TLS, with a token', async () => {
  const token = generateToken();
  const tls = { certificateFile: path('../fixtures/tls/one.pem'), keyFile: path('../fixtures/tls/one-key.pem') };
  await using running = await runApi({
    async listeners(folder) {
      const tokenFile = join(folder, 'tokens');
      await writeFile(tokenFile, tokenLine('sdk', 'write', token));
      return [{ kind: 'tcp', host: '127.0.0.1', port: 0, tls, tokenFile }];
    },
  });
  // The interpreter that Debian's packages are installed for, whatever other there may be.
  const script = path('floating-ip-life.py');
  const ended = await promisify(execFile)('/usr/bin/python3', [
    script,
    running.api.addresses[1] ?? '',
    token,
    tls.certificateFile,
  ]);
  expect(JSON.parse(ended.stdout)).toEqual({
    gateway: true,
    'found by name': true,
    'external networks': ['public'],
    addresses: [true, '203.0.113.77'],
    taken: 409,
    associated: [
      [true, true, true],
      [true, true, true],
      [true, false, true],
    ],
    stale: 412,
    'by address': [true],
    'page by page': 2,
    tags: ['gold', 'web'],
    tagged: [true],
    'quota set': 7,
    quota: 7,
    'quota default': true,
    'quota used': 0,
    extensions: [true, true, false],
    agents: [['L3 agent', true]],
    routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.9' }],
    'in use': 409,
    left: [0, 0, 0, 0, 0],
  });
});
