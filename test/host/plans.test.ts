// Plans as golden text: a change of a model below, and in plans/ the operations that it takes.

import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/model/model.ts';
import { HOST } from '../../src/model/names.ts';
import { describePlan } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import type { HostState } from '../../src/host/state.ts';
import { MARKED } from '../../src/host/translation.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { TestHost } from '../support/apply-plan.ts';
import {
  bridge,
  external,
  ip,
  ipv4,
  link,
  mac,
  modelOf,
  network,
  NOTHING,
  port,
  prefix,
  router,
} from '../support/models.ts';
import { must } from '../support/must.ts';
import { fipNamespace, parseNamespaceName, routerNamespace } from '../../src/model/names.ts';
import { uuid } from '../support/models.ts';

const OUTSIDE = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] });
const OTHER_OUTSIDE = external('a0000002', { addresses: ['198.51.100.10/24'], gateways: ['198.51.100.1'] });
const TENANT = network('c0000001');
const OTHER_TENANT = network('c0000002');

type FloatingIps = Readonly<Record<string, string>>;

function first(floatingIps: FloatingIps, outside: string | undefined = 'a0000001') {
  const interfaces = [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })];
  return router('d0000001', { ...(outside !== '' && { external: outside }), interfaces, floatingIps });
}

function second(floatingIps: FloatingIps) {
  const interfaces = [port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] })];
  return router('d0000002', { external: 'a0000001', interfaces, floatingIps });
}

const NETWORKS = [OUTSIDE, OTHER_OUTSIDE, TENANT, OTHER_TENANT];
const ONE = modelOf(NETWORKS, [first({ '203.0.113.21': '10.0.0.5' })]);
const TWO = modelOf(NETWORKS, [first({ '203.0.113.21': '10.0.0.5' }), second({ '203.0.113.31': '10.1.0.5' })]);

interface Change {
  readonly from: Model;
  readonly to: Model;
  /** What somebody did to the kernel in between. */
  readonly disturb?: (host: TestHost) => void;
}

