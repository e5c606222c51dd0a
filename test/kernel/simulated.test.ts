// Facts about the kernel that the simulated one was mended for, each found by two-kernels.kernel.test.ts,
// and what is simulated beyond single operations: time, and things that go wrong.

import { describe, expect, test } from 'vitest';
import { listing } from '../../src/host/listing.ts';
import { ownerMark } from '../../src/host/mark.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { Traffic } from '../../src/host/counters.ts';
import type { Link, NextHop } from '../../src/host/state.ts';
import { PROTOCOL_STATIC } from '../../src/host/state.ts';
import { RECEIVED, SENT } from '../../src/host/translation.ts';
import { changeHost, ProcessDied, SimulatedHost, SimulatedKernel } from '../../src/kernel/simulated/index.ts';
import type { Fault } from '../../src/kernel/simulated/index.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK, parseNamespaceName } from '../../src/model/names.ts';
import { ip, ipv4, link, mac, prefix } from '../support/models.ts';
import { must } from '../support/must.ts';
import { planOf } from '../support/plans.ts';

const INSTANCE = 'test';
const A = must(parseNamespaceName('qrouter-a'));
const B = must(parseNamespaceName('fip-b'));
const X = link('x');
const PARENT = link('eth0');

const create = (namespace: NamespaceName): Operation => ({ kind: 'namespace.create', namespace });
const via = (gateway: string | undefined, on: LinkName = X): NextHop => ({
  link: on,
  gateway: gateway === undefined ? undefined : ip(gateway),
  protocol: PROTOCOL_STATIC,
  type: 'unicast',
});
const route = (destination: string, hop: NextHop): Operation => ({
  kind: 'route.set',
  namespace: A,
  table: 254,
  destination: prefix(destination),
  hop,
  before: undefined,
});
const address = (kind: 'address.add' | 'address.delete', text: string, on: LinkName = X): Operation => {
  const [value = '', length] = text.split('/');
  return { kind, namespace: A, address: { link: on, address: ip(value), length: Number(length) } };
};
const end = (name: LinkName, kind: Link['kind'], macAddress = '02:00:00:00:00:01'): Link => ({
  name,
  kind,
  mac: mac(macAddress),
  mtu: 1500,
  up: true,
  master: undefined,
  alias: undefined,
});
const pair = (): Operation => ({
  kind: 'link.create',
  namespace: A,
  link: end(X, { type: 'veth', peer: { namespace: B, link: X } }),
  peer: end(X, { type: 'veth', peer: { namespace: A, link: X } }, '02:00:00:00:00:02'),
});
const macvlan = (name: string): Operation => ({
  kind: 'link.create',
  namespace: A,
  link: end(link(name), { type: 'macvlan', parent: PARENT }),
  peer: undefined,
});
const change = (on: LinkName, to: Partial<Link>, from: Partial<Link> = {}): Operation => {
  const before = { ...end(on, { type: 'other', word: 'any' }), ...from };
  return { kind: 'link.change', namespace: A, link: { ...before, ...to }, before };
};

function newHost(): SimulatedHost {
  const links = new Map([[PARENT, 'device']]);
  return new SimulatedHost({ state: { namespaces: new Map(), foreign: { namespaces: new Map(), links } } });
}

/** Two namespaces with a veth between them, an address on it, a set and a map. */
const START: readonly Operation[] = [
  create(A),
  create(B),
  pair(),
  address('address.add', '10.0.0.1/24'),
  {
    kind: 'ruleset.define',
    namespace: A,
    chains: new Map(),
    sets: new Map([
      ['m', 'map'],
      ['s', 'set'],
    ]),
    replace: false,
  },
];

/** What becomes of operations, one after the other, and what A is like afterwards. */
async function endOf(...operations: readonly Operation[]): Promise<{ results: string[]; lines: string[] }> {
  const host = newHost();
  const kernel = new SimulatedKernel(host, { instance: INSTANCE });
  const results: string[] = [];
  await kernel.apply(planOf([START]));
  await kernel.apply(planOf(operations.map((operation) => [operation])), {
    settled: (_, result) => results.push(typeof result === 'string' ? result : result.errno),
  });
  const { namespaces, foreign } = await kernel.read();
  const text = listing({ namespaces: new Map([[A, must(namespaces.get(A))]]), foreign });
  return { results, lines: text.split('\n').map((line) => line.trim()) };
}

