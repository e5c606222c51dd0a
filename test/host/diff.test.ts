// Single properties of plans that neither golden texts nor random states show well.

import { describe, expect, test } from 'vitest';
import type { Ipv4Address } from '../../src/model/address.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { HOST, parseNamespaceName } from '../../src/model/names.ts';
import { describePlan } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import type { AddressSet, Chain, Ruleset } from '../../src/host/ruleset.ts';
import type { Address, HostState, Link, NamespaceState, Rule } from '../../src/host/state.ts';
import { EMPTY_NAMESPACE, MAIN_TABLE, NO_FOREIGN, ruleKey } from '../../src/host/state.ts';
import { FIXED, MARKED, SENT } from '../../src/host/translation.ts';
import { TestHost } from '../support/apply-plan.ts';
import { ip, ipv4, link, prefix } from '../support/models.ts';
import { must } from '../support/must.ts';

const NAME = must(parseNamespaceName('qrouter-r'));
const OTHER = must(parseNamespaceName('qrouter-s'));
const FIP = must(parseNamespaceName('fip-n'));

const EMPTY: NamespaceState = { ...EMPTY_NAMESPACE, ruleset: { chains: new Map(), sets: new Map() } };

function hostOf(namespaces: Readonly<Record<string, Partial<NamespaceState>>>): HostState {
  const states = Object.entries(namespaces).map(([name, state]): [NamespaceName, NamespaceState] => [
    must(name === HOST ? HOST : parseNamespaceName(name)),
    { ...EMPTY, ...(name === HOST && { ruleset: undefined }), ...state },
  ]);
  return { namespaces: new Map(states), foreign: NO_FOREIGN };
}

function planText(actual: HostState, wanted: HostState): string[] {
  return describePlan(diff(actual, wanted))
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim());
}

function linkOf(name: string, kind: Link['kind'] = { type: 'macvlan', parent: link('eth0') }): [Link['name'], Link] {
  return [
    link(name),
    { name: link(name), kind, mac: undefined, mtu: 1500, up: true, master: undefined, alias: undefined },
  ];
}

function veth(name: string, namespace: NamespaceName, peer: string): [Link['name'], Link] {
  return linkOf(name, { type: 'veth', peer: { namespace, link: link(peer) } });
}