const CASES: Readonly<Record<string, Change>> = {
  'create a router': { from: NOTHING, to: ONE },
  'create a second router': { from: ONE, to: TWO },
  'add a floating IP': {
    from: ONE,
    to: modelOf(NETWORKS, [first({ '203.0.113.21': '10.0.0.5', '203.0.113.22': '10.0.0.6' })]),
  },
  'move a floating IP to another fixed IP': {
    from: ONE,
    to: modelOf(NETWORKS, [first({ '203.0.113.21': '10.0.0.6' })]),
  },
  'give a fixed IP another floating IP': { from: ONE, to: modelOf(NETWORKS, [first({ '203.0.113.22': '10.0.0.5' })]) },
  'move a floating IP to another router': {
    from: TWO,
    to: modelOf(NETWORKS, [first({}), second({ '203.0.113.31': '10.1.0.5', '203.0.113.21': '10.1.0.6' })]),
  },
  'move a floating IP to a new router': {
    from: ONE,
    to: modelOf(NETWORKS, [first({}), second({ '203.0.113.21': '10.1.0.6' })]),
  },
  'remove a floating IP': { from: ONE, to: modelOf(NETWORKS, [first({})]) },
  'remove a router': { from: TWO, to: ONE },
  'remove the last router': { from: ONE, to: NOTHING },
  'clear the gateway of the last router': { from: ONE, to: modelOf(NETWORKS, [first({}, '')]) },
  'clear the gateway of one of two routers': {
    from: TWO,
    to: modelOf(NETWORKS, [first({}, ''), second({ '203.0.113.31': '10.1.0.5' })]),
  },
  'change the gateway': {
    from: ONE,
    to: modelOf(
      [external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.254'] }), TENANT],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'change the gateway to one outside of its subnet': {
    from: ONE,
    to: modelOf(
      [external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['192.0.2.1'] }), TENANT],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'remove the gateway of the network': {
    from: ONE,
    to: modelOf(
      [external('a0000001', { addresses: ['203.0.113.10/24'] }), TENANT],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'change the external network': {
    from: ONE,
    to: modelOf(NETWORKS, [first({ '198.51.100.21': '10.0.0.5' }, 'a0000002')]),
  },
  'change the address of the gateway port': {
    from: ONE,
    to: modelOf(
      [external('a0000001', { addresses: ['203.0.113.11/24'], gateways: ['203.0.113.1'] }), TENANT],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'replace the gateway port': {
    from: ONE,
    to: modelOf(
      [external('a0000001', { port: 'f0000009', addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] }), TENANT],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'change MTU and bridge of the external network': {
    from: ONE,
    to: modelOf(
      [
        external(
          'a0000001',
          { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] },
          { mtu: 9000, plug: bridge('br-ex2') },
        ),
        TENANT,
      ],
      [first({ '203.0.113.21': '10.0.0.5' })],
    ),
  },
  'nothing changed': { from: TWO, to: TWO },

  'a link to the fip namespace was deleted': {
    from: TWO,
    to: TWO,
    disturb: (host) => host.run({ kind: 'link.delete', namespace: FIP, link: link('fpr-d0000001-0') }),
  },
  'a MAC address was changed': {
    from: ONE,
    to: ONE,
    disturb: (host) => {
      const before = must(host.namespaces.get(QROUTER)?.links.get(link('rfp-d0000001-0')));
      host.run({ kind: 'link.change', namespace: QROUTER, link: { ...before, mac: mac('02:00:00:00:00:99') }, before });
    },
  },
  'a run was interrupted before connections were ended': {
    from: ONE,
    to: ONE,
    disturb: (host) => {
      const elements = [{ key: ipv4('10.0.0.9'), value: undefined }];
      host.run({ kind: 'elements.set', namespace: QROUTER, set: MARKED, elements });
    },
  },
  garbage: { from: ONE, to: ONE, disturb: litter },
};

const FIP = fipNamespace(uuid('a0000001'));
const QROUTER = routerNamespace(uuid('d0000001'));

/** Leaves in our namespaces what Buoy never makes. */
function litter(host: TestHost): void {
  const qrouter = must(host.namespaces.get(QROUTER));
  const dummy = link('dummy0');
  const hop = { link: dummy, gateway: undefined, protocol: 3, type: 'unicast' };
  const kind = { type: 'other', word: 'dummy' } as const;
  const settings = { mac: mac('02:00:00:00:00:01'), mtu: 1500, up: true, master: undefined, alias: undefined };
  qrouter.links.set(dummy, { name: dummy, kind, ...settings });
  host.run({ kind: 'address.add', namespace: QROUTER, address: { link: dummy, address: ip('10.9.0.1'), length: 24 } });
  host.run({
    kind: 'address.add',
    namespace: QROUTER,
    address: { link: link('qr-b0000001-00'), address: ip('10.8.0.1'), length: 24 },
  });
  host.run({
    kind: 'route.set',
    namespace: QROUTER,
    table: 254,
    destination: prefix('10.7.0.0/16'),
    hop,
    before: undefined,
  });
  const blackhole = { link: link('lo'), gateway: undefined, protocol: 3, type: 'blackhole' };
  host.run({
    kind: 'route.set',
    namespace: QROUTER,
    table: 99,
    destination: prefix('0.0.0.0/0'),
    hop: blackhole,
    before: undefined,
  });
  // The same destination as one of ours, led elsewhere.
  host.run({
    kind: 'route.set',
    namespace: QROUTER,
    table: 16,
    destination: prefix('0.0.0.0/0'),
    hop,
    before: undefined,
  });
  host.run({ kind: 'rule.add', namespace: QROUTER, rule: { family: 4, priority: 100, table: 99, other: 'tos 0x10' } });
  host.run({ kind: 'sysctl.set', namespace: QROUTER, name: 'net.ipv4.ip_forward', value: '0', before: '1' });
  qrouter.otherTables.add('ip6 mangle').add('inet mine');
  const raw = must(must(host.namespaces.get(FIP)).ruleset);
  raw.chains.set('mine', {
    type: 'filter',
    hook: 'prerouting',
    priority: 0,
    rules: [[{ kind: 'unknown', text: 'counter' }]],
  });
  const stray = must(parseNamespaceName('qrouter-of-a-former-run'));
  host.run({ kind: 'namespace.create', namespace: stray });
  const tap = link('tap00000000-00');
  must(host.namespaces.get(HOST)).links.set(tap, {
    name: tap,
    kind: { type: 'veth', peer: undefined },
    ...settings,
    alias: 'buoy golden',
  });
}

const EMPTY: HostState = new TestHost({ namespaces: new Map(), foreign: { namespaces: new Map(), links: new Map() } });

describe('A change takes the operations in its plan', () => {
  test.each(Object.keys(CASES))('%s', async (name) => {
    const { from, to, disturb } = must(CASES[name]);
    const host = new TestHost(EMPTY).apply(diff(EMPTY, compile(from, new Map(), { instance: 'golden' })));
    disturb?.(host);
    const plan = diff(host, compile(to, livePairs(host), { instance: 'golden' }));
    const file = `plans/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.txt`;
    await expect(describePlan(plan)).toMatchFileSnapshot(file);
    host.apply(plan);
    expect(diff(host, compile(to, livePairs(host), { instance: 'golden' })).steps).toEqual([]);
  });
});
