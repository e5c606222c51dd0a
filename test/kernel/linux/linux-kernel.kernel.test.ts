// The real kernel: what is applied is read back, what is not ours stays, and nothing is left.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseYaml } from '../../../src/intent/index.ts';
import { compile, livePairs } from '../../../src/layout/index.ts';
import { diff } from '../../../src/host/diff.ts';
import type { Operation, Plan } from '../../../src/host/plan.ts';
import type { Outcome } from '../../../src/kernel/kernel.ts';
import { operationCount } from '../../../src/host/plan.ts';
import type { HostState } from '../../../src/host/state.ts';
import { NO_FOREIGN } from '../../../src/host/state.ts';
import type { Model, Port } from '../../../src/model/model.ts';
import { fipNamespace, HOST, parseLinkName, routerNamespace } from '../../../src/model/names.ts';
import { LinuxKernel } from '../../../src/kernel/linux/index.ts';
import { Descriptor, O } from '../../../src/sys/descriptor.ts';
import { enterFreshNamespace } from '../../support/fresh-namespace.ts';
import { external, link, modelOf, network, port, router } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';

const QUICKSTART = readFileSync('examples/quickstart.yaml', 'utf8');
const BRIDGES = ['br-ex', 'br-blue', 'br-green'];
const INSTANCE = 'test';
const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
const inside = (namespace: string, ...words: string[]) =>
  execFileSync('nsenter', [`--net=${join(directory, namespace)}`, ...words], { encoding: 'utf8' });

let directory: string;
let kernel: LinuxKernel;

beforeAll(() => {
  enterFreshNamespace();
  for (const bridge of BRIDGES) ip('link', 'add', bridge, 'up', 'type', 'bridge');
});

beforeEach(() => {
  directory = join(mkdtempSync('/run/kernel-'), 'netns');
  kernel = new LinuxKernel({ instance: INSTANCE, directory });
});

afterEach(async () => {
  await kernel.apply(diff(await kernel.read(), NOTHING));
  await kernel.close();
});

afterAll(() => {
  for (const bridge of BRIDGES) ip('link', 'delete', bridge);
});

async function planFor(model: Model): Promise<Plan> {
  const actual = await kernel.read();
  return diff(actual, compile(model, livePairs(actual), { instance: INSTANCE }));
}

async function applyQuickstart(): Promise<Plan> {
  const plan = await planFor(parseYaml(QUICKSTART, 'quickstart.yaml'));
  expect(await kernel.apply(plan)).toEqual({ done: operationCount(plan), failures: [], notTried: 0 });
  return plan;
}

test('what is applied is read back without a difference', async () => {
  expect(operationCount(await applyQuickstart())).toBeGreaterThan(50);
  expect(await planFor(parseYaml(QUICKSTART, 'quickstart.yaml'))).toEqual({ steps: [] });
});

test('progress ends with all operations tried', async () => {
  const plan = await planFor(parseYaml(QUICKSTART, 'quickstart.yaml'));
  const seen: [number, number][] = [];
  await kernel.apply(plan, { progress: (tried, total) => seen.push([tried, total]) });
  expect(seen.at(-1)).toEqual([operationCount(plan), operationCount(plan)]);
});

test('nothing is left of what was destroyed', async () => {
  const links = ip('-br', 'link');
  await applyQuickstart();
  expect(ip('-br', 'link')).toContain('tap');
  const plan = diff(await kernel.read(), NOTHING);
  expect((await kernel.apply(plan)).failures).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
  // Bridges take their MAC address from their ports.
  const names = (text: string) => text.split('\n').map((line) => line.split(' ')[0]);
  expect(names(ip('-br', 'link'))).toEqual(names(links));
});

test('a namespace that a process keeps alive leaves no link of ours behind either', async () => {
  await applyQuickstart();
  using held = Descriptor.open(join(directory, 'qrouter-blue'), O.RDONLY);
  expect(held.number).toBeGreaterThan(0);
  expect((await kernel.apply(diff(await kernel.read(), NOTHING))).failures).toEqual([]);
  expect(ip('-br', 'link')).not.toContain('tap');
});

