// A watched host: what others change is told, what is done through the kernel is not, and readings of a part are
// that part of a reading of all.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { diff } from '../../../src/host/diff.ts';
import type { HostState } from '../../../src/host/state.ts';
import { NO_FOREIGN } from '../../../src/host/state.ts';
import { parseYaml } from '../../../src/intent/index.ts';
import { LinuxKernel } from '../../../src/kernel/linux/index.ts';
import { partOf } from '../../../src/kernel/part-of.ts';
import { compile, livePairs } from '../../../src/layout/index.ts';
import type { Model } from '../../../src/model/model.ts';
import type { NamespaceName } from '../../../src/model/names.ts';
import { HOST, isFipNamespace } from '../../../src/model/names.ts';
import { Disturbances } from '../../support/disturbances.ts';
import { enterFreshNamespace } from '../../support/fresh-namespace.ts';
import { link } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { planOf } from '../../support/plans.ts';

const QUICKSTART = parseYaml(readFileSync('examples/quickstart.yaml', 'utf8'), 'quickstart.yaml');
const BRIDGES = ['br-ex', 'br-blue', 'br-green'];
const INSTANCE = 'watch';
const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

let directory: string;
let kernel: LinuxKernel;
let told: Disturbances;

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
vi.setConfig({ testTimeout: 10_000 });

beforeAll(async () => {
  enterFreshNamespace();
  for (const bridge of BRIDGES) ip('link', 'add', bridge, 'up', 'type', 'bridge');
  directory = join(mkdtempSync('/run/watch-'), 'netns');
  kernel = new LinuxKernel({ instance: INSTANCE, directory });
  told = await Disturbances.of(kernel);
});

afterAll(async () => {
  await apply(undefined);
  await kernel.close();
});

function removeNamespace(name: NamespaceName): void {
  execFileSync('umount', ['--lazy', join(directory, name)]);
  rmSync(join(directory, name));
}

async function apply(model: Model | undefined): Promise<void> {
  const actual = await kernel.read();
  const wanted = model === undefined ? NOTHING : compile(model, livePairs(actual), { instance: INSTANCE });
  expect((await kernel.apply(diff(actual, wanted))).failures).toEqual([]);
}

/** Mends what there is; answers the first router's namespace and its fip namespace. */
async function applied(): Promise<{ router: NamespaceName; fip: NamespaceName }> {
  await apply(QUICKSTART);
  const names = [...(await kernel.read()).namespaces.keys()];
  await told.take();
  return {
    router: must(names.find((name) => name.startsWith('qrouter-'))),
    fip: must(names.find(isFipNamespace)),
  };
}

/** The kernel takes a deleted namespace apart in its own time: a host that has changed meanwhile is read again. */
async function expectPartsAreOfTheWhole(): Promise<void> {
  const whole = await kernel.read();
  const parts = new Map<NamespaceName, HostState>();
  for (const name of whole.namespaces.keys()) parts.set(name, await kernel.readNamespaces(new Set([name])));
  if (!isDeepStrictEqual(await kernel.read(), whole)) return expectPartsAreOfTheWhole();
  for (const [name, part] of parts) expect(part).toEqual(partOf(whole, new Set([name])));
  return undefined;
}

test('what is done through the kernel is not told', async () => {
  await apply(QUICKSTART);
  const [router] = [...QUICKSTART.routers];
  await apply({ ...QUICKSTART, routers: new Map([must(router)]) });
  await apply(QUICKSTART);
  await apply(undefined);
  expect(await told.take()).toEqual([]);
});

const LINK = (prefix: string) => `$(ip -o link | grep -o '${prefix}-[^@:]*' | head -1)`;

