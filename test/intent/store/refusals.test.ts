// What is refused of networks, subnets and ports, with Neutron's status, type and text.

import { expect, test } from 'vitest';
import { make, memoryStore, refusal } from '../../support/stores.ts';
import { expectRefusals, idOf, NOBODY, subnet } from '../../support/store-refusals.ts';
import type { Case } from '../../support/store-refusals.ts';

const BODIES: readonly Case[] = [
  ['no body', (s) => s.create('networks', [null]), '400 HTTPBadRequest: Resource body required'],
  [
    'an unknown attribute',
    (s) => s.create('networks', [{ nme: 'a' }]),
    "400 HTTPBadRequest: Unrecognized attribute(s) 'nme'",
  ],
  [
    'two unknown attributes',
    (s, { router }) => s.update('routers', router, { nme: 'a', colour: 1, id: 2 }),
    "400 HTTPBadRequest: Unrecognized attribute(s) 'nme', 'colour'",
  ],
  [
    'an id at creation',
    (s) => s.create('routers', [{ id: NOBODY }]),
    "400 HTTPBadRequest: Attribute 'id' not allowed in POST",
  ],
  [
    'an attribute that cannot be changed',
    (s, { blueSubnet }) => s.update('subnets', blueSubnet, { cidr: '10.0.0.0/25' }),
    '400 HTTPBadRequest: Cannot update read-only attribute cidr',
  ],
  [
    'a status from a client',
    (s, { router }) => s.update('routers', router, { status: 'ACTIVE' }),
    '400 HTTPBadRequest: Cannot update read-only attribute status',
  ],
  [
    'a missing attribute',
    (s) => s.create('ports', [{}]),
    "400 HTTPBadRequest: Failed to parse request. Required attribute 'network_id' not specified",
  ],
  [
    'a name of another type',
    (s) => s.create('networks', [{ name: 5 }]),
    '400 HTTPBadRequest: Invalid input for name. Reason: 5 is not a valid string.',
  ],
  [
    'an id that is none',
    (s) => s.create('ports', [{ network_id: 'blue' }]),
    '400 HTTPBadRequest: Invalid input for network_id. Reason: "blue" is not a valid UUID.',
  ],
  [
    'a prefix with bits after its length',
    (s, { blue }) => s.create('subnets', [{ network_id: blue, ip_version: 4, cidr: '10.1.0.1/24' }]),
    '400 HTTPBadRequest: Invalid input for cidr. Reason: "10.1.0.1/24" is not a prefix.',
  ],
  [
    'a fixed IP of nothing',
    (s, { blue }) => s.create('ports', [{ network_id: blue, fixed_ips: [{}] }]),
    '400 HTTPBadRequest: Invalid input for fixed_ips[0]. Reason: a mapping has neither a subnet_id nor an ip_address.',
  ],
  [
    'SNAT',
    (s, w) => s.create('routers', [{ external_gateway_info: { network_id: w.public, enable_snat: true } }]),
    '400 HTTPBadRequest: Invalid input for external_gateway_info.enable_snat. Reason: Buoy has no centralized SNAT: the way out is a floating IP.',
  ],
];

const NETWORKS: readonly Case[] = [
  [
    'a network that is not there',
    (s) => s.show('networks', NOBODY),
    `404 NetworkNotFound: Network ${NOBODY} could not be found.`,
  ],
  ['one that is used', (s, w) => s.delete('networks', w.blue), '409 NetworkInUse'],
  [
    'a gateway’s that is to be internal',
    (s, w) => s.update('networks', w.public, { 'router:external': false }),
    '409 ExternalNetworkInUse',
  ],
  [
    'an unknown physical network',
    (s) => s.create('networks', [{ 'provider:physical_network': 'physnet9' }]),
    "400 InvalidInput: Invalid input for operation: physical_network 'physnet9' unknown for flat provider network.",
  ],
  [
    'a second flat one',
    (s) =>
      s.create(
        'networks',
        [1, 2].map(() => ({ 'provider:physical_network': 'physnet1' })),
      ),
    '409 FlatNetworkInUse',
  ],
  [
    'a second default',
    (s) =>
      s.create(
        'networks',
        [1, 2].map(() => ({ 'router:external': true, is_default: true })),
      ),
    '409 DefaultExternalNetworkExists',
  ],
];

