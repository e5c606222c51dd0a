// What the privileged process refuses. That it refuses nothing that a diff makes is looked at wherever plans
// are made by the thousand: test/prove.

import fc from 'fast-check';
import { describe as group, expect, test } from 'vitest';
import type { Operation } from '../../src/host/plan.ts';
import { hostLinksOf, trespassOf } from '../../src/host/owned-space.ts';
import type { Link } from '../../src/host/state.ts';
import { HOST, parseNamespaceName } from '../../src/model/names.ts';
import { ip, link, mac, prefix } from '../support/models.ts';
import { must } from '../support/must.ts';
import { planOf } from '../support/plans.ts';
import { operations } from '../support/random-operations.ts';

const MARK = 'buoy test';
const ROUTER = must(parseNamespaceName('qrouter-a'));
const OTHERS = new Map([
  [link('br-ex'), 'bridge'],
  [link('eth0'), 'device'],
  [link('bond0'), 'bond'],
  [link('tap0f0f0f0f-0f'), 'tun'],
]);
const TAP = link('tapb0000001-00');

const tap: Link = {
  name: TAP,
  kind: { type: 'veth', peer: { namespace: ROUTER, link: link('qr-x') } },
  mac: mac('fe:16:3e:00:00:01'),
  mtu: 1500,
  up: true,
  master: link('br-ex'),
  alias: MARK,
};
const port: Link = {
  ...tap,
  name: link('qr-x'),
  kind: { type: 'veth', peer: { namespace: HOST, link: TAP } },
  master: undefined,
  alias: undefined,
};
const gateway: Link = { ...port, name: link('fg-x'), kind: { type: 'macvlan', parent: link('eth0') } };
const hop = { link: link('x'), gateway: undefined, protocol: 4, type: 'unicast' };

function creation(change: Partial<Link>): Operation {
  return { kind: 'link.create', namespace: ROUTER, link: port, peer: { ...tap, ...change } };
}

function inHost(change: Partial<Link>): Operation {
  return { kind: 'link.change', namespace: HOST, link: { ...tap, ...change }, before: tap };
}

function sysctl(namespace: typeof HOST, name: string, value = '1'): Operation {
  return { kind: 'sysctl.set', namespace, name, value, before: undefined };
}

function reason(operation: Operation, devices?: readonly string[]): string | undefined {
  const space = { mark: MARK, devices: devices && new Set(devices.map(link)) };
  return trespassOf(planOf([[operation]]), space, OTHERS)?.reason;
}

const foreignNamespace = must(parseNamespaceName('blue'));
const bare = must(parseNamespaceName('qrouter-'));

group('What is Buoy’s to do', () => {
  const allowed: readonly (readonly [string, Operation])[] = [
    ['a pair of which one end is a tap on a bridge', creation({})],
    ['one on a bridge that is not there, which is for the kernel to say', creation({ master: link('nobody') })],
    ['a macvlan', { kind: 'link.create', namespace: ROUTER, link: gateway, peer: undefined }],
    ['a change of its own tap', inHost({ mtu: 9000 })],
    ['the end of its own tap', { kind: 'link.delete', namespace: HOST, link: TAP }],
    ['IPv6 off its own tap', sysctl(HOST, `net.ipv6.conf.${TAP}.disable_ipv6`)],
    ['a sysctl of its namespace', sysctl(ROUTER, 'net.ipv4.ip_forward')],
    ['proxy ARP on its gateway', sysctl(ROUTER, 'net.ipv4.conf.fg-x.proxy_arp')],
    ['any link in its namespace', { kind: 'link.delete', namespace: ROUTER, link: link('eth0') }],
  ];
  test.each(allowed)('%s', (_what, operation) => {
    expect(reason(operation)).toBeUndefined();
  });
});