describe('what others left in a namespace of ours is taken away', () => {
  const garbage: [string, string, ...string[]][] = [
    ['link', 'ip', 'link', 'add', 'stray', 'type', 'bridge'],
    ['address', 'ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'rfp-16477688-c'],
    [
      'IPv6 address',
      'sh',
      '-c',
      'sysctl -q -w net.ipv6.conf.all.disable_ipv6=0 && ip addr add 2001:db8::1/64 dev rfp-16477688-c',
    ],
    ['route', 'ip', 'route', 'add', '192.0.2.0/24', 'via', '10.0.0.9'],
    ['blackhole', 'ip', 'route', 'add', 'blackhole', '192.0.2.128/25', 'table', '77'],
    ['host route', 'ip', 'route', 'add', '192.0.2.1/32', 'dev', 'lo', 'proto', 'bird'],
    ['route beside ours', 'ip', 'route', 'add', 'default', 'dev', 'lo', 'metric', '100', 'table', '16'],
    ['route with TOS', 'ip', 'route', 'add', '192.0.2.1/32', 'dev', 'lo', 'tos', '0x10'],
    [
      'rule beside ours',
      'ip',
      'rule',
      'add',
      'fwmark',
      '0x10/0x10',
      'tos',
      '0x10',
      'lookup',
      '16',
      'priority',
      '32768',
    ],
    ['rule', 'ip', 'rule', 'add', 'not', 'from', '10.9.0.0/16', 'priority', '5000', 'prohibit'],
    ['IPv6 rule', 'ip', '-6', 'rule', 'add', 'from', '2001:db8::/32', 'lookup', '77'],
    ['neighbour', 'ip', 'neigh', 'add', '10.0.0.77', 'lladdr', 'fa:16:3e:00:00:77', 'dev', 'lo'],
    ['table', 'nft', 'add table inet stray'],
    ['chain', 'nft', 'add chain ip buoy stray { type filter hook prerouting priority 0; policy drop; }'],
    ['rule in a chain', 'nft', 'insert rule ip buoy nat-in drop'],
    ['element', 'nft', 'add element ip buoy floating { 203.0.113.250 : 10.0.0.250 }'],
    ['sysctl', 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=0'],
    ['reverse path filter', 'sysctl', '-q', '-w', 'net.ipv4.conf.all.rp_filter=2'],
    [
      'links that are called like sysctls',
      'sh',
      '-c',
      'ip link add fg-x type bridge && ip link add fg-x.proxy_arp type bridge',
    ],
    ['link down', 'ip', 'link', 'set', 'rfp-16477688-c', 'down'],
    ['link gone', 'ip', 'link', 'delete', 'rfp-16477688-c'],
  ];

  test.each(garbage)('%s', async (_what, ...command) => {
    await applyQuickstart();
    inside('qrouter-blue', ...command);
    const model = parseYaml(QUICKSTART, 'quickstart.yaml');
    const plan = await planFor(model);
    expect(operationCount(plan)).toBeGreaterThan(0);
    expect((await kernel.apply(plan)).failures).toEqual([]);
    expect(await planFor(model)).toEqual({ steps: [] });
  });
});

describe('what is not ours', () => {
  test('a namespace without our mark, or with another instance’s, is foreign and stays as it is', async () => {
    const other = new LinuxKernel({ instance: 'other', directory });
    const actual = await other.read();
    const model = parseYaml(QUICKSTART, 'quickstart.yaml');
    const green = { networks: model.networks, routers: new Map([...model.routers].filter(([id]) => id === 'green')) };
    await other.apply(diff(actual, compile(green, livePairs(actual), { instance: 'other' })));
    const before = inside('qrouter-green', 'nft', 'list', 'ruleset');
    const state = await kernel.read();
    expect([...state.foreign.namespaces]).toEqual([
      [fipNamespace('public'), 'a namespace whose nftables table ip buoy says "buoy other"'],
      [routerNamespace('green'), 'a namespace whose nftables table ip buoy says "buoy other"'],
    ]);
    expect(diff(state, NOTHING)).toEqual({ steps: [] });
    expect(await kernel.readCounters()).toEqual(new Map());
    expect(inside('qrouter-green', 'nft', 'list', 'ruleset')).toBe(before);
    await other.apply(diff(await other.read(), NOTHING));
    await other.close();
  });

  test('a file under a name of ours is foreign', async () => {
    await applyQuickstart();
    writeFileSync(join(directory, 'qrouter-file'), 'somebody’s');
    expect([...(await kernel.readCounters()).keys()].sort()).toEqual(['qrouter-blue', 'qrouter-green']);
    const state = await kernel.read();
    expect(state.foreign.namespaces.get(routerNamespace('file'))).toMatch(/^not a network namespace/);
    await kernel.apply(diff(state, NOTHING));
    expect(readFileSync(join(directory, 'qrouter-file'), 'utf8')).toBe('somebody’s');
  });

  test('a pipe without a writer and a link to a file without end are foreign and hold nobody up', async () => {
    await applyQuickstart();
    execFileSync('mkfifo', [join(directory, 'qrouter-pipe')]);
    symlinkSync('/dev/zero', join(directory, 'qrouter-zero'));
    const state = await kernel.read();
    for (const name of ['pipe', 'zero'])
      expect(state.foreign.namespaces.get(routerNamespace(name))).toMatch(/^not a network namespace/);
    expect((await kernel.apply(diff(state, NOTHING))).failures).toEqual([]);
    for (const name of ['pipe', 'zero']) rmSync(join(directory, `qrouter-${name}`));
  });

  test('devices of the host are told with their kind', async () => {
    const state = await kernel.read();
    expect(state.foreign.links.get(must(parseLinkName('br-ex')))).toBe('bridge');
    expect(state.foreign.links.get(must(parseLinkName('lo')))).toBe('loopback');
  });
});

test('a leftover name of a run that died is swept by the next one', async () => {
  await kernel.apply({ steps: [] });
  writeFileSync(join(directory, 'qrouter-blue'), `buoy ${INSTANCE}`);
  expect((await kernel.read()).foreign.namespaces.size).toBe(0);
  await applyQuickstart();
  expect(existsSync(join(directory, 'qrouter-blue'))).toBe(true);
});

test('a failure stops its subject and nobody else, and the next run makes up for it', async () => {
  const model = parseYaml(QUICKSTART, 'quickstart.yaml');
  const plan = await planFor(model);
  ip('link', 'delete', 'br-blue');
  const settled: string[] = [];
  const outcome = await kernel.apply(plan, {
    settled: (operation, result) =>
      settled.push(`${operation.kind} ${typeof result === 'string' ? result : result.errno}`),
  });
  expect(settled).toHaveLength(operationCount(plan));
  expect(settled.filter((line) => line.endsWith(' not tried'))).toHaveLength(outcome.notTried);
  expect(settled).toContain('link.create ENODEV');
  expect(outcome.failures).toMatchObject([{ errno: 'ENODEV', operation: { kind: 'link.create' } }]);
  expect(outcome.notTried).toBeGreaterThan(0);
  expect(outcome.done + outcome.failures.length + outcome.notTried).toBe(operationCount(plan));
  // After a run that failed, all is announced and stale connections are looked for: nobody knows of them.
  const isWork = ({ kind }: Operation) => kind !== 'address.announce' && kind !== 'connections.flush';
  const subjects = ({ steps }: Plan) => [
    ...new Set(steps.filter(({ operations }) => operations.some(isWork)).map(({ subject }) => subject)),
  ];
  ip('link', 'add', 'br-blue', 'up', 'type', 'bridge');
  const rest = await planFor(model);
  expect(subjects(rest)).toEqual([routerNamespace('blue')]);
  expect((await kernel.apply(rest)).failures).toEqual([]);
  expect(await planFor(model)).toEqual({ steps: [] });
});

test('the steps of a router may be far apart in a long plan', async () => {
  const names = Array.from({ length: 20 }, (_, index) => routerNamespace(String(index)));
  const name = 'net.ipv4.ip_forward';
  const outcome = await kernel.apply(
    planOf([
      ...names.map((namespace) => [{ kind: 'namespace.create', namespace } as const]),
      ...names.map((namespace) => [{ kind: 'sysctl.set', namespace, name, value: '1', before: '0' } as const]),
    ]),
  );
  expect(outcome).toEqual({ done: 40, failures: [], notTried: 0 });
});

test('descriptors are all closed again after many rounds', async () => {
  await applyQuickstart();
  await kernel.apply(diff(await kernel.read(), NOTHING));
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let round = 0; round < 10; round++) {
    await applyQuickstart();
    await kernel.apply(diff(await kernel.read(), NOTHING));
  }
  // Some sockets are closed in the background.
  await expect.poll(open).toBeLessThanOrEqual(before);
});

test('a kernel that is closed leaves no descriptor and no thread behind', async () => {
  const held = (what: 'fd' | 'task') => readdirSync(`/proc/self/${what}`).length;
  await kernel.read();
  const before = { fd: held('fd'), task: held('task') };
  for (let round = 0; round < 3; round++) {
    await using another = new LinuxKernel({ instance: INSTANCE, directory });
    await another.read();
  }
  // Some sockets are closed in the background, also those of tests before this.
  await expect.poll(() => held('fd')).toBeLessThanOrEqual(before.fd);
  expect(held('task')).toBeLessThanOrEqual(before.task);
});

test('a device is not found by an alternative name', async () => {
  ip('link', 'add', 'other', 'type', 'bridge');
  ip('link', 'property', 'add', 'dev', 'other', 'altname', 'alternative');
  const name = must(parseLinkName('alternative'));
  const before = must((await kernel.read()).namespaces.get(HOST)).links.get(name);
  expect(before).toBeUndefined();
  const common = { name, kind: { type: 'other', word: 'bridge' }, mac: undefined, mtu: 1400, up: true } as const;
  const rest = { master: undefined, alias: undefined };
  const change: Operation = {
    kind: 'link.change',
    namespace: HOST,
    link: { ...common, ...rest },
    before: { ...common, ...rest, up: false },
  };
  const outcome = await kernel.apply(planOf([[change]]));
  expect(outcome.failures.map(({ errno }) => errno)).toEqual(['ENODEV']);
  await kernel.apply(planOf([[{ kind: 'link.delete', namespace: HOST, link: name }]]));
  expect(ip('-br', 'link', 'show', 'other')).toContain('DOWN');
  ip('link', 'delete', 'other');
});

test('of many links all are read, and what is written to them counts', async () => {
  const words = Array.from({ length: 80 }, (_, index) => String(index).padStart(7, '0'));
  const plug = { driver: 'bridge', bridge: link('br-blue') } as const;
  const outside = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] });
  const networks = [outside, ...words.map((word) => network(`c${word}`, { plug }))];
  const ports = words.map((word, index) => port(`b${word}`, `c${word}`, { addresses: [`10.0.${index}.1/24`] }));
  const withPorts = (interfaces: readonly Port[]) =>
    modelOf(networks, [router('d0000001', { external: 'a0000001', interfaces, floatingIps: {} })]);
  for (const wanted of [withPorts(ports), withPorts(ports.slice(0, 1)), withPorts(ports)]) {
    expect((await kernel.apply(await planFor(wanted))).failures).toEqual([]);
    expect(await planFor(wanted)).toEqual({ steps: [] });
  }
});