async function resultsOf(...operations: readonly Operation[]): Promise<string[]> {
  return (await endOf(...operations)).results;
}

describe('Links', () => {
  test('are refused for their MTU before their name is looked at', async () => {
    const tiny = macvlan('x');
    if (tiny.kind !== 'link.create') throw new Error('no link');
    expect(await resultsOf({ ...tiny, link: { ...tiny.link, mtu: 60 } }, tiny)).toEqual(['EINVAL', 'EEXIST']);
  });

  test('of one parent with one MAC address can be made, but only one of them is up', async () => {
    const { results, lines } = await endOf(macvlan('y'), macvlan('z'));
    expect(results).toEqual(['done', 'EADDRINUSE']);
    expect(lines).toContain('link z address 02:00:00:00:00:01 mtu 1500 down type macvlan on eth0');
  });

  test('that go down lose IPv4 routes, IPv6 addresses and neighbours, and keep IPv4 addresses', async () => {
    const neighbour = { link: X, address: ip('10.0.0.9'), mac: mac('02:00:00:00:00:09') };
    const { lines } = await endOf(
      address('address.add', '2001:db8::1/64'),
      route('10.9.0.0/16', via('10.0.0.254')),
      { kind: 'neighbour.set', namespace: A, neighbour, before: undefined },
      change(X, { up: false }),
    );
    const left = lines.filter((line) => /^(addr|route|neigh)/.test(line));
    expect(left).toEqual(['addr 10.0.0.1/24 dev x']);
  });

  test('that get another MAC address keep the IPv6 address of the old one', async () => {
    const { lines } = await endOf(change(X, { mac: mac('02:00:00:00:00:07') }));
    expect(lines).toContain('addr fe80::ff:fe00:1/64 dev x');
  });
});

describe('Addresses', () => {
  test('that are there are left alone, in IPv6 whatever their length', async () => {
    const { results, lines } = await endOf(
      address('address.add', '10.0.0.1/24'),
      address('address.add', '2001:db8::1/64'),
      address('address.add', '2001:db8::1/80'),
    );
    expect(results).toEqual(['done', 'done', 'done']);
    expect(lines).toContain('addr 2001:db8::1/64 dev x');
    expect(lines).not.toContain('addr 2001:db8::1/80 dev x');
  });

  test('of a subnet go with its first one, unless they may be promoted', async () => {
    const second = [address('address.add', '10.0.0.2/24'), address('address.delete', '10.0.0.1/24')];
    expect((await endOf(...second)).lines).not.toContain('addr 10.0.0.2/24 dev x');
    const name = 'net.ipv4.conf.all.promote_secondaries';
    const promote: Operation = { kind: 'sysctl.set', namespace: A, name, value: '1', before: '0' };
    expect((await endOf(promote, ...second)).lines).toContain('addr 10.0.0.2/24 dev x');
  });

  test('take the IPv4 routes of a link with the last of them', async () => {
    const { lines } = await endOf(route('10.9.0.0/16', via(undefined)), address('address.delete', '10.0.0.1/24'));
    expect(lines.filter((line) => line.startsWith('route'))).toEqual([]);
  });
});