describe('Within a namespace', () => {
  test('a loopback device keeps its routes when its last address but 127.0.0.1 goes', () => {
    const lo = linkOf('lo', { type: 'loopback' });
    const address = { link: link('lo'), address: ip('192.0.2.77'), length: 24 };
    const hop = { link: link('lo'), gateway: undefined, protocol: 3, type: 'unicast' };
    const stray = { destination: prefix('192.0.2.0/25'), hop };
    const actual = hostOf({
      'qrouter-r': {
        links: new Map([lo]),
        addresses: new Map([['lo 192.0.2.77/24', address]]),
        routes: new Map([[MAIN_TABLE, { prefixes: new Map([['192.0.2.0/25', stray]]), hosts: new Map() }]]),
      },
    });
    expect(planText(actual, hostOf({ 'qrouter-r': { links: new Map([lo]) } }))).toEqual([
      '- addr 192.0.2.77/24 dev lo',
      '- route 192.0.2.0/25 dev lo proto 3',
    ]);
  });

  test('an IPv4 address that moves to another link is there before it is not here any more', () => {
    const [a, b] = [linkOf('a'), linkOf('b')];
    const on = (name: string, text: string) => {
      const [address = '', length] = text.split('/');
      const own = { link: link(name), address: ip(address), length: Number(length) };
      return [`${name} ${text}`, own] as const;
    };
    const state = (...addresses: readonly (readonly [string, Address])[]) =>
      hostOf({ 'qrouter-r': { links: new Map([a, b]), addresses: new Map(addresses) } });
    const actual = state(on('a', '10.0.0.1/24'), on('a', '10.0.1.1/24'), on('a', '2001:db8::1/64'));
    const wanted = state(on('b', '10.0.0.1/24'), on('a', '10.0.1.1/24'), on('b', '2001:db8::1/64'));
    expect(planText(actual, wanted)).toEqual([
      '- addr 2001:db8::1/64 dev a',
      '+ addr 10.0.0.1/24 dev b',
      '+ addr 2001:db8::1/64 dev b',
      '- addr 10.0.0.1/24 dev a',
    ]);
  });

  test('what is on the link is there before what leads through it', () => {
    const hop = { link: link('a'), gateway: undefined, protocol: 4, type: 'unicast' };
    const prefixes = new Map([
      ['::/0', { destination: prefix('::/0'), hop: { ...hop, gateway: ip('2001:db8::1') } }],
      ['10.0.0.0/8', { destination: prefix('10.0.0.0/8'), hop: { ...hop, gateway: ip('192.0.2.1') } }],
      ['2001:db8::1/128', { destination: prefix('2001:db8::1/128'), hop }],
    ]);
    const hosts = new Map([[ipv4('192.0.2.1'), hop]]);
    const links = new Map([linkOf('a')]);
    const before = hostOf({ [NAME]: { links } });
    expect(
      planText(before, hostOf({ [NAME]: { links, routes: new Map([[MAIN_TABLE, { prefixes, hosts }]]) } })),
    ).toEqual([
      '+ route 2001:db8::1/128 dev a',
      '+ route 192.0.2.1/32 dev a',
      '+ route ::/0 via 2001:db8::1 dev a',
      '+ route 10.0.0.0/8 via 192.0.2.1 dev a',
    ]);
  });

  test('rules are added from the last and deleted from the first', () => {
    const rules = [3, 20, 100].map((priority): [string, Rule] => {
      const rule = { family: 4, priority, table: 16 } as const;
      return [ruleKey(rule), rule];
    });
    const [none, all] = [hostOf({ [NAME]: {} }), hostOf({ [NAME]: { rules: new Map(rules) } })];
    const text = (sign: string, priority: number): string => `${sign} rule ${priority}: from all lookup 16`;
    expect(planText(none, all)).toEqual([100, 20, 3].map((priority) => text('+', priority)));
    expect(planText(all, none)).toEqual([3, 20, 100].map((priority) => text('-', priority)));
  });

  test('sysctls of the namespace come before its links, those of a link after it', () => {
    const sysctls = new Map([
      ['net.ipv4.conf.a.proxy_arp', '1'],
      ['net.ipv4.conf.default.send_redirects', '0'],
      ['net.ipv6.conf.all.forwarding', '1'],
    ]);
    expect(planText(hostOf({ [NAME]: {} }), hostOf({ [NAME]: { links: new Map([linkOf('a')]), sysctls } }))).toEqual([
      '+ sysctl net.ipv4.conf.default.send_redirects = 0',
      '+ sysctl net.ipv6.conf.all.forwarding = 1',
      '+ link a mtu 1500 up type macvlan on eth0',
      '+ sysctl net.ipv4.conf.a.proxy_arp = 1',
    ]);
  });

  test('a sysctl that is not wanted any way is left alone', () => {
    const state = (value: string): HostState =>
      hostOf({ [NAME]: { sysctls: new Map([['net.ipv4.ip_forward', value]]) } });
    expect(diff(state('0'), hostOf({ [NAME]: {} })).steps).toEqual([]);
    expect(planText(state('0'), state('1'))).toEqual(['~ sysctl net.ipv4.ip_forward = 0 → 1']);
  });

  test('a MAC address or MTU that is left open is left alone', () => {
    const [name, open] = linkOf('a');
    const actual = hostOf({ [NAME]: { links: new Map([[name, { ...open, mtu: 9000 }]]) } });
    expect(diff(actual, hostOf({ [NAME]: { links: new Map([[name, { ...open, mtu: undefined }]]) } })).steps).toEqual(
      [],
    );
  });

  test('when chains and sets are made anew, connections to end are still marked until they are', () => {
    const fixed = { kind: 'map', elements: new Map([[ipv4('10.0.0.5'), ipv4('203.0.113.5')]]) } as const;
    const marked = { kind: 'set', elements: new Set([ipv4('10.0.0.5')]) } as const;
    const none = new Map<string, AddressSet>([
      [FIXED, { kind: 'map', elements: new Map() }],
      [MARKED, { kind: 'set', elements: new Set([ipv4('10.0.0.6')]) }],
    ]);
    const chain = { type: 'nat', hook: 'prerouting', priority: 0, rules: [] } as const;
    const actual = hostOf({
      [NAME]: {
        ruleset: {
          chains: new Map(),
          sets: new Map<string, AddressSet>([
            [FIXED, fixed],
            [MARKED, marked],
            ['theirs', { kind: 'set', elements: new Set() }],
          ]),
        },
      },
    });
    const wanted = hostOf({ [NAME]: { ruleset: { chains: new Map([['chain', chain]]), sets: none } } });
    expect(planText(actual, wanted)).toEqual([
      '~ table ip buoy: chains chain; sets fixed, marked',
      '+ element marked 10.0.0.5',
      '+ element marked 10.0.0.6',
      '- connections of 10.0.0.5',
      '- element marked 10.0.0.5',
    ]);
  });

  test('what an earlier version made gets what it lacks, and keeps its elements', () => {
    const chain = { type: 'filter', hook: 'prerouting', priority: 0 } as const;
    const marked: [string, AddressSet] = [MARKED, { kind: 'set', elements: new Set([ipv4('10.0.0.5')]) }];
    const actual = hostOf({
      [NAME]: { ruleset: { chains: new Map([['chain', { ...chain, rules: [] }]]), sets: new Map([marked]) } },
    });
    const ruleset = {
      chains: new Map<string, Chain>([
        ['chain', { ...chain, rules: [[{ kind: 'source-in-set', set: SENT }]] }],
        ['second', { ...chain, rules: [] }],
      ]),
      sets: new Map<string, AddressSet>([
        marked,
        [SENT, { kind: 'counters', elements: new Set([ipv4('203.0.113.5')]) }],
      ]),
    };
    expect(planText(actual, hostOf({ [NAME]: { ruleset } }))).toEqual([
      '+ table ip buoy: chains chain, second; sets marked, sent',
      '+ element sent 203.0.113.5',
    ]);
  });

  test.each<[string, Ruleset]>([
    ['a set of another kind', { chains: new Map(), sets: new Map([[SENT, { kind: 'set', elements: new Set() }]]) }],
    ['a set of its own', { chains: new Map(), sets: new Map([['theirs', { kind: 'set', elements: new Set() }]]) }],
    [
      'a chain at another place',
      {
        chains: new Map([['chain', { type: 'filter', hook: 'postrouting', priority: 0, rules: [] }]]),
        sets: new Map(),
      },
    ],
  ])('what has %s is made anew', (_what, ruleset) => {
    const wanted: Ruleset = {
      chains: new Map([['chain', { type: 'filter', hook: 'prerouting', priority: 0, rules: [] }]]),
      sets: new Map([[SENT, { kind: 'counters', elements: new Set() }]]),
    };
    expect(planText(hostOf({ [NAME]: { ruleset } }), hostOf({ [NAME]: { ruleset: wanted } }))).toEqual([
      '~ table ip buoy: chains chain; sets sent',
    ]);
  });

  test('connections that an interrupted run had to end are ended when their fixed IP is translated anew', () => {
    const rulesetOf = (fixed: ReadonlyMap<Ipv4Address, Ipv4Address>): Partial<NamespaceState> => ({
      ruleset: {
        chains: new Map(),
        sets: new Map<string, AddressSet>([
          [FIXED, { kind: 'map', elements: fixed }],
          [MARKED, { kind: 'set', elements: new Set([ipv4('10.0.0.5')]) }],
        ]),
      },
    });
    const actual = hostOf({ [NAME]: rulesetOf(new Map()) });
    const wanted = hostOf({ [NAME]: rulesetOf(new Map([[ipv4('10.0.0.5'), ipv4('203.0.113.6')]])) });
    expect(planText(actual, wanted)).toEqual([
      '+ element fixed 10.0.0.5 : 203.0.113.6',
      '- connections of 10.0.0.5 other than as 203.0.113.6',
    ]);
  });

  test('a macvlan that an interrupted run has made comes up when the one with its MAC address is gone', () => {
    const [old, name] = [linkOf('old'), linkOf('new')];
    const actual = hostOf({ [NAME]: { links: new Map([old, [name[0], { ...name[1], up: false }]]) } });
    const wanted = hostOf({ [NAME]: { links: new Map([name]) } });
    expect(planText(actual, wanted)).toEqual(['- link old', '~ link new down → up']);
  });
});

