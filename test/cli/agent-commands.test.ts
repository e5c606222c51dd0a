// `buoy` as a client of an agent: the real store and API behind the real commands.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AgentClient } from '../../src/cli/agent/agent-client.ts';
import { endpointOf } from '../../src/cli/agent/endpoint.ts';
import { runningAgent } from '../../src/cli/agent/with-agent.ts';
import { watchAgent } from '../../src/cli/agent-status/watch.ts';
import { eventText } from '../../src/cli/output/event-text.ts';
import { AgentHost, runHere } from './agent-host.ts';
import type { Run } from './buoy.ts';
import { json, RunningBuoy } from './buoy.ts';
import { PLAIN } from './plain.ts';

let host: AgentHost;
beforeEach(async () => {
  host = await AgentHost.start();
});
afterEach(() => host[Symbol.asyncDispose]());

/** Runs lines of commands, each of which succeeds, and answers the last. */
async function run(...lines: readonly string[]): Promise<Run> {
  let last: Run = { exit: null, out: '', err: '' };
  for (const line of lines) {
    last = await host.buoy(...line.split(' '));
    expect({ line, exit: last.exit, err: last.err }).toEqual({ line, exit: 0, err: '' });
  }
  return last;
}

const WORLD = [
  'network create public --external --physical-network public --mtu 1400',
  'subnet create out --network public --cidr 203.0.113.0/24 --pool 203.0.113.9-203.0.113.99 --pool 203.0.113.120-203.0.113.130',
  'network create blue --physical-network blue',
  'subnet create web --network blue --cidr 10.0.0.0/24',
  'router create blue --external-gateway public --tag mine',
  'router add-subnet blue web',
  'port create server --network blue --fixed-ip 10.0.0.10 --mac fa:16:3e:00:00:01',
  'port create other --network blue --fixed-ip 10.0.0.20',
] as const;

/** Ids are random. */
function withoutIds(text: string): string {
  return text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID');
}

test('the life of a floating IP', async () => {
  await run(...WORLD);
  expect((await run('floating-ip create public --address 203.0.113.50 --port server')).out).toMatch(
    /\nstatus +ACTIVE\n/,
  );
  await run('floating-ip create public --address 203.0.113.51');
  expect(withoutIds((await run('floating-ip list')).out)).toBe(
    [
      'FLOATING IP   FIXED IP   STATUS  ROUTER  NETWORK  ID',
      '203.0.113.50  10.0.0.10  ACTIVE  blue    public   ID',
      '203.0.113.51  -          DOWN    -       public   ID',
      '',
    ].join('\n'),
  );
  expect(withoutIds((await run('floating-ip list --filter floating_ip_address=203.0.113.50')).out)).toBe(
    'FLOATING IP   FIXED IP   STATUS  ROUTER  NETWORK  ID\n203.0.113.50  10.0.0.10  ACTIVE  blue    public   ID\n',
  );
  expect(json(await run('floating-ip set 203.0.113.50 --fixed-ip 10.0.0.20 --json'))).toMatchObject({
    fixed_ip_address: '10.0.0.20',
    status: 'ACTIVE',
  });
  expect(json(await run('floating-ip unset 203.0.113.50 --port --json'))).toMatchObject({
    fixed_ip_address: null,
    status: 'DOWN',
  });
  expect(json(await run('floating-ip delete 203.0.113.50 203.0.113.51 --json'))).toEqual({
    deleted: [expect.any(String), expect.any(String)],
  });
  expect(json(await run('floating-ip list --json'))).toEqual([]);
});

test('every kind is listed with names in place of ids', async () => {
  await run(...WORLD);
  const lists = [];
  for (const kind of ['network', 'subnet', 'router', 'port']) lists.push(withoutIds((await run(`${kind} list`)).out));
  const sorted = lists.map((list) =>
    list.replaceAll(/fa:16:3e:(?!00:00:01)[\d:a-f]{8}/g, 'fa:16:3e:xx:xx:xx').split('\n'),
  );
  const golden = sorted.map(([heading = '', ...rows]) => [heading, ...rows.toSorted()].join('\n')).join('\n');
  await expect(`${golden}\n`).toMatchFileSnapshot('golden/agent-lists.txt');
});

