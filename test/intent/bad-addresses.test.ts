import { describe, test } from 'vitest';
import { expectErrors, intent, SOUND } from '../support/sound-intent.ts';
import type { Case, Sections } from '../support/sound-intent.ts';

test('the sound intent is sound', () => {
  expectErrors(intent({}), []);
});

describe('addresses that make no sense', () => {
  const floatingIp = (text: string): Partial<Sections> => ({ floatingips: `\n  - {${text}}` });
  const cases: readonly Case[] = [
    {
      name: 'overlapping subnets on one router',
      with: {
        networks: `${SOUND.networks}\n  - {name: wide, bridge: br-wide}`,
        subnets: `${SOUND.subnets}\n  - {name: wide, network_id: wide, cidr: 10.0.0.0/8, gateway_ip: 10.9.9.9}`,
        routers: '\n  - {name: blue, interfaces: [{subnet_id: blue}, {subnet_id: ▶wide}]}',
        floatingips: ' []',
      },
      codes: ['BUOY_SUBNETS_OVERLAP'],
    },
    {
      name: "a subnet that overlaps the router's external network",
      with: {
        subnets: SOUND.subnets.replace('cidr: 10.0.0.0/24', 'cidr: 203.0.113.128/25'),
        routers: SOUND.routers.replace('subnet_id: blue', 'subnet_id: ▶blue'),
        floatingips: ' []',
      },
      codes: ['BUOY_SUBNETS_OVERLAP'],
    },
    {
      name: 'overlapping subnets on one network',
      with: { subnets: `${SOUND.subnets}\n  - {name: blue2, network_id: blue, cidr: ▶10.0.0.128/25}` },
      codes: ['BUOY_SUBNETS_OVERLAP'],
    },
    {
      name: 'a floating IP outside its network',
      with: floatingIp('floating_ip_address: ▶203.0.114.10, router_id: blue, fixed_ip_address: 10.0.0.10'),
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'a floating IP on no network at all',
      with: floatingIp('floating_ip_address: ▶192.0.2.10, fixed_ip_address: 10.0.0.10'),
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'a floating IP used twice, by two routers',
      with: { floatingips: SOUND.floatingips.replace('203.0.113.11', '▶203.0.113.10') },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'a floating IP that is the gateway',
      with: floatingIp('floating_ip_address: ▶203.0.113.1, router_id: blue, fixed_ip_address: 10.0.0.10'),
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: "a floating IP that is this host's own address",
      with: {
        networks: SOUND.networks.replace('bridge: br-ex', 'bridge: br-ex, agent_gateway_ip: 203.0.113.10'),
        floatingips: SOUND.floatingips.replace('203.0.113.10', '▶203.0.113.10'),
      },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: "a floating IP that is a router's port",
      with: {
        subnets: `${SOUND.subnets}\n  - {name: lan, network_id: public, cidr: 198.51.100.0/24, gateway_ip: null}`,
        routers: `${SOUND.routers}\n  - {name: edge, interfaces: [{subnet_id: lan, ip_address: 198.51.100.9}]}`,
        ...floatingIp('floating_ip_address: ▶198.51.100.9, router_id: blue, fixed_ip_address: 10.0.0.10'),
      },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'a floating IP that is the network address',
      with: floatingIp('floating_ip_address: ▶203.0.113.0, router_id: blue, fixed_ip_address: 10.0.0.10'),
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    },
    {
      name: 'a floating IP that is the broadcast address',
      with: floatingIp('floating_ip_address: ▶203.0.113.255, router_id: blue, fixed_ip_address: 10.0.0.10'),
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    },
    {
      name: 'a fixed IP that no interface of its router reaches',
      with: floatingIp('floating_ip_address: 203.0.113.10, router_id: blue, fixed_ip_address: ▶10.0.1.10'),
      codes: ['BUOY_FIXED_IP_UNREACHABLE'],
    },
    {
      name: 'a fixed IP that no router reaches',
      with: floatingIp('floating_ip_address: 203.0.113.10, fixed_ip_address: ▶10.0.1.10'),
      codes: ['BUOY_FIXED_IP_UNREACHABLE'],
    },
    {
      name: "a fixed IP that is the router's own",
      with: floatingIp('floating_ip_address: 203.0.113.10, router_id: blue, fixed_ip_address: ▶10.0.0.1'),
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'a fixed IP that is the broadcast address',
      with: floatingIp('floating_ip_address: 203.0.113.10, router_id: blue, fixed_ip_address: ▶10.0.0.255'),
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    },
    {
      name: 'one fixed IP with two floating IPs',
      with: {
        floatingips: `${SOUND.floatingips}\n  - {floating_ip_address: 203.0.113.12, router_id: blue, fixed_ip_address: ▶10.0.0.10}`,
      },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'a fixed IP behind several routers',
      with: { floatingips: '\n  - ▶{floating_ip_address: 203.0.113.10, fixed_ip_address: 10.0.0.10}' },
      codes: ['BUOY_AMBIGUOUS_REFERENCE'],
    },
    {
      name: 'a floating IP of a router without a gateway',
      with: {
        routers: SOUND.routers.replace('\n    external_gateway_info: {network_id: public}', ''),
        ...floatingIp('floating_ip_address: ▶203.0.113.10, router_id: blue, fixed_ip_address: 10.0.0.10'),
      },
      codes: ['BUOY_NO_EXTERNAL_GATEWAY'],
    },
    {
      name: 'a floating IP of another network than the gateway of its router',
      with: {
        networks: `${SOUND.networks}\n  - {name: red, 'router:external': true, bridge: br-red}`,
        ...floatingIp(
          'floating_ip_address: 203.0.113.10, floating_network_id: ▶red, router_id: blue, fixed_ip_address: 10.0.0.10',
        ),
      },
      codes: ['BUOY_NO_EXTERNAL_GATEWAY'],
    },
    {
      name: 'a gateway on a network that is not external',
      with: {
        routers: SOUND.routers.replace('{network_id: public}', '{network_id: ▶green}'),
        floatingips: ' []',
      },
      codes: ['BUOY_NETWORK_NOT_EXTERNAL'],
    },
    {
      name: 'an interface address outside its subnet',
      with: { routers: SOUND.routers.replace('{subnet_id: blue}', '{subnet_id: blue, ip_address: ▶10.0.1.1}') },
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'an interface address that is the network address',
      with: { routers: SOUND.routers.replace('{subnet_id: blue}', '{subnet_id: blue, ip_address: ▶10.0.0.0}') },
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    },
    {
      name: 'an interface address that two routers have',
      with: { routers: SOUND.routers.replace('subnet_id: green', 'subnet_id: ▶blue') },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'a MAC address that two ports of a network have',
      with: {
        routers: SOUND.routers
          .replace('{subnet_id: blue}', '{subnet_id: blue, mac_address: fa:16:3e:00:00:01}')
          .replace('{subnet_id: green}', '{subnet_id: blue, ip_address: 10.0.0.2, mac_address: ▶fa:16:3e:00:00:01}'),
      },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: "an own address of this host that is the network's gateway",
      with: { networks: SOUND.networks.replace('bridge: br-ex', 'bridge: br-ex, agent_gateway_ip: ▶203.0.113.1') },
      codes: ['BUOY_ADDRESS_IN_USE'],
    },
    {
      name: 'an own address of this host outside of the network',
      with: { networks: SOUND.networks.replace('bridge: br-ex', 'bridge: br-ex, agent_gateway_ip: ▶203.0.114.1') },
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'an own address of this host on a network that is not external',
      with: { networks: SOUND.networks.replace('bridge: br-blue', 'bridge: br-blue, ▶agent_gateway_ip: 10.0.0.7') },
      codes: ['BUOY_NETWORK_NOT_EXTERNAL'],
    },
    {
      name: 'no address left for this host',
      with: {
        networks: SOUND.networks.replace('- {name: public', '- ▶{name: public'),
        subnets: SOUND.subnets.replace(
          '203.0.113.0/24',
          '203.0.113.8/29, allocation_pools: [{start: 203.0.113.10, end: 203.0.113.11}]',
        ),
      },
      codes: ['BUOY_NO_FREE_ADDRESS'],
    },
    {
      name: 'a nexthop that nothing reaches',
      with: { routers: `${SOUND.routers}\n    routes: [{destination: 172.16.0.0/12, nexthop: ▶10.0.1.9}]` },
      codes: ['BUOY_NEXTHOP_UNREACHABLE'],
    },
    {
      name: "a nexthop that is the router's own address",
      with: { routers: `${SOUND.routers}\n    routes: [{destination: 172.16.0.0/12, nexthop: ▶10.0.0.1}]` },
      codes: ['BUOY_NEXTHOP_UNREACHABLE'],
    },
    {
      name: 'a nexthop of another IP version than its destination',
      with: { routers: `${SOUND.routers}\n    routes: [{destination: '2001:db8::/32', nexthop: ▶10.0.0.9}]` },
      codes: ['BUOY_NEXTHOP_UNREACHABLE'],
    },
    {
      name: 'two routes to one destination',
      with: {
        routers: `${SOUND.routers}\n    routes: [{destination: 172.16.0.0/12, nexthop: 10.0.0.9}, {destination: ▶172.16.0.0/12, nexthop: 10.0.0.8}]`,
      },
      codes: ['BUOY_DUPLICATE'],
    },
    {
      name: 'a gateway that is the broadcast address',
      with: { subnets: SOUND.subnets.replace('203.0.113.0/24', '203.0.113.0/24, gateway_ip: ▶203.0.113.255') },
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    },
    {
      name: 'a gateway of another IP version than its subnet',
      with: { subnets: SOUND.subnets.replace('203.0.113.0/24', "203.0.113.0/24, gateway_ip: ▶'2001:db8::1'") },
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'a pool outside of its subnet',
      with: {
        subnets: SOUND.subnets.replace(
          '203.0.113.0/24',
          '203.0.113.0/24, allocation_pools: [{start: ▶203.0.112.9, end: 203.0.113.9}, {start: 203.0.113.10, end: 203.0.113.19}]',
        ),
      },
      codes: ['BUOY_ADDRESS_OUTSIDE_SUBNET'],
    },
    {
      name: 'a pool that ends before it starts',
      with: {
        subnets: SOUND.subnets.replace(
          '203.0.113.0/24',
          '203.0.113.0/24, allocation_pools: [{start: 203.0.113.9, end: ▶203.0.113.8}, {start: 203.0.113.10, end: 203.0.113.19}]',
        ),
      },
      codes: ['BUOY_INVALID_VALUE'],
    },
    ...['127.0.0.0/24', '224.0.0.0/24', '169.254.100.0/24', '0.0.0.0/0', "'fe80::/64'"].map((cidr): Case => ({
      name: `a subnet of ${cidr}`,
      with: {
        networks: `${SOUND.networks}\n  - {name: odd, bridge: br-odd}`,
        subnets: `${SOUND.subnets}\n  - {name: odd, network_id: odd, gateway_ip: null, cidr: ▶${cidr}}`,
      },
      codes: ['BUOY_ADDRESS_UNUSABLE'],
    })),
  ];
  test.each(cases)('$name', ({ with: changed, codes }) => {
    expectErrors(intent(changed), codes);
  });
});
