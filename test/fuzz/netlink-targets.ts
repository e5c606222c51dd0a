// Everything that reads netlink replies: how it is called, and what any value that it answers must be.

import assert from 'node:assert/strict';
import type { AddressSet, Chain, Ruleset } from '../../src/host/ruleset.ts';
import type { Rule } from '../../src/host/state.ts';
import type { IpAddress, Prefix } from '../../src/model/address.ts';
import { addressBits, formatAddress, isIpv4, networkOf, parseAddress, parseMac } from '../../src/model/address.ts';
import type { Connection } from '../../src/netlink/conntrack/connection.ts';
import { readConnections } from '../../src/netlink/conntrack/connection.ts';
import { flushTranslated } from '../../src/netlink/conntrack/index.ts';
import { readRuleset, readTables } from '../../src/netlink/nftables/index.ts';
import type { KernelRoute } from '../../src/netlink/route/index.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRules } from '../../src/netlink/route/index.ts';
import type { NetlinkSocket } from '../../src/netlink/socket.ts';
import { NETLINK } from '../../src/netlink/socket.ts';

/** Answers of a real kernel: base64 of the messages, by the namespace and by the type of the request. */
export const SEED_FILE = 'test/fixtures/netlink/quickstart.json';

export interface NetlinkTarget {
  readonly name: string;
  readonly protocol: number;
  /** Reads over the socket, and throws AssertionError for a value that is not whole. */
  readonly read: (socket: NetlinkSocket) => void;
}

const ROUTE = NETLINK.ROUTE;
const NETFILTER = NETLINK.NETFILTER;
const FIXED = new Map(
  [0x0a00000a, 0x0a000014].flatMap((number) => ipv4Of(number)).map((address) => [address, undefined]),
);

export const NETLINK_TARGETS: readonly NetlinkTarget[] = [
  { name: 'links', protocol: ROUTE, read: (socket) => readLinks(socket).forEach(checkLink) },
  { name: 'addresses', protocol: ROUTE, read: (socket) => readAddresses(socket).forEach(checkAddress) },
  { name: 'routes', protocol: ROUTE, read: checkRoutes },
  { name: 'rules', protocol: ROUTE, read: (socket) => readRules(socket).own.forEach(checkRule) },
  { name: 'neighbours', protocol: ROUTE, read: (socket) => readNeighbours(socket).forEach(checkNeighbour) },
  { name: 'tables', protocol: NETFILTER, read: checkTables },
  {
    name: 'ruleset',
    protocol: NETFILTER,
    read: (socket) => checkRuleset(readRuleset(socket, { comment: '', flags: 0 })),
  },
  { name: 'connections', protocol: NETFILTER, read: checkConnections },
  {
    name: 'flushed connections',
    protocol: NETFILTER,
    read: (socket) => assert(flushTranslated(socket, FIXED, true) >= 0),
  },
];

function ipv4Of(number: number) {
  const address = parseAddress([24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.'));
  return address !== undefined && isIpv4(address) ? [address] : [];
}

function checkWhole(address: IpAddress): void {
  assert.equal(parseAddress(formatAddress(address)), address);
}

function checkBits({ address, length }: Prefix): void {
  checkWhole(address);
  assert(Number.isInteger(length) && length >= 0 && length <= addressBits(address), `a prefix of ${length} bits`);
}

function checkMac(mac: string | undefined): void {
  if (mac !== undefined) assert.equal(parseMac(mac), mac);
}

function checkName(name: string): void {
  assert(name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name), `the name ${JSON.stringify(name)}`);
}

function checkNumber(number: number): void {
  assert(Number.isInteger(number) && number >= 0 && number <= 0xffffffff, `the number ${number}`);
}

function checkLink(link: ReturnType<typeof readLinks>[number]): void {
  checkName(link.name);
  checkMac(link.mac);
  for (const number of [link.index, link.mtu, link.master, link.lower]) checkNumber(number);
  assert(link.index > 0);
}

function checkAddress(address: ReturnType<typeof readAddresses>[number]): void {
  checkBits(address);
  checkNumber(address.index);
}

function checkRoutes(socket: NetlinkSocket): void {
  let routes: KernelRoute[] = [];
  readRoutes(
    socket,
    () => (routes = []),
    (route) => routes.push(route),
  );
  for (const { table, destination, index, gateway, protocol, other } of routes) {
    checkBits(destination);
    assert.equal(networkOf(destination.address, destination.length), destination.address);
    if (gateway !== undefined) {
      checkWhole(gateway);
      assert.equal(typeof gateway, typeof destination.address);
    }
    for (const number of [table, index, protocol, other?.metric ?? 0, other?.tos ?? 0]) checkNumber(number);
  }
}

function checkRule(rule: Rule): void {
  for (const number of [rule.priority, rule.table, rule.mark?.value ?? 0, rule.mark?.mask ?? 0]) checkNumber(number);
  if (rule.incoming !== undefined) checkName(rule.incoming);
  if (rule.from === undefined) return;
  checkBits(rule.from);
  assert.equal(isIpv4(rule.from.address) ? 4 : 6, rule.family);
}

function checkNeighbour(neighbour: ReturnType<typeof readNeighbours>[number]): void {
  checkWhole(neighbour.address);
  checkMac(neighbour.mac);
}

function checkTables(socket: NetlinkSocket): void {
  const { own, others } = readTables(socket);
  if (own !== undefined) checkNumber(own.flags);
  for (const title of others) assert.match(title, /^\w+ /);
}

function checkRuleset({ chains, sets }: Ruleset): void {
  for (const chain of chains.values()) checkChain(chain);
  for (const set of sets.values()) checkSet(set);
}

function checkChain({ hook, priority, rules }: Chain): void {
  assert(hook === 'prerouting' || hook === 'postrouting');
  assert(Number.isInteger(priority));
  for (const statement of rules.flat()) {
    if (statement.kind === 'interface') checkName(statement.name);
    if (statement.kind === 'set-mark-bits') checkNumber(statement.bits);
  }
}

function checkSet(set: AddressSet): void {
  const addresses = set.kind === 'map' ? [...set.elements].flat() : [...set.elements];
  for (const address of addresses) checkWhole(address);
}

function checkConnections(socket: NetlinkSocket): void {
  const found: Connection[] = [];
  readConnections(
    socket,
    (connection) => found.push(connection),
    () => found.splice(0),
  );
  for (const { original, reply, status, id } of found) {
    for (const address of [original.source, original.destination, reply.source, reply.destination]) checkWhole(address);
    checkNumber(status);
    checkNumber(id);
  }
}