describe('Routes', () => {
  test('may have an own IPv4 address for a gateway, but no broadcast address and none beyond the link', async () => {
    const gateways = ['10.0.0.1', '10.0.0.255', '10.7.0.1'];
    expect(await resultsOf(...gateways.map((gateway) => route('0.0.0.0/0', via(gateway))))).toEqual([
      'done',
      'EINVAL',
      'ENETUNREACH',
    ]);
  });

  test('of IPv6 may have no own address, nor one on a loopback device or out of reach', async () => {
    expect(
      await resultsOf(
        address('address.add', '2001:db8::1/64'),
        route('::/0', via('2001:db8::1')),
        route('::/0', via('2001:db8:7::1')),
        route('::/0', via('fe80::1', LOOPBACK)),
        route('::/0', via('fe80::1')),
      ),
    ).toEqual(['done', 'EINVAL', 'EHOSTUNREACH', 'EINVAL', 'done']);
  });

  test('through an address of the link are not to be had after a route took the place of the kernel’s own', async () => {
    const unset: Operation = {
      kind: 'route.delete',
      namespace: A,
      table: 254,
      destination: prefix('10.0.0.0/24'),
      hop: via(undefined),
    };
    expect(await resultsOf(route('10.0.0.0/24', via(undefined)), unset, route('0.0.0.0/0', via('10.0.0.254')))).toEqual(
      ['done', 'done', 'ENETUNREACH'],
    );
  });

  test('cannot lead through a link that is down', async () => {
    expect(await resultsOf(route('10.9.0.0/16', via(undefined, LOOPBACK)))).toEqual(['ENETDOWN']);
  });
});

describe('Rules', () => {
  const narrow = { family: 4, priority: 100, table: 16, from: prefix('10.0.0.0/24') } as const;
  const broad = { family: 4, priority: 100, table: 16 } as const;

  test('for all senders pass for there when one for some of them is', async () => {
    const { results, lines } = await endOf(
      { kind: 'rule.add', namespace: A, rule: narrow },
      { kind: 'rule.add', namespace: A, rule: broad },
    );
    expect(results).toEqual(['done', 'done']);
    expect(lines).not.toContain('rule 100: from all lookup 16');
  });

  test('are deleted by what is named of them: the first that fits goes', async () => {
    const { lines } = await endOf(
      { kind: 'rule.add', namespace: A, rule: narrow },
      { kind: 'rule.delete', namespace: A, rule: broad },
    );
    expect(lines.filter((line) => line.startsWith('rule'))).toEqual([]);
  });
});

test('All IPv4 neighbours of a loopback device are one', async () => {
  const neighbour = { link: LOOPBACK, address: ip('10.0.0.9'), mac: mac('02:00:00:00:00:09') };
  const { lines } = await endOf({ kind: 'neighbour.set', namespace: A, neighbour, before: undefined });
  expect(lines).toContain('neigh 0.0.0.0 dev lo lladdr 02:00:00:00:00:09');
});

describe('An nftables transaction', () => {
  const set = (name: string, value: string | undefined): Operation => {
    const elements = [{ key: ipv4('203.0.113.1'), value: value === undefined ? undefined : ipv4(value) }];
    return { kind: 'elements.set', namespace: A, set: name, elements };
  };

  test('is done or refused as a whole', async () => {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    await kernel.apply(planOf([START]));
    const { failures } = await kernel.apply(planOf([[set('m', '10.0.0.5'), set('none', undefined)]]));
    expect(failures.map(({ errno }) => errno)).toEqual(['ENOENT', 'ENOENT']);
    expect(listing(await kernel.read())).not.toContain('203.0.113.1');
  });

  test('is told of at once', async () => {
    const told: number[] = [];
    const kernel = new SimulatedKernel(newHost(), { instance: INSTANCE, done: ({ length }) => told.push(length) });
    await kernel.apply(planOf([START]));
    told.length = 0;
    await kernel.apply(planOf([[set('m', '10.0.0.5'), set('s', undefined)]]));
    expect(told).toEqual([2]);
  });

  test('refuses a key with another value, a value in a set and none in a map', async () => {
    expect(
      await resultsOf(set('m', '10.0.0.5'), set('m', '10.0.0.6'), set('s', '10.0.0.5'), set('m', undefined)),
    ).toEqual(['done', 'EEXIST', 'EINVAL', 'EINVAL']);
  });
});

