// What is refused, with Neutron's status, type and text; and that nothing has changed then.

import { describe, expect, test } from 'vitest';
import type { Store } from '../../../src/intent/store/index.ts';
import { all, make, memoryStore, refusal, world } from '../../support/stores.ts';
import type { World } from '../../support/stores.ts';

const NOBODY = '12345678-1234-4321-8765-123456789abc';

type Case = readonly [name: string, act: (store: Store, ids: World) => unknown, refusal: string];

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

const subnet = (network: string, cidr: string, more: object = {}) => [
  { network_id: network, ip_version: cidr.includes(':') ? 6 : 4, cidr, ...more },
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

function idOf(store: Store, owner: string): string {
  return all(store, 'ports', { device_owner: [owner] })[0]?.id ?? NOBODY;
}

/** The workload with a floating IP. */
function associated(store: Store, ids: World): string {
  return make(store, 'floatingips', { floating_network_id: ids.public, port_id: ids.workload }).id;
}

const ROUTERS: readonly Case[] = [
  [
    'a gateway on a network that is not external',
    (s, w) => s.create('routers', [{ external_gateway_info: { network_id: w.blue } }]),
    '400 BadRequest: Bad router request: Network',
  ],
  ['one that has interfaces', (s, w) => s.delete('routers', w.router), '409 RouterInUse: Router'],
  [
    'the same subnet again',
    (s, w) => s.addRouterInterface(w.router, { subnet_id: w.blueSubnet }),
    '400 BadRequest: Bad router request: Router already has a port on subnet',
  ],
  [
    'an interface of nothing',
    (s, w) => s.addRouterInterface(w.router, {}),
    '400 BadRequest: Bad router request: Either subnet_id or port_id must be specified.',
  ],
  [
    'a subnet that overlaps',
    (s, w) => {
      const green = make(s, 'networks', {}).id;
      const [other] = s.create('subnets', subnet(green, '10.0.0.0/16'));
      return s.addRouterInterface(w.router, { subnet_id: other?.id });
    },
    '400 BadRequest: Bad router request: Cidr 10.0.0.0/16 of subnet',
  ],
  [
    'a port that somebody has',
    (s, w) => s.addRouterInterface(w.router, { port_id: idOf(s, 'network:router_gateway') }),
    '409 PortInUse',
  ],
  [
    'an interface that it has not',
    (s, w) => s.removeRouterInterface(w.router, { subnet_id: w.publicSubnet }),
    '404 RouterInterfaceNotFoundForSubnet',
  ],
  [
    'a port that is none of its interfaces',
    (s, w) => s.removeRouterInterface(w.router, { port_id: w.workload }),
    '404 RouterInterfaceNotFound:',
  ],
  [
    'an interface that a floating IP needs',
    (s, w) => {
      associated(s, w);
      return s.removeRouterInterface(w.router, { subnet_id: w.blueSubnet });
    },
    '409 RouterInterfaceInUseByFloatingIP',
  ],
  [
    'a gateway that a floating IP needs',
    (s, w) => {
      associated(s, w);
      return s.update('routers', w.router, { external_gateway_info: null });
    },
    '409 RouterExternalGatewayInUseByFloatingIp',
  ],
  [
    'an interface that a route needs',
    (s, w) => {
      s.update('routers', w.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '10.0.0.5' }] });
      return s.removeRouterInterface(w.router, { subnet_id: w.blueSubnet });
    },
    '409 RouterInterfaceInUseByRoute',
  ],
  [
    'a nexthop that is not connected',
    (s, w) => s.update('routers', w.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '10.7.0.5' }] }),
    '400 InvalidRoutes',
  ],
  [
    'a nexthop that is its own',
    (s, w) =>
      s.changeExtraRoutes(w.router, 'add', { routes: [{ destination: '192.168.0.0/16', nexthop: '10.0.0.1' }] }),
    '400 InvalidRoutes',
  ],
];

/** A second external network with that subnet. */
function wayOut(store: Store, cidr: string): string {
  const network = make(store, 'networks', { 'router:external': true }).id;
  store.create('subnets', subnet(network, cidr));
  return network;
}

