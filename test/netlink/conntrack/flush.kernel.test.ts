// Connections of a kernel that translates, and what is left of them.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatIpv4, type Ipv4Address } from '../../../src/model/address.ts';
import { readConnections } from '../../../src/netlink/conntrack/connection.ts';
import { flushTranslated } from '../../../src/netlink/conntrack/index.ts';
import { MessageBatch } from '../../../src/netlink/message.ts';
import { NETLINK, NetlinkSocket } from '../../../src/netlink/socket.ts';
import { enterFreshNamespace, nft } from '../../support/fresh-namespace.ts';
import { ipv4 } from '../nftables/example.ts';

const CT_NEW = 0x0100;
const REQUEST_CREATE_ACK = 0x405;
const UDP = 17;

let socket: NetlinkSocket;

beforeEach(() => {
  enterFreshNamespace();
  socket = NetlinkSocket.open(NETLINK.NETFILTER);
  execFileSync('ip', ['-batch', '-'], {
    input: `link set lo up
      address add 10.0.0.5/32 dev lo
      address add 10.0.0.6/32 dev lo
      address add 198.51.100.7/32 dev lo
      route add default dev lo`,
  });
  nft(`table ip test {
    map floating { type ipv4_addr : ipv4_addr; elements = { 203.0.113.5 : 10.0.0.5 }; }
    map fixed { type ipv4_addr : ipv4_addr; elements = { 10.0.0.5 : 203.0.113.5 }; }
    chain output { type nat hook output priority -100; dnat to ip daddr map @floating; }
    chain postrouting { type nat hook postrouting priority 100; snat to ip saddr map @fixed; }
  }`);
});

afterEach(() => socket[Symbol.dispose]());

const fixed = (...texts: string[]) => new Map(texts.map((text) => [ipv4(text), undefined]));

/** The ends of each connection, as it began. */
function connections(): string[] {
  let found: string[] = [];
  readConnections(
    socket,
    ({ original }) => found.push(`${formatIpv4(original.source)} to ${formatIpv4(original.destination)}`),
    () => (found = []),
  );
  return found.toSorted();
}

async function send(from: string, to: string): Promise<void> {
  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, from, resolve));
  await new Promise<void>((resolve, reject) => udp.send('x', 53, to, (error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve) => udp.close(resolve));
}

/** Tells the kernel of connections from an address to 198.51.100.7, which it translates. */
function makeConnections(source: Ipv4Address, count: number): void {
  const tuple = (batch: MessageBatch, type: number, from: Ipv4Address, to: Ipv4Address, ports: [number, number]) => {
    const nested = batch.beginNested(type);
    const addresses = batch.beginNested(1);
    batch.attributeBe32(1, from).attributeBe32(2, to);
    batch.endNested(addresses);
    const protocol = batch.beginNested(2);
    batch.attributeU8(1, UDP);
    for (const [index, port] of ports.entries()) batch.attributeBytes(2 + index, Buffer.from([port >> 8, port & 255]));
    batch.endNested(protocol);
    batch.endNested(nested);
  };
  // An address of its own for each, since their ports are the same.
  const external = ipv4(`203.0.113.${source & 255}`);
  const batch = new MessageBatch(1, 1 << 16);
  for (let port = 1; port <= count; port++) {
    batch.begin(CT_NEW, REQUEST_CREATE_ACK);
    batch.u8(2).u8(0).u16(0);
    tuple(batch, 1, source, ipv4('198.51.100.7'), [port, 53]);
    tuple(batch, 2, ipv4('198.51.100.7'), source, [53, port]);
    batch.attributeBe32(7, 600);
    const translation = batch.beginNested(6);
    batch.attributeBe32(1, external).attributeBe32(2, external);
    batch.endNested(translation);
    batch.end();
    if (batch.count === 200 || port === count) {
      expect(socket.exchange(batch)).toEqual([]);
      batch.clear();
    }
  }
}

test('real connections end that were translated for the fixed address, and no others', async () => {
  await send('10.0.0.5', '198.51.100.7');
  await send('198.51.100.7', '203.0.113.5');
  await send('10.0.0.6', '198.51.100.7');
  await send('10.0.0.6', '203.0.113.5');
  expect(connections()).toEqual([
    '10.0.0.5 to 198.51.100.7',
    '10.0.0.6 to 198.51.100.7',
    '10.0.0.6 to 203.0.113.5',
    '198.51.100.7 to 203.0.113.5',
  ]);
  expect(flushTranslated(socket, fixed('10.0.0.6'), false)).toBe(0);
  expect(flushTranslated(socket, fixed('10.0.0.4'), false)).toBe(0);
  expect(flushTranslated(socket, new Map([[ipv4('10.0.0.5'), ipv4('203.0.113.5')]]), true)).toBe(0);
  expect(flushTranslated(socket, new Map([[ipv4('10.0.0.6'), ipv4('203.0.113.6')]]), true)).toBe(3);
  expect(connections()).toEqual(['10.0.0.6 to 198.51.100.7']);
});

test('ten thousand of one address end, and as many of others go on', () => {
  for (const address of ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8']) makeConnections(ipv4(address), 5000);
  expect(connections()).toHaveLength(20_000);
  expect(flushTranslated(socket, fixed('10.0.0.5', '10.0.0.8'), false)).toBe(10_000);
  const left = connections();
  expect(left).toHaveLength(10_000);
  expect(new Set(left)).toEqual(new Set(['10.0.0.6 to 198.51.100.7', '10.0.0.7 to 198.51.100.7']));
});