describe('What has passed', () => {
  const [one, two, three] = [ipv4('203.0.113.1'), ipv4('203.0.113.2'), ipv4('203.0.113.3')];
  const sent = (kind: 'elements.set' | 'elements.delete', ...keys: (typeof one)[]): Operation => ({
    kind,
    namespace: A,
    set: SENT,
    elements: keys.map((key) => ({ key, value: undefined })),
  });
  const counters: Operation = {
    kind: 'ruleset.define',
    namespace: A,
    chains: new Map(),
    sets: new Map([
      [RECEIVED, 'counters'],
      [SENT, 'counters'],
    ]),
    replace: false,
  };
  const nothing = { packets: 0, bytes: 0 };

  test('is counted by elements, for as long as they are there', async () => {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    await kernel.apply(planOf([START, [counters, sent('elements.set', one, two)]]));
    for (const key of [one, one, two, three]) host.namespace(A)?.count(SENT, key, 84);
    host.namespace(A)?.count('s', one, 84);
    const of = (packets: number): Traffic => ({ received: nothing, sent: { packets, bytes: 84 * packets } });
    const expected = new Map([
      [one, of(2)],
      [two, of(1)],
    ]);
    expect(await kernel.readCounters()).toEqual(new Map([[A, expected]]));

    // A transaction that is taken back leaves them as they were.
    const refused = await kernel.apply(planOf([[sent('elements.delete', one), sent('elements.delete', three)]]));
    expect(refused.failures).toHaveLength(2);
    expect(await kernel.readCounters(new Set([A]))).toEqual(new Map([[A, expected]]));

    await kernel.apply(planOf([[sent('elements.set', one, three), counters, sent('elements.delete', two)]]));
    await kernel.apply(planOf([[sent('elements.set', two)]]));
    const anew = new Map([
      [one, of(2)],
      [three, of(0)],
      [two, of(0)],
    ]);
    expect(await kernel.readCounters()).toEqual(new Map([[A, anew]]));
  });

  test('is told of routers of ours alone, and of those that are asked for', async () => {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    await kernel.apply(planOf([START]));
    expect(await kernel.readCounters()).toEqual(new Map([[A, new Map()]]));
    expect(await kernel.readCounters(new Set([B]))).toEqual(new Map());
    expect(await new SimulatedKernel(host, { instance: 'other' }).readCounters()).toEqual(new Map());
  });
});

describe('Without IPv6', () => {
  const off: Operation = {
    kind: 'sysctl.set',
    namespace: A,
    name: 'net.ipv6.conf.all.disable_ipv6',
    value: '1',
    before: '0',
  };
  const neighbour: Operation = {
    kind: 'neighbour.set',
    namespace: A,
    neighbour: { link: X, address: ip('2001:db8::ff'), mac: mac('02:00:00:00:00:02') },
    before: undefined,
  };

  test('a link loses what it has of it, and gets no more', async () => {
    const six = [address('address.add', '2001:db8::1/64'), route('2001:db9::/64', via('2001:db8::2')), neighbour];
    const { results, lines } = await endOf(...six, off, ...six, route('2001:db9::/64', via(undefined)));
    expect(results).toEqual(['done', 'done', 'done', 'done', 'EACCES', 'EHOSTUNREACH', 'EINVAL', 'EACCES']);
    expect(lines.filter((line) => line.includes('2001:'))).toEqual([]);
  });

  test('a link that is made is without it too', async () => {
    const added = { link: link('y'), address: ip('2001:db8::1'), length: 64 };
    expect(await resultsOf(off, macvlan('y'), { kind: 'address.add', namespace: A, address: added })).toEqual([
      'done',
      'done',
      'EACCES',
    ]);
  });

  test('a route is refused for that before it is for a link that is down', async () => {
    expect(await resultsOf(off, route('::/0', via(undefined, LOOPBACK)))).toEqual(['done', 'EACCES']);
  });
});

