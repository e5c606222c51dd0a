// What others, crashes and the years leave in a kernel: random changes to a state that Buoy would
// never make, each as the kernel would let it be made.

import fc from 'fast-check';
import { deriveMac } from '../../src/model/mac.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK, parseNamespaceName } from '../../src/model/names.ts';
import type { Address, HostState, Link } from '../../src/host/state.ts';
import { ruleKey } from '../../src/host/state.ts';
import { MARKED } from '../../src/host/translation.ts';
import type { TestNamespace } from './apply-plan.ts';
import { TestHost } from './apply-plan.ts';
import { ip, ipv4, link, mac, prefix } from './models.ts';
import { must } from './must.ts';

/** One act of vandalism: what is done, and three numbers that choose where. */
interface Act {
  readonly kind: keyof typeof ACTS;
  readonly where: number;
  readonly what: number;
  readonly other: number;
}

const KIND_NAMES = [
  'delete a link',
  'add a foreign link',
  'replace a link by a foreign one',
  'change a link',
  'cross two veths',
  'delete an address',
  'add an address',
  'exchange addresses',
  'delete a route',
  'add a route',
  'change a route',
  'delete a rule',
  'add a rule',
  'delete a neighbour',
  'change a neighbour',
  'change a sysctl',
  'change the ruleset',
  'change elements',
  'leave an element marked',
  'add a table',
  'add a namespace',
  'delete a namespace',
  'leave a link in the host',
] as const;

export const garbage: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KIND_NAMES),
    where: fc.nat(1000),
    what: fc.nat(1000),
    other: fc.nat(1000),
  }),
  { maxLength: 6 },
);

/** The state with all that done to it, one after the other. */
export function litter(state: HostState, acts: readonly Act[]): TestHost {
  const host = new TestHost(state, { strict: false });
  for (const act of acts) {
    const names = [...host.namespaces.keys()].filter((name) => name !== HOST).sort();
    const name = pick(names, act.where);
    if (name !== undefined) ACTS[act.kind]({ host, name, namespace: must(host.namespaces.get(name)), act, names });
  }
  return host;
}

interface Scene {
  readonly host: TestHost;
  readonly name: NamespaceName;
  readonly namespace: TestNamespace;
  readonly act: Act;
  readonly names: readonly NamespaceName[];
}

function pick<T>(items: readonly T[], number: number): T | undefined {
  return items[number % items.length];
}

function anyLink({ namespace, act }: Scene): LinkName | undefined {
  return pick(
    [...namespace.links.keys()].filter((name) => name !== LOOPBACK),
    act.what,
  );
}

function foreignLink(name: LinkName): Link {
  const kind = { type: 'other', word: 'dummy' } as const;
  return { name, kind, mac: mac('02:00:00:00:0f:0e'), mtu: 1500, up: true, master: undefined, alias: undefined };
}

function setRoute({ host, name, namespace, act }: Scene, destination: string, table: number): void {
  const through = pick([...namespace.links.keys()], act.other);
  if (through === undefined) return;
  const protocol = pick([2, 3, 4, 186], act.what) ?? 4;
  const type = pick(['unicast', 'blackhole', 'unreachable'], act.where) ?? 'unicast';
  const gateway = act.what % 2 === 0 ? undefined : ip('10.99.0.1');
  const hop = { link: through, gateway, protocol, type };
  host.run({ kind: 'route.set', namespace: name, table, destination: prefix(destination), hop, before: undefined });
}

function addAddress({ host, name, namespace }: Scene, address: Address): void {
  const isThere = [...namespace.addresses.values()].some(
    (own) => own.link === address.link && own.address === address.address,
  );
  if (!isThere) host.run({ kind: 'address.add', namespace: name, address });
}