test('what is set is what the agent has', async () => {
  await run(
    ...WORLD,
    'network set blue --name azure --mtu 9000 --description sky',
    'subnet set web --name www --pool 10.0.0.100-10.0.0.199',
    'router set blue --route 192.0.2.0/24=10.0.0.5 --route 198.51.100.0/24=10.0.0.6 --tag b --untag mine',
    'port set server --fixed-ip 10.0.0.11 --host h1 --device-id vm',
  );
  expect(json(await run('network show azure --json'))).toMatchObject({ mtu: 9000, description: 'sky' });
  expect(json(await run('subnet show www --json'))).toMatchObject({
    allocation_pools: [{ start: '10.0.0.100', end: '10.0.0.199' }],
  });
  expect(json(await run('router show blue --json'))).toMatchObject({
    tags: ['b'],
    routes: [
      { destination: '192.0.2.0/24', nexthop: '10.0.0.5' },
      { destination: '198.51.100.0/24', nexthop: '10.0.0.6' },
    ],
  });
  expect(json(await run('port show server --json'))).toMatchObject({
    fixed_ips: [{ ip_address: '10.0.0.11' }],
    device_id: 'vm',
    'binding:host_id': 'h1',
  });
  await run('router set blue --no-route --no-external-gateway', 'router remove-subnet blue www', 'router delete blue');
  expect(host.list('routers')).toEqual([]);
});

describe('what is refused', () => {
  test('names that nothing or too much has', async () => {
    await run('router create twin', 'router create twin');
    const [first, second] = host.list('routers').map(({ id }) => String(id));
    expect(await host.buoy('router', 'show', 'twin')).toEqual({
      exit: 3,
      out: '',
      err: expect.stringMatching(
        new RegExp(
          String.raw`^buoy: there are 2 routers "twin"\n  BUOY_NAME_AMBIGUOUS: Use the id of the one that is meant: (${first}, ${second}|${second}, ${first})\.\n$`,
        ),
      ),
    });
    expect(json(await run(`router show ${first} --json`))).toMatchObject({ id: first });
    expect(await host.buoy('floating-ip', 'show', '203.0.113.1')).toMatchObject({
      exit: 3,
      err: 'buoy: there is no floating IP "203.0.113.1"\n  BUOY_NAME_UNKNOWN: `buoy floating-ip list` shows what there is.\n',
    });
  });

  test('by the agent, in its own words', async () => {
    await run(...WORLD);
    const refused = await host.buoy('router', 'delete', 'blue', 'nobody', '--json');
    expect(refused.exit).toBe(3);
    expect(json(refused)).toMatchObject({
      errors: [
        {
          code: 'BUOY_AGENT_REFUSED',
          subject: 'RouterInUse',
          message: expect.stringMatching(/^Router .* still has ports \(RouterInUse\)$/),
        },
        { code: 'BUOY_NAME_UNKNOWN' },
      ],
    });
  });

  test.each([
    ['router set blue', 'nothing is said that should be changed'],
    [
      'network list --filter name',
      "option '--filter <attribute=value>' argument 'name' is invalid. Use ATTRIBUTE=VALUE.",
    ],
    ['subnet create x --network blue', "required option '--cidr <prefix>' not specified"],
  ])('%s', async (line, message) => {
    await run('router create blue');
    expect((await host.buoy(...line.split(' '))).err).toContain(message);
  });
});

test('a host that does not follow is an error with what is wrong there, after what was made', async () => {
  host.broken.add('blue');
  const made = await host.buoy('router', 'create', 'blue', '--wait', '0.1');
  expect(made).toMatchObject({
    exit: 3,
    out: expect.stringMatching(/\nstatus +ERROR\n/),
    err: expect.stringMatching(/^buoy: router blue: there is no bridge br-blue\n {2}BUOY_BRIDGE_MISSING: /),
  });
  host.isIdle = true;
  expect(await host.buoy('router', 'create', 'green', '--wait', '0.05')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/^buoy: router green is DOWN after 0\.05 s\n {2}BUOY_AGENT_NOT_SETTLED: /),
  });
  expect(await host.buoy('router', 'create', 'red', '--wait', '0')).toMatchObject({ exit: 0, err: '' });
});

test('a router that works is waited for when it is changed', async () => {
  await run('network create inside', 'subnet create web --network inside --cidr 10.0.0.0/24', 'router create blue');
  expect((await run('router show blue')).out).toMatch(/\nstatus +ACTIVE\n/);
  host.isIdle = true;
  expect(await host.buoy('router', 'add-subnet', 'blue', 'web', '--wait', '0.05')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/^buoy: router blue is DOWN after 0\.05 s\n {2}BUOY_AGENT_NOT_SETTLED: /),
  });
  expect(await host.buoy('router', 'set', 'blue', '--name', 'azure', '--wait', '0')).toMatchObject({ exit: 0 });
  host.isIdle = false;
  host.work();
  expect((await run('router set azure --description sky')).out).toMatch(/\nstatus +ACTIVE\n/);
});

