// Routers: several on one network, their extra routes, and what goes when they go.

import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { describePlan } from '../../src/host/describe.ts';
import { listing } from '../../src/host/listing.ts';
import { HOST } from '../../src/model/names.ts';
import { Ipv4Socket, until } from '../../src/playground/ipv4-socket.ts';
import type { Journey } from '../../src/playground/journey.ts';
import { external, floatingIp, modelOf, router, subnet, tenant, TWO_TENANTS } from '../support/intent.ts';
import { Lab } from '../support/lab.ts';
import { must } from '../support/must.ts';

let lab: Lab;

afterEach(async () => lab[Symbol.asyncDispose]());

const WEB = floatingIp('203.0.113.11', 'blue', '10.0.0.10');
const SHOP = floatingIp('203.0.113.21', 'green', '10.0.0.10');
const both = modelOf({ ...TWO_TENANTS, floatingips: [WEB, SHOP] });

async function namespaces(): Promise<string[]> {
  const { namespaces: found } = await lab.kernel.read();
  return [...found.keys()].filter((name) => name !== HOST).toSorted();
}

describe('when routers go', () => {
  const one = modelOf({ ...TWO_TENANTS, routers: TWO_TENANTS.routers.slice(0, 1), floatingips: [WEB] });

  test('the fip namespace stays as long as one uses it, and goes with the last', async () => {
    lab = await Lab.create(both);
    const before = listing(await lab.kernel.read());
    await lab.apply(both);
    expect(await namespaces()).toEqual(['fip-public', 'qrouter-blue', 'qrouter-green']);

    await lab.apply(one);
    expect(await namespaces()).toEqual(['fip-public', 'qrouter-blue']);
    expect(await lab.troubles(one)).toEqual([]);

    const withoutGateway = modelOf({
      ...TWO_TENANTS,
      routers: [router('blue', undefined, ['blue-10.0.0.0', 'blue-10.0.1.0'])],
    });
    await lab.apply(withoutGateway);
    expect(await namespaces()).toEqual(['qrouter-blue']);
    expect(await lab.troubles(withoutGateway)).toEqual([]);

    await lab.apply(undefined);
    expect(listing(await lab.kernel.read())).toBe(before);
    expect(readdirSync(lab.directory).filter((name) => !name.startsWith('demo-'))).toEqual([]);
  });

  test('one that comes back works as before', async () => {
    lab = await Lab.create(both);
    for (const model of [both, one, both]) await lab.apply(model);
    expect(await lab.troubles(both)).toEqual([]);
  });

  test('a floating IP of the one that went is not reached any more', async () => {
    lab = await Lab.create(both);
    await lab.apply(both);
    const inward = lab.journey(both, 'in by floating IP', '203.0.113.21');
    expect(await lab.troublesOn([inward])).toEqual([]);
    await lab.apply(one);
    expect(await lab.troublesOn([{ ...inward, expectedSeenAs: undefined }])).toEqual([]);
  });
});

test('two routers on one tenant network, each with floating IPs on it', async () => {
  const model = modelOf({
    ...TWO_TENANTS,
    routers: [
      router('blue', 'public', ['blue-10.0.0.0']),
      router('second', 'public', [{ subnet_id: 'blue-10.0.0.0', ip_address: '10.0.0.2' }]),
    ],
    floatingips: [WEB, floatingIp('203.0.113.22', 'second', '10.0.0.20')],
  });
  lab = await Lab.create(model);
  await lab.apply(model);
  expect(await lab.troubles(model)).toEqual([]);
});

test('extra routes lead over a workload, and over a machine on the external network', async () => {
  const blue = (routes: readonly { destination: string; nexthop: string }[]) =>
    modelOf({
      ...TWO_TENANTS,
      routers: [router('blue', 'public', ['blue-10.0.0.0', 'blue-10.0.1.0'], { routes })],
      floatingips: [WEB],
    });
  const model = blue([
    { destination: '192.168.7.0/24', nexthop: '10.0.0.77' },
    { destination: '192.168.8.0/24', nexthop: '203.0.113.88' },
  ]);
  lab = await Lab.create(model);
  const ways = ['over an extra route', 'out over an extra route'].map((way) => lab.journey(model, way));
  await lab.apply(model);
  expect(await lab.troubles(model)).toEqual([]);

  await lab.apply(blue([]));
  expect(await lab.troublesOn(ways.map((way) => ({ ...way, expectedSeenAs: undefined })))).toEqual([]);
  expect(await lab.troubles(blue([]))).toEqual([]);
});