const ACTS: Readonly<Record<(typeof KIND_NAMES)[number], (scene: Scene) => void>> = {
  'delete a link': (scene) => {
    const target = anyLink(scene);
    if (target !== undefined) scene.host.run({ kind: 'link.delete', namespace: scene.name, link: target });
  },
  'add a foreign link': (scene) => {
    const { host, name, namespace, act } = scene;
    const target = must(
      pick([link('dummy0'), link('qr-b1000001-00'), link('fg-f0000001-00'), link('rfp-d0000001-0')], act.what),
    );
    if (namespace.links.has(target)) return;
    host.run({ kind: 'link.create', namespace: name, link: foreignLink(target), peer: undefined });
    addAddress(scene, { link: target, address: ip('10.77.0.1'), length: 24 });
  },
  'replace a link by a foreign one': (scene) => {
    const { host, name } = scene;
    const target = anyLink(scene);
    if (target === undefined) return;
    host.run({ kind: 'link.delete', namespace: name, link: target });
    host.run({ kind: 'link.create', namespace: name, link: foreignLink(target), peer: undefined });
    addAddress(scene, { link: target, address: ip('10.1.0.1'), length: 24 });
    setRoute(scene, '10.55.0.0/16', 254);
  },
  'change a link': (scene) => {
    const { host, name, namespace, act } = scene;
    const before = namespace.links.get(anyLink(scene) ?? LOOPBACK);
    if (before === undefined) return;
    const changes = [
      { mac: deriveMac(`${name} ${before.name}`, new Set()) },
      { mtu: 1300 },
      { up: false },
      { alias: 'something else' },
      { master: link('br-c') },
    ];
    host.run({ kind: 'link.change', namespace: name, link: { ...before, ...pick(changes, act.other) }, before });
  },
  'cross two veths': ({ host, name, namespace, act, names }) => {
    const elsewhere = must(pick([...names, HOST], act.other));
    const there = must(host.namespaces.get(elsewhere));
    const near = pick(
      [...namespace.links.keys(), link('stray0')].filter((one) => one !== LOOPBACK),
      act.what,
    );
    const far = pick(
      [...there.links.keys(), link('stray1')].filter((one) => one !== LOOPBACK),
      act.where,
    );
    if (near === undefined || far === undefined || name === elsewhere) return;
    if (namespace.links.has(near)) host.run({ kind: 'link.delete', namespace: name, link: near });
    if (there.links.has(far)) host.run({ kind: 'link.delete', namespace: elsewhere, link: far });
    const nearLink: Link = { ...foreignLink(near), kind: { type: 'veth', peer: { namespace: elsewhere, link: far } } };
    const farLink: Link = { ...foreignLink(far), kind: { type: 'veth', peer: { namespace: name, link: near } } };
    host.run({ kind: 'link.create', namespace: name, link: nearLink, peer: farLink });
  },
  'delete an address': ({ host, name, namespace, act }) => {
    const address = pick([...namespace.addresses.values()], act.what);
    if (address !== undefined) host.run({ kind: 'address.delete', namespace: name, address });
  },
  'add an address': (scene) => {
    const texts = [
      '10.1.0.1/24',
      '10.1.0.1/25',
      '203.0.1.10/24',
      '10.66.0.1/24',
      '2001:db8:1::1/128',
      '169.254.64.0/31',
    ];
    const [text = '', length] = must(pick(texts, scene.act.other)).split('/');
    const target = anyLink(scene);
    if (target !== undefined) addAddress(scene, { link: target, address: ip(text), length: Number(length) });
  },
  'exchange addresses': (scene) => {
    const { host, name, namespace, act } = scene;
    const all = [...namespace.addresses.values()];
    const [one, two] = [pick(all, act.what), pick(all, act.other)];
    if (one === undefined || two === undefined || one.link === two.link) return;
    for (const address of [one, two]) host.run({ kind: 'address.delete', namespace: name, address });
    addAddress(scene, { ...one, link: two.link });
    addAddress(scene, { ...two, link: one.link });
  },
  'delete a route': ({ host, name, namespace, act }) => {
    const routes = [...namespace.routes].flatMap(([table, { prefixes, hosts }]) => [
      ...[...prefixes.values()].map((route) => ({ table, ...route })),
      ...[...hosts].map(([address, hop]) => ({ table, destination: { address, length: 32 }, hop })),
    ]);
    const route = pick(routes, act.what);
    if (route !== undefined) host.run({ kind: 'route.delete', namespace: name, ...route });
  },
  'add a route': (scene) => {
    setRoute(
      scene,
      must(pick(['10.44.0.0/16', '203.0.1.200/32', '2001:db8:44::/48'], scene.act.what)),
      must(pick([254, 16, 99], scene.act.other)),
    );
  },
  'change a route': (scene) => {
    setRoute(
      scene,
      must(pick(['0.0.0.0/0', '::/0', '203.0.1.21/32'], scene.act.what)),
      must(pick([254, 16], scene.act.where)),
    );
  },
  'delete a rule': ({ host, name, namespace, act }) => {
    const rule = pick([...namespace.rules.values()], act.what);
    if (rule !== undefined) host.run({ kind: 'rule.delete', namespace: name, rule });
  },
  'add a rule': ({ namespace, act }) => {
    const rules = [
      { family: 4, priority: 100, table: 99, other: 'tos 0x10' },
      { family: 4, priority: 32768, table: 17, mark: { value: 0x10, mask: 0x10 } },
      { family: 6, priority: 5, table: 254, incoming: link('fpr-d0000001-0') },
    ] as const;
    const rule = must(pick(rules, act.what));
    namespace.rules.set(ruleKey(rule), rule);
  },
  'delete a neighbour': ({ host, name, namespace, act }) => {
    const neighbour = pick([...namespace.neighbours.values()], act.what);
    if (neighbour !== undefined) host.run({ kind: 'neighbour.delete', namespace: name, neighbour });
  },
  'change a neighbour': ({ host, name, namespace, act }) => {
    const before = pick([...namespace.neighbours.values()], act.what);
    if (before === undefined) return;
    const neighbour = {
      ...before,
      mac: mac('02:00:00:00:00:66'),
      ...(act.other % 2 === 0 && { address: ip('10.1.0.66') }),
    };
    host.run({ kind: 'neighbour.set', namespace: name, neighbour, before });
  },
  'change a sysctl': ({ namespace, act }) => {
    const name = pick([...namespace.sysctls.keys()], act.what);
    if (name !== undefined) namespace.sysctls.set(name, '7');
  },
  'change the ruleset': ({ namespace, act }) => {
    const { ruleset } = namespace;
    if (ruleset === undefined) return;
    const chain = pick([...ruleset.chains.keys()], act.what);
    if (act.other % 3 === 0) ruleset.sets.set('mine', { kind: 'set', elements: new Set([ipv4('10.1.0.5')]) });
    else if (act.other % 3 === 1 && chain !== undefined) ruleset.chains.delete(chain);
    else
      ruleset.chains.set('mark-fixed', {
        type: 'filter',
        hook: 'prerouting',
        priority: 0,
        rules: [[{ kind: 'unknown', text: 'counter' }]],
      });
  },
  'change elements': ({ namespace, act }) => {
    const set = pick([...(namespace.ruleset?.sets.values() ?? [])], act.what);
    const [one, two] = [ipv4(`203.0.1.${21 + (act.where % 6)}`), ipv4(`10.1.0.${5 + (act.other % 5)}`)];
    if (set === undefined) return;
    if (act.where % 3 === 0) set.elements.clear();
    else if (set.kind !== 'map') set.elements.add(set.kind === 'set' ? two : one);
    else set.elements.set(act.where % 2 === 0 ? one : two, act.where % 2 === 0 ? two : one);
  },
  'leave an element marked': ({ namespace, act }) => {
    const set = namespace.ruleset?.sets.get(MARKED);
    if (set?.kind === 'set') set.elements.add(ipv4(`10.1.0.${100 + (act.what % 5)}`));
  },
  'add a table': ({ namespace }) => void namespace.otherTables.add('ip nat').add('ip6 mangle'),
  'add a namespace': ({ host, act }) => {
    const name = must(
      parseNamespaceName(
        must(
          pick(['qrouter-d0000001-0000-0000-0000-000000000000', 'fip-stray', 'qrouter-stray', 'snat-stray'], act.what),
        ),
      ),
    );
    if (!host.namespaces.has(name)) host.run({ kind: 'namespace.create', namespace: name });
  },
  'delete a namespace': ({ host, name }) => {
    host.run({ kind: 'namespace.delete', namespace: name, ends: [] });
  },
  'leave a link in the host': ({ host, act }) => {
    const stray = must(pick([link('tapb1000001-00'), link('tapf0000001-00'), link('tapstray')], act.what));
    const { links } = must(host.namespaces.get(HOST));
    if (!links.has(stray))
      links.set(stray, { ...foreignLink(stray), kind: { type: 'veth', peer: undefined }, alias: 'buoy test' });
  },
};