/** What somebody does in a router's namespace or a fip namespace, and where else it is told. */
const CHANGES: readonly [what: string, place: 'router' | 'fip', command: string, alsoIn?: 'router' | 'fip' | 'host'][] =
  [
    ['link down', 'router', `ip link set ${LINK('rfp')} down`],
    ['link down and up', 'router', `ip link set ${LINK('rfp')} down; ip link set ${LINK('rfp')} up`],
    ['link gone', 'router', `ip link del ${LINK('rfp')}`, 'fip'],
    ['link with another end in the host gone', 'router', `ip link del ${LINK('qr')}`, 'host'],
    ['link renamed', 'router', `ip link set ${LINK('rfp')} name other`, 'fip'],
    ['MTU', 'router', `ip link set ${LINK('qr')} mtu 1300`],
    ['MAC address', 'fip', `ip link set ${LINK('fg')} address 02:00:00:00:00:77`],
    ['alias', 'fip', `ip link set ${LINK('fpr')} alias text`],
    ['new link', 'router', 'ip link add br0 type bridge'],
    ['link brought in', 'fip', 'ip link add aa type veth peer name bb'],
    ['address gone', 'router', `ip addr flush dev ${LINK('qr')} scope global`],
    ['new address', 'router', `ip addr add 10.99.0.1/24 dev ${LINK('qr')}`],
    [
      'new IPv6 address',
      'router',
      `sysctl -qw net.ipv6.conf.all.disable_ipv6=0; ip addr add 2001:db8:99::1/64 dev ${LINK('qr')} nodad`,
    ],
    ['route gone', 'router', 'ip route flush table 16'],
    ['host route gone', 'fip', 'ip route del $(ip route | grep "^203" | grep -v / | head -1)'],
    ['new route', 'router', `ip route add 10.98.0.0/16 dev ${LINK('qr')}`],
    ['route replaced', 'router', `ip route replace table 16 default dev ${LINK('qr')}`],
    ['rule gone', 'router', 'ip rule flush'],
    ['new rule', 'fip', 'ip rule add pref 77 table 77'],
    ['permanent neighbour gone', 'router', `ip neigh flush dev ${LINK('rfp')} nud permanent`],
    ['permanent neighbour changed', 'fip', `ip neigh replace 10.9.9.9 lladdr 02:00:00:00:00:01 dev ${LINK('fpr')}`],
    [
      'the same MAC address',
      'fip',
      `ip link set ${LINK('fpr')} address $(ip -o link show ${LINK('fpr')} | grep -o 'link/ether [^ ]*' | cut -d' ' -f2)`,
    ],
    ['element gone', 'router', 'nft flush set ip buoy marked'],
    ['ruleset gone', 'router', 'nft flush ruleset'],
    ['another table', 'fip', 'nft add table inet other'],
    ['forwarding', 'router', 'sysctl -qw net.ipv4.ip_forward=0'],
    ['reverse path filter', 'router', 'sysctl -qw net.ipv4.conf.all.rp_filter=1'],
    ['proxy ARP', 'fip', `sysctl -qw net.ipv4.conf.${LINK('fg')}.proxy_arp=0`],
    ['namespace gone', 'router', 'umount -l "$NAME"; rm "$NAME"', 'fip'],
    ['mark gone', 'fip', 'nft delete table ip buoy', 'router'],
  ];

test.each(CHANGES)('%s is told', async (_what, place, command, alsoIn) => {
  const places = { ...(await applied()), host: HOST };
  const name = places[place];
  const before = await kernel.read();
  execFileSync('nsenter', [`--net=${join(directory, name)}`, 'sh', '-ec', command], {
    env: { ...process.env, NAME: join(directory, name) },
  });
  const expected = alsoIn === undefined ? [name] : [name, places[alsoIn]];
  const names = new Set(await told.until(name));
  // What is told leads to a reading, and that may find what leads further.
  for (const one of names) {
    await kernel.readNamespaces(new Set([one]));
    for (const more of await told.names()) names.add(more);
  }
  expect([...names]).toEqual(expect.arrayContaining(expected));
  const after = await kernel.read();
  const isChanged = (one: NamespaceName) => !isDeepStrictEqual(before.namespaces.get(one), after.namespaces.get(one));
  for (const one of [...before.namespaces.keys()].filter(isChanged)) expect([...names]).toContain(one);
  await expectPartsAreOfTheWhole();
  if (after.foreign.namespaces.has(name)) removeNamespace(name);
});

test('links of ours in the host are told', async () => {
  await applied();
  const tap = /tap\S*(?=@)/.exec(ip('-o', 'link'))?.[0] ?? '';
  ip('link', 'set', tap, 'nomaster');
  expect(await told.until(HOST)).toEqual([HOST]);
  ip('link', 'delete', tap);
  expect(await told.until(HOST)).toHaveLength(2);
  await expectPartsAreOfTheWhole();
});

test('default rules that others delete are put back', async () => {
  const { router } = await applied();
  const inside = (...words: string[]) =>
    execFileSync('nsenter', [`--net=${join(directory, router)}`, 'ip', ...words], { encoding: 'utf8' });
  const before = inside('rule');
  inside('rule', 'flush');
  expect(await told.until(router)).toEqual([router]);
  await applied();
  expect(inside('rule')).toBe(before);
});

/** What somebody does in nftables in a router's namespace, and whether the elements that it takes away are all there is to tell. */
const TRANSACTIONS: readonly [what: string, commands: string, isExact: boolean][] = [
  ['an element that goes', 'delete element ip buoy marked { 10.0.0.10 }', true],
  [
    'one that goes, and another that comes',
    'delete element ip buoy marked { 10.0.0.10 }; add element ip buoy marked { 10.0.0.77 }',
    false,
  ],
  [
    'one that goes and comes again',
    'delete element ip buoy marked { 10.0.0.10 }; add element ip buoy marked { 10.0.0.10 }',
    false,
  ],
  ['a port of a set of others', 'delete element ip other ports { 80 }', false],
];

test.each(TRANSACTIONS)('in nftables, %s', async (_what, commands, isExact) => {
  const { router } = await applied();
  const nft = (text: string) =>
    execFileSync('nsenter', [`--net=${join(directory, router)}`, 'nft', ...text.split(' ')], { encoding: 'utf8' });
  nft('add table ip other; add set ip other ports { type inet_service; }; add element ip other ports { 80 }');
  expect(nft('list set ip buoy marked')).toContain('10.0.0.10');
  await told.take();
  nft(commands);
  const [disturbed, ...more] = await told.take();
  expect(more).toEqual([]);
  if (disturbed === undefined || disturbed === 'everything') throw new Error(`told: ${disturbed}`);
  expect([...disturbed.namespaces]).toEqual(isExact ? [] : [router]);
  expect(disturbed.gone).toHaveLength(isExact ? 1 : 0);
  await expectPartsAreOfTheWhole();
  nft('delete table ip other');
  await told.until(router);
});

