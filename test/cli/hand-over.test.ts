// Files handed over to an agent, one after the other: which calls that takes, as golden text, and what an agent cannot be told.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentClient } from '../../src/cli/agent/agent-client.ts';
import { callText } from '../../src/cli/hand-over/call.ts';
import { compareWithAgent } from '../../src/cli/hand-over/hand-over-file.ts';
import { json } from './buoy.ts';
import { AgentHost } from './agent-host.ts';
import { must } from '../support/must.ts';

const OPTIONS = { format: 'yaml', instance: 'default', color: 'never', netnsDir: '/run/netns' } as const;
const QUICKSTART = readFileSync('examples/quickstart.yaml', 'utf8').replaceAll(/^ *#.*\n|^\n/gm, '');

/** The quickstart with some texts in place of others, each of which it has. */
function quickstart(...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, QUICKSTART);
}

const MORE = '  - {floating_ip_address: 203.0.113.199, router_id: green, fixed_ip_address: 10.0.0.30}\n';
const OUTSIDE = `
networks: [{name: other, bridge: br-ex, router:external: true}, {name: blue, bridge: br-blue}]
subnets:
  - {name: public, network_id: other, cidr: 203.0.113.0/24}
  - {name: blue-web, network_id: blue, cidr: 10.0.0.0/24}
routers: [{name: blue, external_gateway_info: {network_id: other}, interfaces: [{subnet_id: blue-web, ip_address: 10.0.0.9}]}]
`;

const STEPS = [
  ['a new file', QUICKSTART],
  ['the same again', QUICKSTART],
  ['two floating IPs change places', quickstart(['.101\n', '.x\n'], ['.103\n', '.101\n'], ['.x\n', '.103\n'])],
  ['back, one after the other', quickstart(['.101\n', '.107\n'], ['.103\n', '.101\n'])],
  ['a floating IP whose address a gateway has', QUICKSTART + MORE],
  [
    'a router with another name',
    quickstart(['router_id: blue', 'router_id: azure'], ['name: blue\n    external', 'name: azure\n    external']),
  ],
  [
    'another gateway, a route',
    quickstart(
      ['cidr: 10.0.1.0/24', 'cidr: 10.0.1.0/24\n    gateway_ip: 10.0.1.254'],
      [
        '- name: green\n    external',
        '- name: green\n    routes: [{destination: 192.0.2.0/24, nexthop: 10.0.0.77}]\n    external',
      ],
    ),
  ],
  [
    'a subnet goes to another router',
    quickstart(
      ['- subnet_id: blue-web\n      - subnet_id: blue-db\n', '- subnet_id: blue-web\n'],
      ['- subnet_id: green-web', '- subnet_id: green-web\n      - subnet_id: blue-db'],
    ),
  ],
  ['much less', OUTSIDE],
] as const;

let host: AgentHost;
beforeAll(async () => {
  host = await AgentHost.start();
});
afterAll(() => host[Symbol.asyncDispose]());

test('the calls from file to file', async () => {
  using client = new AgentClient({ kind: 'unix', path: host.socket });
  let transcript = '';
  for (const [title, text] of STEPS) {
    const file = await host.write('net.yaml', text);
    const { calls, interrupted } = await compareWithAgent(client, file, OPTIONS);
    transcript += `# ${title}\n${calls.map((call) => `${callText(call)}\n`).join('')}`;
    if (interrupted.length > 0) transcript += `! ${interrupted.join(' ')}\n`;
    transcript += '\n';
    expect(await host.buoy('apply', file)).toMatchObject({ exit: 0 });
    expect(await host.buoy('plan', file)).toEqual({
      exit: 0,
      out: `Nothing to do: the agent has what ${file} says.\n`,
      err: '',
    });
  }
  await expect(transcript).toMatchFileSnapshot('golden/hand-over.txt');
});