test('a router that goes takes its end of the link to the fip namespace with it before the run ends', async () => {
  await applyQuickstart();
  const model = parseYaml(QUICKSTART, 'quickstart.yaml');
  const blue = { networks: model.networks, routers: new Map([...model.routers].filter(([id]) => id === 'blue')) };
  const plan = await planFor(blue);
  expect((await kernel.apply(plan)).failures).toEqual([]);
  expect(await planFor(blue)).toEqual({ steps: [] });
});

describe('what became another’s between reading and applying', () => {
  test('a namespace is left alone, and so is a file', async () => {
    await applyQuickstart();
    const plan = diff(await kernel.read(), NOTHING);
    for (const name of ['qrouter-blue', 'qrouter-green']) {
      execFileSync('umount', [join(directory, name)]);
      writeFileSync(join(directory, name), 'somebody’s');
    }
    execFileSync('unshare', [
      `--net=${join(directory, 'qrouter-blue')}`,
      'ip',
      'link',
      'add',
      'precious',
      'type',
      'bridge',
    ]);
    const outcome = await kernel.apply(plan);
    const refused = outcome.failures.map(({ operation, errno }) => `${operation.kind} ${operation.namespace} ${errno}`);
    expect(refused.sort()).toEqual(['namespace.delete qrouter-blue ESTALE', 'namespace.delete qrouter-green EINVAL']);
    expect(inside('qrouter-blue', 'ip', 'link')).toContain('precious');
    expect(readFileSync(join(directory, 'qrouter-green'), 'utf8')).toBe('somebody’s');
    execFileSync('umount', [join(directory, 'qrouter-blue')]);
  });
});