const SUBNETS: readonly Case[] = [
  ['one that overlaps', (s, w) => s.create('subnets', subnet(w.blue, '10.0.0.128/25')), '400 InvalidInput'],
  [
    'addresses of Buoy’s own links',
    (s, w) => s.create('subnets', subnet(w.blue, '169.254.64.0/24')),
    '400 InvalidInput',
  ],
  [
    'a version that is not its own',
    (s, w) => s.create('subnets', [{ network_id: w.blue, ip_version: 6, cidr: '10.1.0.0/24' }]),
    '400 InvalidInput',
  ],
  [
    'one that a router with its gateway there connects',
    (s, w) => s.create('subnets', subnet(w.public, '10.0.0.0/16')),
    '400 BadRequest',
  ],
  [
    'a gateway in a pool',
    (s, w) =>
      s.create(
        'subnets',
        subnet(w.blue, '10.1.0.0/24', {
          gateway_ip: '10.1.0.9',
          allocation_pools: [{ start: '10.1.0.2', end: '10.1.0.20' }],
        }),
      ),
    '409 GatewayConflictWithAllocationPools: Gateway ip 10.1.0.9 conflicts with allocation pool 10.1.0.2-10.1.0.20.',
  ],
  [
    'a gateway in a pool of another subnet',
    (s, w) => s.create('subnets', subnet(w.blue, '10.1.0.0/24', { gateway_ip: '10.0.0.77' })),
    '409 GatewayConflictWithAllocationPools',
  ],
  [
    'pools that overlap',
    (s, w) =>
      s.create(
        'subnets',
        subnet(w.blue, '10.1.0.0/24', {
          allocation_pools: [
            { start: '10.1.0.2', end: '10.1.0.9' },
            { start: '10.1.0.9', end: '10.1.0.12' },
          ],
        }),
      ),
    '409 OverlappingAllocationPools',
  ],
  [
    'a pool beyond the subnet',
    (s, w) =>
      s.create(
        'subnets',
        subnet(w.blue, '10.1.0.0/24', { allocation_pools: [{ start: '10.1.0.2', end: '10.1.1.9' }] }),
      ),
    '400 OutOfBoundsAllocationPool',
  ],
  [
    'a pool that ends before its start',
    (s, w) =>
      s.create(
        'subnets',
        subnet(w.blue, '10.1.0.0/24', { allocation_pools: [{ start: '10.1.0.9', end: '10.1.0.2' }] }),
      ),
    '400 InvalidAllocationPool',
  ],
  ['one that is used', (s, w) => s.delete('subnets', w.blueSubnet), '409 SubnetInUse'],
  [
    'a gateway that a router has',
    (s, w) => s.update('subnets', w.blueSubnet, { gateway_ip: null }),
    '409 GatewayIpInUse',
  ],
];

const GATEWAYS: readonly Case[] = [
  [
    'the address of a floating IP',
    (s) => {
      const network = make(s, 'networks', { 'router:external': true }).id;
      const pools = [{ start: '198.51.100.2', end: '198.51.100.9' }];
      const [one] = s.create('subnets', subnet(network, '198.51.100.0/24', { allocation_pools: pools }));
      make(s, 'floatingips', { floating_network_id: network, floating_ip_address: '198.51.100.77' });
      return s.update('subnets', one?.id ?? '', { gateway_ip: '198.51.100.77' });
    },
    '409 IpAddressAlreadyAllocated: IP address 198.51.100.77 already allocated in subnet',
  ],
  [
    'an address of the pools that come with it',
    (s, w) => {
      const pools = [{ start: '203.0.113.2', end: '203.0.113.100' }];
      return s.update('subnets', w.publicSubnet, { gateway_ip: '203.0.113.50', allocation_pools: pools });
    },
    '409 GatewayConflictWithAllocationPools: Gateway ip 203.0.113.50',
  ],
  [
    'an address of another version',
    (s, w) => s.update('subnets', w.publicSubnet, { gateway_ip: '2001:db8::1' }),
    '400 InvalidInput',
  ],
  [
    'a broadcast address',
    (s, w) => s.update('subnets', w.publicSubnet, { gateway_ip: '203.0.113.255' }),
    '400 InvalidInput',
  ],
];

