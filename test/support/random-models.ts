// Random models for property tests, from a small world, so that two of them have much in common: a
// router that is in both may have other interfaces, a floating IP another router or fixed IP.

import fc from 'fast-check';
import type { Ipv4Address } from '../../src/model/address.ts';
import type { FloatingIp, Model, Network, Port, Router } from '../../src/model/model.ts';
import { bridge, external, ipv4, macvlan, modelOf, network, port, prefix, ip, snatPort, uuid } from './models.ts';

const TENANTS = [1, 2, 3] as const;
const ROUTERS = [1, 2, 3, 4] as const;
const FLOATING = [21, 22, 23, 24, 25, 26] as const;

const plugs = fc.constantFrom(bridge('br-a'), bridge('br-b'), macvlan('eth0'), macvlan('eth1'));
const mtus = fc.constantFrom(1280, 1450, 1500, 9000);

/** External network n has 203.0.n.0/24, and an address of IPv6 now and then. */
function externalNetworks(n: 1 | 2): fc.Arbitrary<Network> {
  const text = fc.record({
    port: fc.constantFrom(`f000000${n}`, `f100000${n}`),
    addresses: fc.constantFrom(
      [`203.0.${n}.10/24`],
      [`203.0.${n}.11/24`],
      [`203.0.${n}.10/24`, `2001:db8:f${n}::10/64`],
    ),
    gateways: fc.constantFrom([], [`203.0.${n}.1`], [`203.0.${n}.2`], ['192.0.2.1'], [`203.0.${n}.1`, 'fe80::1']),
    extraSubnets: fc.constantFrom([], [`198.51.${n}.0/24`], [`198.51.${n}.0/24`, `198.52.${n}.0/24`]),
  });
  const settings = fc.record({ plug: plugs, mtu: mtus });
  return fc.tuple(text, settings).map(([gatewayPort, options]) => external(`a000000${n}`, gatewayPort, options));
}

function tenantNetworks(n: number): fc.Arbitrary<Network> {
  return fc.record({ plug: plugs, mtu: mtus }).map((options) => network(`c000000${n}`, options));
}

/** Tenant network n has 10.n.0.0/24; a port of a router on it may change its id. */
function interfaces(routerNumber: number): fc.Arbitrary<Port[]> {
  const one = (n: number): fc.Arbitrary<Port> =>
    fc
      .record({
        word: fc.constantFrom(`b${routerNumber}00000${n}`, `b${routerNumber}10000${n}`),
        addresses: fc.constantFrom(
          [`10.${n}.0.1/24`],
          [`10.${n}.0.1/16`],
          [`10.${n}.0.1/24`, `2001:db8:${n}::1/64`],
          [`2001:db8:${n}::1/80`],
        ),
        extraSubnets: fc.constantFrom([], [`10.${n}.128.0/24`]),
      })
      .map(({ word, addresses, extraSubnets }) => port(word, `c000000${n}`, { addresses, extraSubnets }));
  return fc.subarray([...TENANTS]).chain((numbers) => fc.tuple(...numbers.map(one)));
}

interface RouterDraw {
  readonly outside: 1 | 2 | undefined;
  readonly ports: readonly Port[];
  readonly isRouted: boolean;
  readonly hasSnat: boolean;
}

/** A floating IP's router, by its place in the list, and the last byte of its fixed IP. */
interface FloatingDraw {
  readonly last: number;
  readonly router: number;
  readonly fixed: number;
}

const routerDraws = (n: number): fc.Arbitrary<RouterDraw & { n: number }> =>
  fc.record({
    n: fc.constant(n),
    outside: fc.constantFrom(1 as const, 1 as const, 2 as const, undefined),
    ports: interfaces(n),
    isRouted: fc.boolean(),
    hasSnat: fc.boolean(),
  });

const floatingDraws = (last: number): fc.Arbitrary<FloatingDraw> =>
  fc.record({ last: fc.constant(last), router: fc.nat(3), fixed: fc.integer({ min: 5, max: 9 }) });

export const models: fc.Arbitrary<Model> = fc
  .record({
    networks: fc.tuple(externalNetworks(1), externalNetworks(2), ...TENANTS.map(tenantNetworks)),
    routers: fc.subarray([...ROUTERS]).chain((numbers) => fc.tuple(...numbers.map(routerDraws))),
    floating: fc.subarray([...FLOATING]).chain((numbers) => fc.tuple(...numbers.map(floatingDraws))),
  })
  .map(({ networks, routers, floating }) =>
    modelOf(
      networks,
      routers.map((draw, index) =>
        routerOf(
          draw,
          floating.filter((one) => one.router === index),
        ),
      ),
    ),
  );

function routerOf(
  { n, outside, ports, isRouted, hasSnat }: RouterDraw & { n: number },
  floating: FloatingDraw[],
): Router {
  const router = {
    id: uuid(`d000000${n}`),
    interfaces: ports,
    routes: isRouted
      ? [
          { destination: prefix('192.168.0.0/16'), nexthop: ip('10.1.0.254') },
          { destination: prefix('192.168.1.1/32'), nexthop: ip('10.2.0.254') },
          { destination: prefix('172.16.0.0/12'), nexthop: ip('203.0.1.3') },
        ]
      : [],
    floatingIps: floatingIpsOf(outside, ports, floating),
    snatPorts: outside !== undefined && hasSnat ? [snatPort('c0000001', '10.1.0.200', 'fa:16:3e:00:00:c8')] : [],
  };
  return outside === undefined ? router : { ...router, externalNetworkId: uuid(`a000000${outside}`) };
}

/** Those floating IPs that have a way out and a fixed IP of their own on the first interface. */
function floatingIpsOf(
  outside: number | undefined,
  ports: readonly Port[],
  draws: FloatingDraw[],
): Map<Ipv4Address, FloatingIp> {
  const floatingIps = new Map<Ipv4Address, FloatingIp>();
  const tenant = ports[0]?.networkId.slice(7, 8);
  if (outside === undefined || tenant === undefined) return floatingIps;
  const taken = new Set<number>();
  for (const { last, fixed } of draws) {
    if (taken.has(fixed)) continue;
    taken.add(fixed);
    const floating = ipv4(`203.0.${outside}.${last}`);
    floatingIps.set(floating, { floating, fixed: ipv4(`10.${tenant}.0.${fixed}`) });
  }
  return floatingIps;
}