test('links follow the MTU of their networks, and packets as large as that pass', async () => {
  const withMtu = (mtu: number) =>
    modelOf({
      ...TWO_TENANTS,
      networks: [external('public', 'br-ex', { mtu }), tenant('blue', { mtu })],
      subnets: TWO_TENANTS.subnets.slice(0, 3),
      routers: TWO_TENANTS.routers.slice(0, 1),
      floatingips: [WEB],
    });
  const large = withMtu(9000);
  lab = await Lab.create(large);
  for (const mtu of [1500, 9000, 1500, 9000]) {
    await lab.apply(withMtu(mtu));
    expect(await linkMtus()).toEqual({ 'fg-': mtu, fpr: mtu, rfp: mtu, 'qr-': mtu, tap: mtu });
    expect(await arrives(lab.journey(large, 'in by floating IP'), 8900)).toBe(mtu === 9000);
  }
  expect(await lab.troubles(large)).toEqual([]);
});

async function linkMtus(): Promise<Record<string, number | undefined>> {
  const { namespaces: found } = await lab.kernel.read();
  const links = [...found.values()].flatMap((state) => [...state.links.values()]);
  return Object.fromEntries(
    links.filter(({ kind }) => kind.type === 'veth').map(({ name, mtu }) => [name.slice(0, 3), mtu]),
  );
}

/** Whether a datagram of so many bytes gets through in one piece: the sender knows of no smaller MTU on the way. */
async function arrives({ from, source, to, target }: Journey, bytes: number): Promise<boolean> {
  const { machine, address } = must(target);
  using client = await Ipv4Socket.open(lab.playground, from, 'udp', { address: source, port: 0 });
  using server = await Ipv4Socket.open(lab.playground, machine, 'udp', { address, port: 0 });
  client.sendTo(Buffer.alloc(bytes), { address: to, port: server.local.port });
  const packet = await until(performance.now() + 500, () => server.receive());
  return packet?.bytes.length === bytes;
}

describe('IPv6', () => {
  const dual = modelOf({
    ...TWO_TENANTS,
    subnets: [...TWO_TENANTS.subnets, subnet('public', '2001:db8::/64', { gateway_ip: '2001:db8::1' })],
    floatingips: [WEB, SHOP],
  });
  const ways = async (): Promise<string[]> =>
    listing(await lab.kernel.read())
      .split('\n')
      .filter((line) => /route ::\/0|all.disable_ipv6/.test(line))
      .map((line) => line.trim().replace(/fe80::\S+/, 'fe80::'));
  const without = ['blue', 'green', 'public'].map(() => 'sysctl net.ipv6.conf.all.disable_ipv6 = 1');

  test('is where the external network has it, with a default route from routers to the fip namespace; else nowhere', async () => {
    lab = await Lab.create(both);
    await lab.apply(both);
    expect(await ways()).toEqual(without);
    await lab.apply(dual);
    expect(await ways()).toEqual([
      'sysctl net.ipv6.conf.all.disable_ipv6 = 0',
      'sysctl net.ipv6.conf.all.disable_ipv6 = 0',
      expect.stringMatching(/^route ::\/0 via fe80:: dev rfp-/),
      'sysctl net.ipv6.conf.all.disable_ipv6 = 0',
      expect.stringMatching(/^route ::\/0 via fe80:: dev rfp-/),
    ]);
    expect(describePlan(await lab.plan(dual))).toBe('');
    expect(await lab.troubles(dual)).toEqual([]);
    await lab.apply(both);
    expect(await ways()).toEqual(without);
    expect(describePlan(await lab.plan(both))).toBe('');
    expect(await lab.troubles(both)).toEqual([]);
  });
});