test('a veth of the host that only looks as if it led to us is nobody’s of ours', async () => {
  await applyQuickstart();
  // Both pairs have the indexes 70 and 3, which is common where every namespace counts from 1.
  ip('netns', 'add', 'container');
  ip(
    'link',
    'add',
    'veth-ctr',
    'index',
    '70',
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'index',
    '3',
    'netns',
    'container',
  );
  ip('netns', 'add', 'elsewhere');
  const blue = join(directory, 'qrouter-blue');
  execFileSync('nsenter', [
    `--net=${blue}`,
    'ip',
    'link',
    'add',
    'debug',
    'index',
    '3',
    'type',
    'veth',
    'peer',
    'name',
    'd',
    'index',
    '70',
    'netns',
    'elsewhere',
  ]);
  const state = await kernel.read();
  expect(state.foreign.links.get(must(parseLinkName('veth-ctr')))).toBe('veth');
  await kernel.apply(diff(state, NOTHING));
  expect(ip('-br', 'link')).toContain('veth-ctr');
  for (const name of ['container', 'elsewhere']) ip('netns', 'delete', name);
});

describe('when a router refuses its translations', () => {
  /** Green's map gets an element in the way of the one that is to be added, after the plan was made. */
  async function withRefusal(change: (yaml: string) => string): Promise<Outcome> {
    await applyQuickstart();
    const plan = await planFor(parseYaml(change(QUICKSTART), 'quickstart.yaml'));
    inside(
      'qrouter-green',
      'nft',
      'add element ip buoy floating { 203.0.113.101 : 10.9.9.9, 203.0.113.150 : 10.9.9.9 }',
    );
    return kernel.apply(plan);
  }

  const added = '  - {floating_ip_address: 203.0.113.150, router_id: green, fixed_ip_address: 10.0.0.50}\n';

  test('a new floating IP gets no route', async () => {
    const outcome = await withRefusal((yaml) => yaml + added);
    expect(outcome.failures.map(({ operation }) => operation.kind)).toContain('elements.set');
    expect(inside('fip-public', 'ip', 'route')).not.toContain('203.0.113.150');
  });

  test('a floating IP that was to move there stays where it works', async () => {
    const outcome = await withRefusal((yaml) =>
      yaml.replace(
        /router_id: blue\n    fixed_ip_address: 10.0.0.10/,
        'router_id: green\n    fixed_ip_address: 10.0.0.50',
      ),
    );
    expect(outcome.failures.length).toBeGreaterThan(0);
    expect(inside('qrouter-blue', 'nft', 'list map ip buoy floating')).toContain('203.0.113.101 : 10.0.0.10');
  });
});

test('what is announced after a MAC address changed carries the new one', async () => {
  await applyQuickstart();
  ip('link', 'set', 'br-ex', 'address', '02:00:00:00:00:ee');
  ip('addr', 'add', '203.0.113.1/24', 'dev', 'br-ex');
  const mac = /link\/ether (\S+)/.exec(inside('fip-public', 'ip', 'link', 'show', 'fg-a163ff8d-6b'))?.[1];
  ip('neigh', 'replace', '203.0.113.101', 'lladdr', '02:00:00:00:00:01', 'nud', 'stale', 'dev', 'br-ex');
  inside('fip-public', 'ip', 'link', 'set', 'fg-a163ff8d-6b', 'address', '02:00:00:00:00:99');
  await kernel.apply(await planFor(parseYaml(QUICKSTART, 'quickstart.yaml')));
  await expect.poll(() => ip('neigh', 'show', '203.0.113.101')).toContain(`lladdr ${mac}`);
  ip('addr', 'flush', 'dev', 'br-ex');
});