const WAYS_OUT: readonly Case[] = [
  [
    'one that overlaps an interface',
    (s, w) => s.update('routers', w.router, { external_gateway_info: { network_id: wayOut(s, '10.0.0.0/16') } }),
    '400 BadRequest: Bad router request: Cidr 10.0.0.0/16 of subnet',
  ],
  [
    'another one, while a route leads over the former',
    (s, w) => {
      s.update('routers', w.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '203.0.113.9' }] });
      const info = { network_id: wayOut(s, '198.51.100.0/24') };
      return s.update('routers', w.router, { external_gateway_info: info });
    },
    '409 RouterInterfaceInUseByRoute',
  ],
  [
    'none any more, while a route leads over it',
    (s, w) => {
      s.update('routers', w.router, { routes: [{ destination: '192.168.0.0/16', nexthop: '203.0.113.9' }] });
      return s.update('routers', w.router, { external_gateway_info: {} });
    },
    '409 RouterInterfaceInUseByRoute',
  ],
  [
    'one without IPv4',
    (s, w) => s.update('routers', w.router, { external_gateway_info: { network_id: wayOut(s, '2001:db8::/64') } }),
    '400 BadRequest: Bad router request: Network',
  ],
];

const FLOATING_IPS: readonly Case[] = [
  [
    'on a network that is not external',
    (s, w) => s.create('floatingips', [{ floating_network_id: w.blue }]),
    '400 BadRequest: Bad floatingip request: Network',
  ],
  [
    'the gateway’s address',
    (s, w) => s.create('floatingips', [{ floating_network_id: w.public, floating_ip_address: '203.0.113.1' }]),
    '409 IpAddressAlreadyAllocated',
  ],
  [
    'an address of no subnet',
    (s, w) => s.create('floatingips', [{ floating_network_id: w.public, floating_ip_address: '198.51.100.1' }]),
    '400 InvalidIpForNetwork',
  ],
  [
    'a fixed address without a port',
    (s, w) => s.create('floatingips', [{ floating_network_id: w.public, fixed_ip_address: '10.0.0.10' }]),
    '400 BadRequest: Bad floatingip request: fixed_ip_address cannot be specified without a port_id.',
  ],
  [
    'a fixed address that the port has not',
    (s, w) =>
      s.create('floatingips', [{ floating_network_id: w.public, port_id: w.workload, fixed_ip_address: '10.0.0.11' }]),
    '400 BadRequest',
  ],
  [
    'a second one',
    (s, w) => {
      associated(s, w);
      return associated(s, w);
    },
    '409 FloatingIPPortAlreadyAssociated: Cannot associate floating IP 203.0.113.5',
  ],
  [
    'a port that no router reaches',
    (s, w) => {
      const network = make(s, 'networks', {}).id;
      s.create('subnets', subnet(network, '10.5.0.0/24'));
      const port = make(s, 'ports', { network_id: network });
      return s.create('floatingips', [{ floating_network_id: w.public, port_id: port.id }]);
    },
    '404 ExternalGatewayForFloatingIPNotFound: External network',
  ],
  [
    'a port of several addresses',
    (s, w) => {
      const port = make(s, 'ports', {
        network_id: w.blue,
        fixed_ips: [{ subnet_id: w.blueSubnet }, { subnet_id: w.blueSubnet }],
      });
      return s.create('floatingips', [{ floating_network_id: w.public, port_id: port.id }]);
    },
    '400 BadRequest: Bad floatingip request: Port',
  ],
  [
    'a router’s own port',
    (s, w) =>
      s.create('floatingips', [
        { floating_network_id: w.public, port_id: idOf(s, 'network:router_interface_distributed') },
      ]),
    '400 BadRequest',
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

describe.each([
  ['bodies', BODIES],
  ['networks', NETWORKS],
  ['subnets', SUBNETS],
  ['gateways', GATEWAYS],
  ['ports', PORTS],
  ['routers', ROUTERS],
  ['ways out', WAYS_OUT],
  ['floating IPs', FLOATING_IPS],
  ['others', OTHERS],
] as const)('%s', (_, cases) => {
  test.each(cases)('%s', (__, act, expected) => {
    const { store } = memoryStore();
    const ids = world(store);
    const { status, type, message } = refusal(() => act(store, ids));
    expect(`${status} ${type}: ${message}`.slice(0, expected.length)).toBe(expected);
  });
});

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