describe('A namespace that is deleted', () => {
  const remove = (ends: readonly LinkName[]): Operation => ({
    kind: 'namespace.delete',
    namespace: A,
    ends: ends.map((name) => ({ namespace: B, link: name })),
  });

  test('is gone with the other ends of its veths when the run ends', async () => {
    const kernel = new SimulatedKernel(newHost(), { instance: INSTANCE });
    await kernel.apply(planOf([START]));
    await kernel.apply(planOf([[remove([X])]]));
    expect(listing(await kernel.read())).not.toContain('link x');
  });

  test('may leave them behind for a while when the process dies', async () => {
    const seen = new Set<boolean>();
    for (let seed = 0; seed < 20; seed++) {
      const host = new SimulatedHost({ seed });
      await new SimulatedKernel(host, { instance: INSTANCE }).apply(planOf([START]));
      const dying = new SimulatedKernel(host, { instance: INSTANCE, fault: () => 'die after' });
      await expect(dying.apply(planOf([[remove([X])]]))).rejects.toThrow(ProcessDied);
      const isThere = () => host.read(ownerMark(INSTANCE)).namespaces.get(B)?.links.has(X) ?? false;
      expect(host.namespace(A)).toBeUndefined();
      seen.add(isThere());
      host.settle();
      expect(isThere()).toBe(false);
    }
    expect(seen.has(true)).toBe(true);
  });
});

describe('What goes wrong on request', () => {
  async function applyWith(fault: (operation: Operation, index: number) => Fault | undefined): Promise<string> {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE, fault });
    await kernel.apply(planOf([START])).catch((error: unknown) => expect(error).toBeInstanceOf(ProcessDied));
    return listing(host.read(ownerMark(INSTANCE)));
  }

  test('is a refusal: the operation is not done, nor what comes after it', async () => {
    const text = await applyWith((_, index) => (index === 3 ? { errno: 'ENOMEM' } : undefined));
    expect(text).toContain('link x');
    expect(text).not.toMatch(/addr 10\.0\.0\.1/);
    expect(text).not.toContain('map m');
  });

  test('is a death before or after an operation, upon which nothing is done any more', async () => {
    const before = await applyWith((_, index) => (index === 3 ? 'die before' : undefined));
    const after = await applyWith((_, index) => (index === 3 ? 'die after' : undefined));
    expect(before).not.toContain('addr 10.0.0.1/24');
    expect(after).toContain('addr 10.0.0.1/24');
    expect(after).not.toContain('map m');
  });

  test('with the operations on a ruleset is nothing or all of their transaction', async () => {
    expect(await applyWith((_, index) => (index === 4 ? 'die before' : undefined))).not.toContain('map m');
    expect(await applyWith((_, index) => (index === 4 ? 'die after' : undefined))).toContain('map m');
  });
});

describe('A host', () => {
  test('is read without copying what has not changed', async () => {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    await kernel.apply(planOf([START]));
    const before = await kernel.read();
    expect((await kernel.read()).namespaces.get(A)).toBe(before.namespaces.get(A));
    await kernel.apply(planOf([[address('address.add', '10.0.0.2/24')]]));
    const after = await kernel.read();
    expect(after.namespaces.get(B)).toBe(before.namespaces.get(B));
    expect(after.namespaces.get(A)?.routes).toBe(before.namespaces.get(A)?.routes);
    expect(before.namespaces.get(A)?.addresses.size).toBe(1);
    expect(after.namespaces.get(A)?.addresses.size).toBe(2);
  });

  test('can be made again from what was read', async () => {
    const host = newHost();
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    await kernel.apply(planOf([START]));
    const state = await kernel.read();
    const again = new SimulatedHost({ state, mark: ownerMark(INSTANCE) }).read(ownerMark(INSTANCE));
    expect(listing(again)).toBe(listing(state));
    expect(again.foreign).toEqual(state.foreign);
  });

  test('lets others change it, and tells of theirs as foreign', async () => {
    const host = newHost();
    expect(changeHost(host, create(A))).toBeUndefined();
    expect(changeHost(host, create(A))).toBe('EEXIST');
    const { foreign, namespaces } = host.read(ownerMark(INSTANCE));
    expect([...foreign.namespaces.keys()]).toEqual([A]);
    expect([...foreign.links]).toEqual([
      [LOOPBACK, 'loopback'],
      [PARENT, 'device'],
    ]);
    expect([...namespaces.keys()]).toEqual([HOST]);
    const kernel = new SimulatedKernel(host, { instance: INSTANCE });
    const { failures } = await kernel.apply(planOf([[address('address.add', '10.0.0.2/24')]]));
    expect(failures.map(({ errno }) => errno)).toEqual(['ESTALE']);
  });
});