const PORTS: readonly Case[] = [
  [
    'an address that is used',
    (s, w) => s.create('ports', [{ network_id: w.blue, fixed_ips: [{ ip_address: '10.0.0.10' }] }]),
    `409 IpAddressAlreadyAllocated`,
  ],
  [
    'an address of no subnet',
    (s, w) => s.create('ports', [{ network_id: w.blue, fixed_ips: [{ ip_address: '10.9.0.1' }] }]),
    '400 InvalidIpForNetwork',
  ],
  [
    'an address outside of the subnet',
    (s, w) =>
      s.create('ports', [{ network_id: w.blue, fixed_ips: [{ subnet_id: w.blueSubnet, ip_address: '10.9.0.1' }] }]),
    '400 InvalidIpForSubnet',
  ],
  [
    'a broadcast address',
    (s, w) => s.create('ports', [{ network_id: w.blue, fixed_ips: [{ ip_address: '10.0.0.255' }] }]),
    '400 InvalidIpForSubnet',
  ],
  [
    'a subnet of another network',
    (s, w) => s.create('ports', [{ network_id: w.blue, fixed_ips: [{ subnet_id: w.publicSubnet }] }]),
    '400 InvalidInput',
  ],
  [
    'more than there are',
    (s, w) =>
      s.create(
        'ports',
        Array.from({ length: 253 }, () => ({ network_id: w.blue })),
      ),
    '409 IpAddressGenerationFailure: No more IP addresses available on network',
  ],
  [
    'a MAC address that is used',
    (s, w) =>
      s.create(
        'ports',
        [1, 2].map(() => ({ network_id: w.blue, mac_address: 'FA:16:3E:00:00:01' })),
      ),
    '409 MacAddressInUse',
  ],
  [
    'one of a router, deleted',
    (s) => s.delete('ports', idOf(s, 'network:router_interface_distributed')),
    '409 ServicePortInUse',
  ],
  [
    'one of this host, moved',
    (s) => s.update('ports', idOf(s, 'network:floatingip_agent_gateway'), { fixed_ips: [] }),
    '409 ServicePortInUse',
  ],
  [
    'one with a router’s owner',
    (s, w) => s.create('ports', [{ network_id: w.blue, device_owner: 'network:router_gateway' }]),
    '400 InvalidInput',
  ],
];

const OTHERS: readonly Case[] = [
  [
    'another revision',
    (s, w) => s.update('routers', w.router, { name: 'x' }, 7),
    '412 RevisionNumberConstraintFailed: Constrained to 7, but current revision is 2',
  ],
  ['another revision, to be deleted', (s, w) => s.delete('ports', w.workload, 9), '412 RevisionNumberConstraintFailed'],
  ['a tag with a comma', (s, w) => s.setTags('ports', w.workload, ['a,b']), '400 HTTPBadRequest'],
  ['a quota of nothing', (s) => s.setQuota('p', { cows: 1 }), "400 HTTPBadRequest: Unrecognized attribute(s) 'cows'"],
];

expectRefusals([
  ['bodies', BODIES],
  ['networks', NETWORKS],
  ['subnets', SUBNETS],
  ['gateways', GATEWAYS],
  ['ports', PORTS],
  ['others', OTHERS],
]);

test('of several in one request that is refused for one, none is there', () => {
  const { store } = memoryStore();
  refusal(() => store.create('networks', [{ name: 'good' }, { name: 5 }]));
  expect(store.isEmpty).toBe(true);
});

test('a project has as many as its quota allows', () => {
  const { store } = memoryStore({ network: 2 });
  expect(store.setQuota('mine', { network: 3, router: '0' })).toMatchObject({ network: 3, router: 0, port: -1 });
  const one = { project_id: 'mine' };
  store.create('networks', [one, one]);
  expect(refusal(() => store.create('networks', [one, one])).message).toBe(
    "Quota exceeded for resources: ['network'].",
  );
  store.create('networks', [one]);
  expect(refusal(() => store.create('networks', [one])).type).toBe('OverQuota');
  expect(refusal(() => store.create('routers', [one])).type).toBe('OverQuota');
  store.deleteQuota('mine');
  expect(store.quota('mine')['network']).toBe(2);
});
