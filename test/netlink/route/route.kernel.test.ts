// What rtnetlink messages do, as ip(8) sees it, and what dumps say of what ip(8) did.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAddress, parseMac, parsePrefix } from '../../../src/model/address.ts';
import { parseLinkName } from '../../../src/model/names.ts';
import { MessageBatch } from '../../../src/netlink/message.ts';
import type { KernelRoute } from '../../../src/netlink/route/index.ts';
import {
  addAddress,
  addRule,
  changeLink,
  createBridge,
  createMacvlan,
  createVeth,
  deleteAddress,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  readAddresses,
  readLinks,
  readNeighbours,
  readRoutes,
  readRules,
  setNeighbour,
  setRoute,
} from '../../../src/netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../../../src/netlink/socket.ts';
import { Descriptor, O } from '../../../src/sys/descriptor.ts';
import { must } from '../../support/must.ts';

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
const address = (text: string) => must(parseAddress(text));
const prefix = (text: string) => must(parsePrefix(text));
const mac = (text: string) => must(parseMac(text));
const name = (text: string) => must(parseLinkName(text));

const NEAR = 70000;
const FAR = 70001;
const near = { name: name('rt-near'), index: NEAR, mac: mac('fa:16:3e:00:00:01'), mtu: 1450 };
const far = { name: name('rt-far'), index: FAR, mac: mac('fa:16:3e:00:00:02'), mtu: 1450 };

let socket: NetlinkSocket;
let batch: MessageBatch;

beforeEach(() => {
  socket = NetlinkSocket.open(NETLINK.ROUTE);
  batch = new MessageBatch(1);
  createVeth(batch, near, 0, far, undefined);
  changeLink(batch, NEAR, { up: true });
  changeLink(batch, FAR, { up: true });
  addAddress(batch, { index: NEAR, address: address('10.0.0.1'), length: 24 });
  expect(send()).toEqual([]);
});

afterEach(() => {
  ip('link', 'delete', 'rt-near');
  socket[Symbol.dispose]();
});

function send() {
  const refusals = socket.exchange(batch);
  batch.clear();
  return refusals;
}

function routes(): KernelRoute[] {
  const found: KernelRoute[] = [];
  readRoutes(
    socket,
    () => found.splice(0),
    (route) => found.push(route),
  );
  return found.filter((route) => route.protocol === 4);
}

describe('links', () => {
  test('a veth pair has the indexes, MACs and MTU it was created with', () => {
    const ours = readLinks(socket).filter((link) => link.name.startsWith('rt-'));
    expect(ours).toEqual([
      { ...near, kind: 'veth', up: true, master: 0, alias: undefined, lower: FAR, isWithoutIpv6: false },
      { ...far, kind: 'veth', up: true, master: 0, alias: undefined, lower: NEAR, isWithoutIpv6: false },
    ]);
    writeFileSync('/proc/sys/net/ipv6/conf/rt-far/disable_ipv6', '1');
    expect(readLinks(socket).find((link) => link.index === FAR)).toMatchObject({ isWithoutIpv6: true });
    expect(ip('-o', 'link', 'show', 'rt-near')).toMatch(/rt-near@rt-far.*UP.*mtu 1450.*fa:16:3e:00:00:01/);
  });

  test('a change touches what it names and nothing else', () => {
    changeLink(batch, near.name, { alias: 'buoy test', mtu: 1400 });
    changeLink(batch, FAR, { up: false });
    expect(send()).toEqual([]);
    const links = readLinks(socket);
    expect(links.find((link) => link.index === NEAR)).toMatchObject({
      alias: 'buoy test',
      mtu: 1400,
      up: true,
      mac: near.mac,
    });
    expect(links.find((link) => link.index === FAR)).toMatchObject({ up: false, mtu: 1450 });
    changeLink(batch, near.name, { alias: '' });
    expect(send()).toEqual([]);
    expect(readLinks(socket).find((link) => link.index === NEAR)?.alias).toBeUndefined();
  });

  test('a bridge takes a port at its creation, and a change takes it out', () => {
    createBridge(batch, { name: name('rt-bridge'), index: 70002, mac: undefined, mtu: 1500 });
    createVeth(
      batch,
      { ...near, name: name('rt-a'), index: 70003, mac: undefined },
      70002,
      { ...far, name: name('rt-b'), index: 70004, mac: undefined },
      undefined,
    );
    expect(send()).toEqual([]);
    expect(readLinks(socket).find((link) => link.index === 70003)).toMatchObject({ master: 70002 });
    changeLink(batch, 70003, { master: 0 });
    deleteLink(batch, 70003);
    deleteLink(batch, 70002);
    expect(send()).toEqual([]);
    expect(readLinks(socket).filter((link) => link.name === 'rt-bridge')).toEqual([]);
  });

  test('a macvlan hangs on its parent', () => {
    using here = Descriptor.open('/proc/self/ns/net', O.RDONLY);
    createMacvlan(
      batch,
      { name: name('rt-macvlan'), index: 70005, mac: mac('fa:16:3e:00:00:05'), mtu: 1450 },
      NEAR,
      here.number,
    );
    expect(send()).toEqual([]);
    expect(readLinks(socket).find((link) => link.index === 70005)).toMatchObject({
      kind: 'macvlan',
      lower: NEAR,
      up: false,
    });
    expect(ip('-d', 'link', 'show', 'rt-macvlan')).toContain('macvlan mode bridge');
  });

  test('refusals carry the sequence number and the kernel’s words; the other messages are done', () => {
    const first = batch.nextSequence;
    deleteLink(batch, 79999);
    changeLink(batch, NEAR, { mtu: 1401 });
    createBridge(batch, { name: name('rt-near'), index: 0, mac: undefined, mtu: 1500 });
    const refusals = send();
    expect(refusals.map(({ sequence, errno }) => [sequence - first, errno])).toEqual([
      [0, 19],
      [2, 17],
    ]);
    expect(readLinks(socket).find((link) => link.index === NEAR)?.mtu).toBe(1401);
  });
});