describe('status', () => {
  test('tells of the agent, and of a file', async () => {
    await run('apply examples/quickstart.yaml');
    const { exit, out } = await host.buoy('status', 'examples/quickstart.yaml');
    expect(exit).toBe(0);
    expect(out).toContain(
      'Agent on host-1, since 2026-01-31 12:00:00 UTC: ready\n\nNAME   STATUS  EXTERNAL GATEWAY  ROUTES\n',
    );
    expect(out).toMatch(/\nAll is well\.\nThe agent has what examples\/quickstart\.yaml says\.\n$/);

    host.broken.add('blue');
    host.work();
    host.waiting = 'the kernel';
    const sick = await host.buoy('status');
    expect(sick).toMatchObject({ exit: 1, err: '' });
    expect(sick.out).toContain('UTC: waits for the kernel\n');
    expect(sick.out).toMatch(
      /\n {2}router blue: BUOY_BRIDGE_MISSING: there is no bridge br-blue\n\nNot all is well\.\n$/,
    );
    expect(json(await host.buoy('status', '--json'))).toMatchObject({
      healthy: false,
      waits_for: 'the kernel',
      agent: { host: 'host-1' },
      status: { host: 'host-1' },
      routers: expect.arrayContaining([expect.objectContaining({ name: 'blue', status: 'ERROR' })]),
    });
  });

  test('--watch looks again after an event, and while the agent is away', async () => {
    using client = new AgentClient(endpointOf({ agent: host.socket }));
    const stop = new AbortController();
    const shown: string[] = [];
    const show = async (away: unknown): Promise<void> => {
      shown.push(away === undefined ? (await client.agent()).host : 'away');
      if (shown.length === 2) await host.stopListening();
      if (shown.at(-1) === 'away') stop.abort();
      else host.tell({ kind: 'status', data: {} });
    };
    await watchAgent(client, show, stop.signal);
    expect(shown.slice(0, 2)).toEqual(['host-1', 'host-1']);
    expect(shown.at(-1)).toBe('away');
  });

  test('--watch is of an agent', async () => {
    expect(await host.buoy('status', '--watch', 'net.yaml')).toMatchObject({ exit: 3 });
  });
});

test('an agent of another instance, or none, is not asked; one that was named must answer', async () => {
  const options = { instance: 'default', color: 'never', netnsDir: '/run/netns' } as const;
  expect(await runningAgent({ ...options, direct: true, agent: '/nowhere' })).toBeUndefined();
  await expect(runningAgent({ ...options, agent: '/nowhere' })).rejects.toMatchObject({
    code: 'BUOY_AGENT_UNREACHABLE',
  });
  expect(await runningAgent(options)).toBeUndefined();
  using named = await runningAgent({ ...options, instance: 'blue', agent: host.socket });
  expect(named).toBeInstanceOf(AgentClient);
});

test('the environment says where the agent is, too', async () => {
  vi.stubEnv('BUOY_AGENT', '/nowhere/buoy.sock');
  try {
    expect(await runHere(['network', 'list'])).toEqual({
      exit: 4,
      out: '',
      err: expect.stringContaining('no agent listens on /nowhere/buoy.sock: there is no such socket'),
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('events, one a line, until the agent stops', async () => {
  const running = new RunningBuoy('events', '--json', '--agent', host.socket, '--kind', 'drift', '--kind', 'last');
  const { promise, resolve } = Promise.withResolvers<void>();
  running.process.stdout?.once('data', () => resolve());
  const telling = setInterval(() => host.tell({ kind: 'drift', data: { namespace: 'qrouter-1' } }), 20);
  await promise;
  clearInterval(telling);
  host.tell({ kind: 'other', data: {} });
  await host.stopListening();
  const { exit, out, err } = await running.ended;
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  for (const line of out.trimEnd().split('\n'))
    expect(JSON.parse(line)).toEqual({ time: expect.any(String), kind: 'drift', data: { namespace: 'qrouter-1' } });
});

test('events for a person', () => {
  const resource = { name: 'blue\u001b[2J', mtu: 1500 };
  const data = { collection: 'networks', id: 'ID', action: 'update', resource };
  expect(eventText('T', { kind: 'intent', data }, PLAIN)).toBe('T  intent    update networks blue\\u001b[2J ID\n');
  expect(eventText('T', { kind: 'drift', data: { namespace: 'fip-1', put_off: false } }, PLAIN)).toBe(
    'T  drift     namespace=fip-1 put_off=false\n',
  );
});
