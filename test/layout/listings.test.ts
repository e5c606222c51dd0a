// Layouts as golden text: each model below, and in listings/ the state that it is compiled to.

import { describe, expect, test } from 'vitest';
import { formatIpv4 } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { listing } from '../../src/host/listing.ts';
import { namespaceText } from '../../src/host/text.ts';
import type { HostState } from '../../src/host/state.ts';
import { compile } from '../../src/layout/index.ts';
import { external, macvlan, modelOf, network, port, router, snatPort } from '../support/models.ts';

const OUTSIDE = external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] });
const TENANT = network('c0000001');

const CASES: Readonly<Record<string, Model>> = {
  'one router, one floating IP': modelOf(
    [OUTSIDE, TENANT],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'], gateways: ['10.0.0.1'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
    ],
  ),

  'router without a gateway': modelOf(
    [TENANT],
    [router('d0000001', { interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })] })],
  ),

  'two routers on one external network': modelOf(
    [OUTSIDE, TENANT, network('c0000002', { mtu: 1500 })],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5', '203.0.113.22': '10.0.0.6' },
      }),
      router('d0000002', {
        external: 'a0000001',
        interfaces: [port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] })],
        floatingIps: { '203.0.113.23': '10.1.0.5' },
      }),
    ],
  ),

  'several external networks': modelOf(
    [
      OUTSIDE,
      external('a0000002', { addresses: ['198.51.100.10/24'], gateways: ['198.51.100.1'] }, { mtu: 9000 }),
      TENANT,
      network('c0000002'),
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
      router('d0000002', {
        external: 'a0000002',
        interfaces: [port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] })],
        floatingIps: { '198.51.100.21': '10.1.0.5' },
      }),
    ],
  ),

  'two tenants with the same subnet': modelOf(
    [OUTSIDE, TENANT, network('c0000002')],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
      router('d0000002', {
        external: 'a0000001',
        interfaces: [port('b0000002', 'c0000002', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.22': '10.0.0.5' },
      }),
    ],
  ),

  'gateway outside of its subnet': modelOf(
    [external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['192.0.2.1'] }), TENANT],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
    ],
  ),

  'extra subnets': modelOf(
    [
      external('a0000001', {
        addresses: ['203.0.113.10/24'],
        gateways: ['203.0.113.1'],
        extraSubnets: ['198.51.100.0/24', '192.0.2.128/25'],
      }),
      TENANT,
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [
          port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24', '10.0.1.1/24'], extraSubnets: ['10.0.2.0/24'] }),
        ],
        floatingIps: { '198.51.100.21': '10.0.1.5' },
      }),
    ],
  ),

  'extra routes': modelOf(
    [OUTSIDE, TENANT, network('c0000002')],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [
          port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] }),
          port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24'] }),
        ],
        routes: {
          '192.168.0.0/16': '10.0.0.254', // through one interface
          '192.168.7.7/32': '10.1.0.254', // to a single host, through the other
          '172.16.0.0/12': '203.0.113.2', // on the external network
          '100.64.0.0/10': '172.31.0.1', // reached by nothing on this host
        },
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
    ],
  ),

  'IPv4 and IPv6': modelOf(
    [
      external('a0000001', {
        addresses: ['203.0.113.10/24', '2001:db8:f::10/64'],
        gateways: ['203.0.113.1', '2001:db8:f::1'],
      }),
      external('a0000002', { addresses: ['2001:db8:e::10/64'], gateways: ['fe80::1', '2001:db8:d::1'] }),
      TENANT,
      network('c0000002'),
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24', '2001:db8:1::1/64'] })],
        routes: { '2001:db8:1:100::/56': '2001:db8:1::fe' },
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
      router('d0000002', {
        external: 'a0000002',
        interfaces: [port('b0000002', 'c0000002', { addresses: ['2001:db8:2::1/64'] })],
      }),
    ],
  ),

  'snat on another host': modelOf(
    [OUTSIDE, TENANT, network('c0000002')],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [
          port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] }),
          port('b0000002', 'c0000002', { addresses: ['10.1.0.1/24', '2001:db8:1::1/64'] }),
        ],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
        snatPorts: [
          snatPort('c0000001', '10.0.0.200', 'fa:16:3e:00:00:c8'),
          snatPort('c0000002', '10.1.0.200', 'fa:16:3e:00:01:c8'),
        ],
      }),
    ],
  ),

  macvlan: modelOf(
    [
      external('a0000001', { addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'] }, { plug: macvlan('eth1') }),
      TENANT,
    ],
    [
      router('d0000001', {
        external: 'a0000001',
        interfaces: [port('b0000001', 'c0000001', { addresses: ['10.0.0.1/24'] })],
        floatingIps: { '203.0.113.21': '10.0.0.5' },
      }),
    ],
  ),
};

describe('A model becomes the state in its listing', () => {
  test.each(Object.keys(CASES))('%s', async (name) => {
    const model = CASES[name] ?? modelOf([], []);
    const state = compile(model, new Map(), { instance: 'golden' });
    const file = `listings/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.txt`;
    await expect(`${listing(state)}\n${announcements(state)}`).toMatchFileSnapshot(file);
  });
});

/** What the kernel keeps no trace of, and listings therefore do not show. */
function announcements(state: HostState): string {
  const lines = [...state.namespaces].flatMap(([name, namespace]) =>
    [...namespace.announcements].map(
      ([link, addresses]) =>
        `  ${namespaceText(name)}: ${[...addresses].map(formatIpv4).join(', ') || 'nothing'} on ${link}`,
    ),
  );
  return ['announcements', ...lines.sort(), ''].join('\n');
}