describe('Between namespaces', () => {
  test('a link stays while routes that it has cannot be led over another one', () => {
    const through = (name: string) => ({ link: link(name), gateway: ip('10.0.0.1'), protocol: 4, type: 'unicast' });
    const rule: Rule = { family: 4, priority: 77, table: 77, incoming: link('fpr-r') };
    const dummy = { type: 'other', word: 'dummy' } as const;
    const state = (...names: readonly string[]) =>
      hostOf({
        'fip-n': {
          links: new Map([...names.map((name) => linkOf(name, dummy)), veth('fpr-r', NAME, 'rfp-r')]),
          rules: new Map([[ruleKey(rule), rule]]),
          routes: new Map([
            [
              77,
              {
                prefixes: new Map([
                  ['0.0.0.0/0', { destination: prefix('0.0.0.0/0'), hop: through(must(names.at(-1))) }],
                ]),
                hosts: new Map(),
              },
            ],
          ]),
        },
        'qrouter-r': { links: new Map([veth('rfp-r', FIP, 'fpr-r')]) },
      });
    const { steps } = diff(state('fg-old'), state('fg-new'));
    const going = steps.find(({ operations }) => operations.some(({ kind }) => kind === 'link.delete'));
    expect(going).toMatchObject({ subject: FIP, after: [NAME] });
  });

  test('while a fip namespace cannot be deleted, the routers that its floating IPs lead to are left alone', () => {
    const floating = { kind: 'map', elements: new Map([[ipv4('203.0.113.21'), ipv4('10.0.0.10')]]) } as const;
    const actual = hostOf({
      'fip-n': { links: new Map([veth('fpr-r', NAME, 'rfp-r'), veth('fpr-s', OTHER, 'rfp-s')]) },
      'qrouter-r': {
        links: new Map([veth('rfp-r', FIP, 'fpr-r')]),
        ruleset: { chains: new Map(), sets: new Map([['floating', floating]]) },
      },
      'qrouter-s': { links: new Map([veth('rfp-s', FIP, 'fpr-s')]) },
    });
    const { steps } = diff(
      actual,
      hostOf({
        'qrouter-r': {
          ruleset: { chains: new Map(), sets: new Map([['floating', { kind: 'map', elements: new Map() }]]) },
        },
      }),
    );
    const going = steps.filter(({ operations }) => operations.some(({ kind }) => kind.endsWith('.delete')));
    expect(going.map(({ subject, after }) => [subject, after])).toEqual([
      [FIP, []],
      [OTHER, [FIP]],
      [NAME, [FIP]],
    ]);
  });

  test('a veth is made once, when both namespaces are there, and not before what is in its way is gone', () => {
    const actual = hostOf({
      [HOST]: { links: new Map([veth('tap', OTHER, 'old')]) },
      [OTHER]: { links: new Map([veth('old', HOST, 'tap')]) },
    });
    const wanted = hostOf({
      [NAME]: { links: new Map([veth('new', HOST, 'tap'), veth('rfp', FIP, 'fpr')]) },
      [HOST]: { links: new Map([veth('tap', NAME, 'new')]) },
      [FIP]: { links: new Map([veth('fpr', NAME, 'rfp')]) },
    });
    expect(
      describePlan(diff(actual, wanted))
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      `netns ${FIP}`,
      '+ namespace',
      `netns ${NAME}`,
      '+ namespace',
      'host',
      '- link tap',
      `netns ${NAME}`,
      '+ link new mtu 1500 up type veth peer tap on the host mtu 1500 up',
      `+ link rfp mtu 1500 up type veth peer fpr in ${FIP} mtu 1500 up`,
      `netns ${OTHER}`,
      '- namespace, with all that is in it',
      '',
    ]);
    new TestHost(actual).apply(diff(actual, wanted));
  });

  test('links of the host go with the namespace of their other end, others of ours by themselves', () => {
    const stray = linkOf('stray', { type: 'veth', peer: undefined });
    const actual = hostOf({
      [HOST]: { links: new Map([veth('tap', NAME, 'qr'), stray]) },
      [NAME]: { links: new Map([veth('qr', HOST, 'tap')]) },
    });
    const text = describePlan(diff(actual, hostOf({})))
      .split('\n')
      .map((line) => line.trim());
    expect(text).toEqual([`netns ${NAME}`, '- namespace, with all that is in it', 'host', '- link stray', '']);
  });

  test('each operation belongs to the router that it is for', () => {
    const routers = [NAME, OTHER].map((name, index) => [name, `rfp${index}`, `fpr${index}`, index] as const);
    const rules = routers.map(([, , fpr, index]): [string, Rule] => {
      const rule = { family: 4, priority: index + 1, table: index + 1, incoming: link(fpr) } as const;
      return [ruleKey(rule), rule];
    });
    const hop = { link: link('fg'), gateway: undefined, protocol: 4, type: 'unicast' };
    const route = { destination: prefix('0.0.0.0/0'), hop };
    const wanted = hostOf({
      [FIP]: {
        links: new Map([linkOf('fg'), ...routers.map(([name, rfp, fpr]) => veth(fpr, name, rfp))]),
        rules: new Map(rules),
        routes: new Map(
          routers.map(([, , , index]) => [index + 1, { prefixes: new Map([['0.0.0.0/0', route]]), hosts: new Map() }]),
        ),
      },
      ...Object.fromEntries(routers.map(([name, rfp, fpr]) => [name, { links: new Map([veth(rfp, FIP, fpr)]) }])),
    });
    const steps = diff(hostOf({}), wanted).steps.map(({ subject, operations }) => [
      subject,
      ...operations.map(({ kind, namespace }) => `${kind} ${namespace}`),
    ]);
    const ofRouter = (name: NamespaceName): string[] => [
      name,
      `namespace.create ${name}`,
      `link.create ${name}`,
      `route.set ${FIP}`,
      `rule.add ${FIP}`,
    ];
    expect(steps).toEqual([[FIP, `namespace.create ${FIP}`, `link.create ${FIP}`], ofRouter(NAME), ofRouter(OTHER)]);
  });
});