group('What is refused', () => {
  const refused: readonly (readonly [string, Operation, RegExp])[] = [
    [
      'a namespace by another name',
      { kind: 'namespace.delete', namespace: foreignNamespace, ends: [] },
      /blue is never/,
    ],
    ['a prefix alone', { kind: 'namespace.create', namespace: bare }, /never ours/],
    ['the host as a namespace', { kind: 'namespace.delete', namespace: HOST, ends: [] }, /nothing of ours for/],
    [
      'ends of others that would be deleted in the end',
      { kind: 'namespace.delete', namespace: ROUTER, ends: [{ namespace: HOST, link: link('eth0') }] },
      /eth0 is not ours/,
    ],
    ['a link of another name in the host', creation({ name: link('eth7') }), /names/],
    ['a tap that somebody has', creation({ name: link('tap0f0f0f0f-0f') }), /names/],
    ['a tap without our mark', creation({ alias: undefined }), /our mark/],
    ['a tap with another’s mark', creation({ alias: 'buoy other' }), /our mark/],
    ['a tap on a bond', creation({ master: link('bond0') }), /bond0 is not a bridge/],
    ['an MTU that no link has', creation({ mtu: 60 }), /MTU of 60/],
    ['an MTU that no link has, inside', pairWith(ROUTER, { mtu: 70_000 }), /MTU/],
    ['an end in a namespace of others', pairWith(foreignNamespace), /blue is never/],
    ['a bridge', { kind: 'link.create', namespace: ROUTER, link: other('bridge'), peer: undefined }, /kind other/],
    [
      'a macvlan in the host',
      { kind: 'link.create', namespace: HOST, link: hostMacvlan(), peer: undefined },
      /macvlan/,
    ],
    ['a change of another’s link', inHost({ name: link('eth0') }), /eth0 is not ours/],
    ['the loss of our mark', inHost({ alias: 'x' }), /our mark/],
    ['the end of another’s link', { kind: 'link.delete', namespace: HOST, link: link('eth0') }, /eth0 is not ours/],
    ['an address in the host', { kind: 'address.add', namespace: HOST, address: hostAddress() }, /nothing of ours/],
    [
      'a route in the host',
      { kind: 'route.set', namespace: HOST, table: 254, destination: prefix('0.0.0.0/0'), hop, before: undefined },
      /nothing of ours/,
    ],
    [
      'a rule in the host',
      { kind: 'rule.add', namespace: HOST, rule: { family: 4, priority: 1, table: 2 } },
      /nothing/,
    ],
    ['nftables of the host', { kind: 'table.delete', namespace: HOST, table: 'inet filter' }, /nothing of ours/],
    ['a sysctl of the host', sysctl(HOST, 'net.ipv4.ip_forward'), /never set in the host/],
    ['IPv6 off another’s link', sysctl(HOST, 'net.ipv6.conf.eth0.disable_ipv6'), /never set in the host/],
    ['IPv6 off another’s tap', sysctl(HOST, 'net.ipv6.conf.tap0f0f0f0f-0f.disable_ipv6'), /is not ours/],
    ['a way out of the namespace’s sysctls', sysctl(ROUTER, 'net.ipv4.//.//.kernel.core_pattern'), /never set/],
    ['a way out by a link’s name', sysctl(ROUTER, 'net.ipv4.conf.fg-x.//.proxy_arp'), /never set/],
    ['another sysctl', sysctl(ROUTER, 'net.ipv4.tcp_mem'), /never set/],
    ['a sysctl of a link that has none', sysctl(ROUTER, 'net.ipv4.conf.qr-x.proxy_arp'), /never set/],
    ['a value that no sysctl has', sysctl(ROUTER, 'net.ipv4.ip_forward', '|/bin/sh'), /never given/],
  ];
  test.each(refused)('%s', (_what, operation, words) => {
    expect(reason(operation)).toMatch(words);
  });

  test('devices that the configuration does not allow', () => {
    expect(reason(creation({}), ['br-int'])).toMatch(/br-ex is not among/);
    expect(reason(creation({}), ['br-ex'])).toBeUndefined();
    const macvlan: Operation = { kind: 'link.create', namespace: ROUTER, link: gateway, peer: undefined };
    expect(reason(macvlan, ['br-ex'])).toMatch(/eth0 is not among/);
  });

  test('the whole plan for one operation, wherever it is', () => {
    const plan = planOf([[creation({})], [inHost({}), { kind: 'link.delete', namespace: HOST, link: link('eth0') }]]);
    expect(trespassOf(plan, { mark: MARK, devices: undefined }, OTHERS)?.operation.kind).toBe('link.delete');
  });
});

group('The links of the host that have to be known', () => {
  test('are none for a plan that stays inside of namespaces', () => {
    const inside: Operation = { kind: 'address.add', namespace: ROUTER, address: hostAddress() };
    expect(hostLinksOf(planOf([[inside], [{ kind: 'namespace.delete', namespace: ROUTER, ends: [] }]]))).toEqual(
      new Set(),
    );
  });

  test('are those that a plan names: with them the judgement is that with all links', () => {
    const names = ['tap1', 'tap2', 'br-t', 'eth-t', 'nobody', 'x', 'y'].map(link);
    const judgedAlike = (steps: readonly Operation[][], kinds: readonly string[]): void => {
      const plan = planOf(steps);
      const all = new Map(names.map((name, index) => [name, kinds[index % kinds.length] ?? 'veth']));
      const named = hostLinksOf(plan);
      const some = new Map([...all].filter(([name]) => named.has(name)));
      const space = { mark: MARK, devices: undefined };
      expect(trespassOf(plan, space, some)).toEqual(trespassOf(plan, space, all));
    };
    const plans = fc.array(fc.array(operations, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
    const kinds = fc.array(fc.constantFrom('bridge', 'veth', 'device'), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(plans, kinds, judgedAlike), { numRuns: 500 });
  });
});

function pairWith(namespace: typeof HOST, change: Partial<Link> = {}): Operation {
  const near: Link = { ...port, ...change, kind: { type: 'veth', peer: { namespace, link: link('y') } } };
  const far: Link = { ...port, name: link('y'), kind: { type: 'veth', peer: { namespace: ROUTER, link: port.name } } };
  return { kind: 'link.create', namespace: ROUTER, link: near, peer: far };
}

function other(word: string): Link {
  return { ...port, kind: { type: 'other', word } };
}

function hostMacvlan(): Link {
  return { ...tap, master: undefined, kind: gateway.kind };
}

function hostAddress() {
  return { link: link('eth0'), address: ip('10.0.0.1'), length: 24 };
}