test('a route that has replaced one on another link is told, though its own link is gone by then', async () => {
  const { router } = await applied();
  const commands = `ip route replace table 16 default dev ${LINK('qr')}; ip link del ${LINK('qr')}`;
  execFileSync('nsenter', [`--net=${join(directory, router)}`, 'sh', '-ec', commands]);
  const disturbed = (await told.take()).flatMap((one) => (one === 'everything' ? [] : [...one.namespaces]));
  expect(disturbed).toContain(router);
});

test('whose a link of the host is, is asked when it matters: of an alias the kernel does not always tell', async () => {
  await applied();
  const name = link('tap00000000-00');
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'veth-c');
  ip('link', 'set', name, 'alias', `buoy ${INSTANCE}`);
  const names = new Set([name, link('br-ex'), link('nobody')]);
  expect(await kernel.readForeignLinks(names)).toEqual(new Map([['br-ex', 'bridge']]));
  ip('link', 'set', name, 'alias', 'of somebody else');
  expect(await kernel.readForeignLinks(names)).toEqual(
    new Map([
      ['br-ex', 'bridge'],
      [name, 'veth'],
    ]),
  );
  ip('link', 'delete', name);
});

test('a link that has taken the name of one of ours is told', async () => {
  await applied();
  const tap = /tap\S*(?=@)/.exec(ip('-o', 'link'))?.[0] ?? '';
  ip('link', 'delete', tap);
  ip('link', 'add', tap, 'type', 'bridge');
  const disturbed = (await told.take()).flatMap((one) => (one === 'everything' ? [] : [...one.namespaces]));
  expect(disturbed).toContain(HOST);
  ip('link', 'delete', tap);
});

test('what does not concern us is not told', async () => {
  const { router, fip } = await applied();
  ip('link', 'add', 'veth-a', 'type', 'veth', 'peer', 'name', 'veth-b');
  ip('link', 'set', 'veth-a', 'up');
  ip('addr', 'add', '198.51.100.1/24', 'dev', 'veth-a');
  ip('route', 'add', '198.51.101.0/24', 'dev', 'veth-a');
  ip('neigh', 'add', '198.51.100.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'veth-a');
  ip('rule', 'add', 'pref', '77', 'table', '77');
  execFileSync('nft', ['add', 'table', 'ip', 'other']);
  // Neighbours come, are doubted, fail and go.
  for (const end of ['169.254.64.0', '169.254.64.1'])
    spawnSync('nsenter', [`--net=${join(directory, router)}`, 'ping', '-c1', '-W1', end]);
  ip('link', 'delete', 'veth-a');
  ip('rule', 'delete', 'pref', '77');
  execFileSync('nft', ['delete', 'table', 'ip', 'other']);
  execFileSync('nsenter', [`--net=${join(directory, fip)}`, 'ip', 'rule', 'add', 'pref', '77', 'table', '77']);
  expect(await told.until(fip)).toEqual([fip]);
});

test('a namespace that is put in the place of one of ours is told, and so is one of ours that comes', async () => {
  const { router } = await applied();
  const path = join(directory, router);
  removeNamespace(router);
  await told.until(router);
  await using other = new LinuxKernel({ instance: INSTANCE, directory });
  await other.apply(planOf([[{ kind: 'namespace.create', namespace: router }]]));
  await told.until(router);
  // What is told leads to a reading. The new namespace may have the inode of the old one, and is not known before that.
  await kernel.readNamespaces(new Set([router]));
  await told.take();
  execFileSync('nsenter', [`--net=${path}`, 'ip', 'rule', 'add', 'pref', '77', 'table', '77']);
  await told.until(router);
  await expectPartsAreOfTheWhole();
});

test('after lost events everything is told, and parts are still of the whole', async () => {
  const { fip } = await applied();
  const path = join(directory, fip);
  // More than any buffer holds, while nobody reads.
  const batch = Array.from({ length: 20_000 }, (_, index) => `link set lo mtu ${1000 + (index % 2)}`).join('\n');
  execFileSync('nsenter', [`--net=${path}`, 'ip', '-batch', '-'], { input: batch });
  expect(await told.take()).toContain('everything');
  await expectPartsAreOfTheWhole();
});

test('a watch that has ended tells nothing, and another one may begin', async () => {
  const { fip } = await applied();
  await told[Symbol.asyncDispose]();
  execFileSync('nsenter', [`--net=${join(directory, fip)}`, 'ip', 'rule', 'add', 'pref', '77', 'table', '77']);
  expect(await told.take()).toEqual([]);
  told = await Disturbances.of(kernel);
  execFileSync('nsenter', [`--net=${join(directory, fip)}`, 'ip', 'rule', 'add', 'pref', '78', 'table', '78']);
  expect(await told.until(fip)).toEqual([fip]);
});