describe('what is not from a file', () => {
  test('stays, and is an error where the file needs its place', async () => {
    await using other = await AgentHost.start();
    for (const line of [
      'network create mine --physical-network blue',
      'network create ext --physical-network green --external',
      'router create mine',
    ])
      await other.buoy(...line.split(' '));
    const refused = await other.buoy('plan', 'examples/quickstart.yaml');
    expect(refused.exit).toBe(5);
    expect(refused.err.match(/BUOY_AGENT_HAS_OTHER/g)).toHaveLength(2);
    expect(refused.err).toMatch(
      /^examples\/quickstart\.yaml:11:11: the agent has a network "mine" on the physical network "blue" \(.*\), which was not made from a file\n/,
    );

    await other.buoy('network', 'delete', 'mine', 'ext');
    expect((await other.buoy('apply', 'examples/quickstart.yaml')).exit).toBe(0);
    await other.buoy('floating-ip', 'create', 'public', '--address', '203.0.113.150');
    const empty = await other.write('less.yaml', OUTSIDE);
    await other.buoy('floating-ip', 'delete', '203.0.113.150');
    expect((await other.buoy('apply', empty)).exit).toBe(0);
    expect(new Set(other.list('routers').map(({ name }) => name))).toEqual(new Set(['blue', 'mine']));
  });
});

describe('an agent cannot be told', () => {
  test.each([
    [
      'its own address on a network',
      quickstart(['bridge: br-ex', 'bridge: br-ex\n    agent_gateway_ip: 203.0.113.150']),
      'net.yaml:5:5: the agent chooses the address of its own port on "public", so agent_gateway_ip cannot be given',
    ],
    [
      'a bridge that it does not know',
      quickstart(['bridge: br-blue', 'bridge: br-x']),
      'net.yaml:6:13: the agent knows no physical network on the bridge "br-x"',
    ],
    [
      'two networks on one bridge',
      quickstart(['bridge: br-green', 'bridge: br-blue']),
      'net.yaml:8:13: "green" and "blue" are on the same bridge "br-blue", and an agent has one network on each',
    ],
    [
      'two routers with one name',
      quickstart(['- name: green\n    external', '- name: blue\n    id: green\n    external']),
      'there are two routers named "blue", and an agent knows those of a file by their names',
    ],
  ])('%s', async (_what, text, message) => {
    const file = await host.write('net.yaml', text);
    const { exit, err } = await host.buoy('plan', file);
    expect(err).toContain(message);
    expect(err).toContain('BUOY_AGENT_CANNOT_SAY');
    expect(exit).toBe(3);
  });

  test('Neutron routers', async () => {
    expect(await host.buoy('apply', 'x.json', '--format', 'neutron-routers')).toMatchObject({
      exit: 6,
      err: expect.stringContaining('BUOY_AGENT_RUNS'),
    });
  });
});

test('a plan for a program', async () => {
  const plan = await host.buoy('plan', 'examples/quickstart.yaml', '--json');
  expect(plan.exit).toBe(2);
  expect(json(plan)).toMatchObject({
    calls: expect.arrayContaining([
      {
        method: 'POST',
        path: '/v2.0/routers',
        body: {
          router: {
            name: 'green',
            tags: ['buoy:file'],
            external_gateway_info: {
              network_id: must(host.list('networks').find(({ name }) => name === 'other'))['id'],
            },
          },
        },
        text: '+ router green: name green, external_gateway_info (network_id network public)',
      },
    ]),
    interrupted: [],
  });
});

test('an apply that the host does not follow ends with what is wrong there', async () => {
  host.broken.add('blue');
  const file = await host.write('net.yaml', `${OUTSIDE}  # changed\n`.replace('10.0.0.9', '10.0.0.8'));
  const applied = await host.buoy('apply', file, '--json');
  expect(applied.exit).toBe(3);
  expect(json(applied)).toMatchObject({
    errors: [
      { code: 'BUOY_BRIDGE_MISSING', message: 'router blue: there is no bridge br-blue', subject: 'router blue' },
    ],
  });
  host.broken.clear();
  host.work();
});

test('destroy leaves a host alone that an agent keeps', async () => {
  expect(await host.buoy('destroy')).toMatchObject({ exit: 6, err: expect.stringContaining('BUOY_AGENT_RUNS') });
});