describe('addresses', () => {
  test('have the broadcast address of their subnet, but not in a /31', () => {
    addAddress(batch, { index: FAR, address: address('169.254.88.134'), length: 31 });
    expect(send()).toEqual([]);
    expect(ip('-4', '-o', 'addr', 'show', 'rt-near')).toContain('10.0.0.1/24 brd 10.0.0.255 scope global');
    expect(ip('-4', '-o', 'addr', 'show', 'rt-far')).toContain('169.254.88.134/31 scope global');
  });

  test('are read back as they were added, of both families, and can be added again', () => {
    const added = { index: NEAR, address: address('2001:db8::1'), length: 64 };
    addAddress(batch, added);
    addAddress(batch, added);
    expect(send()).toEqual([]);
    expect(readAddresses(socket)).toContainEqual(added);
    deleteAddress(batch, added);
    expect(send()).toEqual([]);
    expect(readAddresses(socket)).not.toContainEqual(added);
  });
});

describe('routes', () => {
  const samples: Omit<KernelRoute, 'type'>[] = [
    { table: 254, destination: prefix('192.0.2.0/24'), index: NEAR, gateway: address('10.0.0.2'), protocol: 4 },
    { table: 254, destination: prefix('198.51.100.7/32'), index: NEAR, gateway: undefined, protocol: 4 },
    { table: 2852018311, destination: prefix('0.0.0.0/0'), index: NEAR, gateway: address('10.0.0.2'), protocol: 4 },
    { table: 254, destination: prefix('::/0'), index: NEAR, gateway: address('fe80::1'), protocol: 4 },
  ];

  test.each(samples)('are read back as they were set and can be deleted: %#', (sample) => {
    setRoute(batch, sample);
    expect(send()).toEqual([]);
    expect(routes()).toEqual([{ ...sample, type: 'unicast' }]);
    deleteRoute(batch, { ...sample, type: 'unicast' });
    expect(send()).toEqual([]);
    expect(routes()).toEqual([]);
  });

  test('to the same destination replace each other', () => {
    const [first] = samples;
    const route = must(first);
    setRoute(batch, route);
    setRoute(batch, { ...route, gateway: address('10.0.0.3') });
    expect(send()).toEqual([]);
    expect(routes()).toEqual([{ ...route, gateway: address('10.0.0.3'), type: 'unicast' }]);
  });

  test('of types that Buoy never makes are told by their type, and can be deleted', () => {
    ip('route', 'add', 'blackhole', '192.0.2.0/24', 'proto', 'static');
    const [route] = routes();
    expect(route).toMatchObject({ type: 'blackhole', index: 0 });
    deleteRoute(batch, must(route));
    expect(send()).toEqual([]);
    expect(routes()).toEqual([]);
  });
});

describe('rules', () => {
  test('are read back as they were added; those the namespace was born with are left out', () => {
    const rules = [
      { family: 4, priority: 36000, table: 16, mark: { value: 0x10, mask: 0x10 } },
      { family: 4, priority: 169082881, table: 169082881, from: prefix('10.20.0.0/24') },
      { family: 4, priority: 2852018311, table: 2852018311, incoming: near.name },
    ] as const;
    for (const rule of rules) addRule(batch, rule);
    expect(send()).toEqual([]);
    expect(readRules(socket).own).toEqual(rules);
    expect(ip('rule')).toContain('36000:\tfrom all fwmark 0x10/0x10 lookup 16');
    addRule(batch, rules[0]);
    expect(send()).toMatchObject([{ errno: 17 }]);
    for (const rule of rules) deleteRule(batch, rule);
    expect(send()).toEqual([]);
    expect(readRules(socket)).toEqual({ own: [], lost: [] });
  });

  test('of somebody else’s making are told apart and can be deleted', () => {
    ip('rule', 'add', 'not', 'from', '10.9.0.0/16', 'to', '10.8.0.0/16', 'priority', '5000', 'prohibit');
    const [rule] = readRules(socket).own;
    expect(rule).toMatchObject({ priority: 5000, from: prefix('10.9.0.0/16'), other: expect.stringContaining('not') });
    deleteRule(batch, must(rule));
    expect(send()).toEqual([]);
    expect(ip('rule')).not.toContain('5000');
  });
});

test('permanent neighbours are read back as they were set; learned ones are left out', () => {
  const neighbour = { index: NEAR, address: address('10.0.0.9'), mac: mac('fa:16:3e:00:00:09') };
  setNeighbour(batch, { ...neighbour, mac: mac('fa:16:3e:00:00:08') });
  setNeighbour(batch, neighbour);
  expect(send()).toEqual([]);
  ip('neigh', 'add', '10.0.0.10', 'lladdr', 'fa:16:3e:00:00:0a', 'nud', 'stale', 'dev', 'rt-near');
  expect(readNeighbours(socket)).toEqual([neighbour]);
  deleteNeighbour(batch, neighbour);
  expect(send()).toEqual([]);
  expect(readNeighbours(socket)).toEqual([]);
});
