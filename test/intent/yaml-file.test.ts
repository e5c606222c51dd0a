import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatAddress, formatPrefix } from '../../src/model/address.ts';
import type { Model, Port } from '../../src/model/model.ts';
import { parseYaml } from '../../src/intent/index.ts';
import { must } from '../support/must.ts';

/** What a person would say of a model, one line a thing. */
function summary(model: Model): readonly string[] {
  const networks = [...model.networks.values()].map(({ id, external, mtu, plug, agentGateway }) => {
    const device = plug.driver === 'bridge' ? plug.bridge : plug.parent;
    const gateway = agentGateway === undefined ? '' : ` agent ${portText(agentGateway)}`;
    return `network ${id}${external ? ' external' : ''} ${mtu} ${plug.driver} ${device}${gateway}`;
  });
  const routers = [...model.routers.values()].flatMap((router) => [
    `router ${router.id} gateway ${router.externalNetworkId ?? 'none'}`,
    ...router.interfaces.map((port) => `  interface ${portText(port)}`),
    ...router.routes.map(
      ({ destination, nexthop }) => `  route ${formatPrefix(destination)} via ${formatAddress(nexthop)}`,
    ),
    ...[...router.floatingIps.values()].map(
      ({ floating, fixed }) => `  ${formatAddress(floating)} -> ${formatAddress(fixed)}`,
    ),
  ]);
  return [...networks, ...routers];
}

function portText({ networkId, addresses, gateways, extraSubnets }: Port): string {
  const own = addresses.map(({ address, length }) => `${formatAddress(address)}/${length}`).join(' ');
  const via = gateways.length === 0 ? '' : ` via ${gateways.map(formatAddress).join(' ')}`;
  const extra = extraSubnets.length === 0 ? '' : ` and ${extraSubnets.map(formatPrefix).join(' ')}`;
  return `${networkId} ${own}${via}${extra}`;
}

function summaryOf(yaml: string): readonly string[] {
  return summary(parseYaml(yaml, 'test.yaml'));
}

const PUBLIC = `
networks:
  - {name: public, 'router:external': true, bridge: br-ex}
  - {name: blue, bridge: br-blue}
`;

function withPublicSubnet(subnet: string, rest = ''): string {
  return `${PUBLIC}
subnets:
  - {name: public, network_id: public, ${subnet}}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24}
routers:
  - name: blue
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: blue}]
${rest}`;
}

function agentAddress(yaml: string): string {
  const port = must(must(parseYaml(yaml, 'test.yaml').networks.get('public')).agentGateway);
  return port.addresses.map(({ address }) => formatAddress(address)).join(' ');
}

test('the quickstart', () => {
  expect(summary(parseYaml(readFileSync('examples/quickstart.yaml', 'utf8'), 'quickstart.yaml'))).toEqual([
    'network public external 1500 bridge br-ex agent public 203.0.113.199/24 via 203.0.113.1',
    'network blue 1500 bridge br-blue',
    'network green 1500 bridge br-green',
    'router blue gateway public',
    '  interface blue 10.0.0.1/24 via 10.0.0.1',
    '  interface blue 10.0.1.1/24 via 10.0.1.1',
    '  203.0.113.101 -> 10.0.0.10',
    '  203.0.113.102 -> 10.0.1.10',
    'router green gateway public',
    '  interface green 10.0.0.1/24 via 10.0.0.1',
    '  203.0.113.103 -> 10.0.0.10',
    '  203.0.113.104 -> 10.0.0.20',
  ]);
});

test('every key has its effect', () => {
  const yaml = `
defaults: {mtu: 9000, macvlan: eth1}
networks:
  - name: public
    id: 6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10
    router:external: true
    mtu: 1500
    bridge: br-ex
    agent_gateway_ip: 198.51.100.7
    agent_gateway_mac: FA:16:3E:00:00:07
  - name: blue
subnets:
  - {name: one, network_id: public, cidr: 203.0.113.0/24, gateway_ip: 192.0.2.1}
  - {name: two, id: two-id, network_id: 6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10, cidr: 198.51.100.0/24, gateway_ip: null}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24, allocation_pools: [{start: 10.0.0.5, end: 10.0.0.9}]}
routers:
  - name: blue
    id: router-id
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: blue, ip_address: 10.0.0.254, mac_address: fa:16:3e:00:00:01}]
    routes:
      - {destination: 172.16.0.0/12, nexthop: 10.0.0.9}
      - {destination: 0.0.0.0/0, nexthop: 203.0.113.9}
  - name: lonely
    external_gateway_info: null
floatingips:
  - floating_ip_address: 203.0.113.5
    floating_network_id: public
    router_id: router-id
    fixed_ip_address: 10.0.0.5
    description: 'web: # 1'
`;
  const model = parseYaml(yaml, 'test.yaml');
  expect(summary(model)).toEqual([
    'network 6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10 external 1500 bridge br-ex agent 6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10 198.51.100.7/24 and 203.0.113.0/24',
    'network blue 9000 macvlan eth1',
    'router router-id gateway 6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10',
    '  interface blue 10.0.0.254/24 via 10.0.0.1',
    '  route 172.16.0.0/12 via 10.0.0.9',
    '  route 0.0.0.0/0 via 203.0.113.9',
    '  203.0.113.5 -> 10.0.0.5',
    'router lonely gateway none',
  ]);
  expect(must(model.routers.get('router-id')).interfaces[0]?.mac).toBe('fa:16:3e:00:00:01');
  expect(model.networks.get('6e8f4a1c-0b65-4c6d-9f0a-5d1b4c3a2e10')?.agentGateway?.mac).toBe('fa:16:3e:00:00:07');
});

test('IPv6 subnets stand beside IPv4 ones, each with its own port', () => {
  const yaml = `${PUBLIC}
subnets:
  - {name: six, network_id: public, cidr: '2001:db8:1::/64'}
  - {name: four, network_id: public, cidr: 203.0.113.0/24}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24}
  - {name: blue6, network_id: blue, cidr: '2001:db8:2::/64'}
routers:
  - name: blue
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: blue}, {subnet_id: blue6}]
`;
  expect(summaryOf(yaml)).toEqual([
    'network public external 1500 bridge br-ex agent public 203.0.113.254/24 via 203.0.113.1 and 2001:db8:1::/64',
    'network blue 1500 bridge br-blue',
    'router blue gateway public',
    '  interface blue 10.0.0.1/24 via 10.0.0.1',
    '  interface blue 2001:db8:2::1/64 via 2001:db8:2::1',
  ]);
});

test('a JSON file is a YAML file', () => {
  const intent = { networks: [{ name: 'n', bridge: 'br-n' }], routers: [{ name: 'r' }] };
  expect(summaryOf(JSON.stringify(intent, null, '\t'))).toEqual([
    'network n 1500 bridge br-n',
    'router r gateway none',
  ]);
});

describe("this host's own address on an external network", () => {
  test.each([
    ['all of the subnet', 'cidr: 203.0.113.0/24', '203.0.113.254'],
    ['all of a /31, less its gateway', 'cidr: 203.0.113.0/31', '203.0.113.0'],
    [
      'the highest of several pools',
      'cidr: 203.0.113.0/24, allocation_pools: [{start: 203.0.113.90, end: 203.0.113.99}, {start: 203.0.113.10, end: 203.0.113.19}]',
      '203.0.113.99',
    ],
    [
      'pools that lie in each other',
      'cidr: 203.0.113.0/24, allocation_pools: [{start: 203.0.113.5, end: 203.0.113.9}, {start: 203.0.113.3, end: 203.0.113.12}]',
      '203.0.113.12',
    ],
    [
      'a pool that has the broadcast address',
      'cidr: 203.0.113.0/24, allocation_pools: [{start: 203.0.113.200, end: 203.0.113.255}]',
      '203.0.113.254',
    ],
    ['the gateway at the top', 'cidr: 203.0.113.0/24, gateway_ip: 203.0.113.254', '203.0.113.253'],
  ])('comes from %s', (_, subnet, address) => {
    expect(agentAddress(withPublicSubnet(subnet))).toBe(address);
  });

  test('gives way to floating IPs', () => {
    const pools =
      'cidr: 203.0.113.0/24, allocation_pools: [{start: 203.0.113.8, end: 203.0.113.9}, {start: 203.0.113.3, end: 203.0.113.9}]';
    const floatingIps = [9, 8, 6].map(
      (n) => `  - {floating_ip_address: 203.0.113.${n}, fixed_ip_address: 10.0.0.${n}}\n`,
    );
    expect(agentAddress(withPublicSubnet(pools, `floatingips:\n${floatingIps.join('')}`))).toBe('203.0.113.7');
  });

  test('is there only on networks with a gateway of a router', () => {
    const yaml = `${PUBLIC}subnets: [{name: blue, network_id: blue, cidr: 10.0.0.0/24}]\nrouters: [{name: blue, interfaces: [{subnet_id: blue}]}]`;
    expect(parseYaml(yaml, 'test.yaml').networks.get('public')).not.toHaveProperty('agentGateway');
  });
});

describe('what a floating IP need not say', () => {
  const yaml = (floatingIp: string) => `
networks:
  - {name: red, 'router:external': true, bridge: br-red}
  - {name: public, 'router:external': true, bridge: br-ex}
  - {name: blue, bridge: br-blue}
subnets:
  - {name: red, network_id: red, cidr: 203.0.113.0/24}
  - {name: public, network_id: public, cidr: 198.51.100.0/24}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24}
routers:
  - {name: one, external_gateway_info: {network_id: red}, interfaces: [{subnet_id: blue}]}
  - {name: two, external_gateway_info: {network_id: public}, interfaces: [{subnet_id: blue, ip_address: 10.0.0.2}]}
floatingips:
  - {${floatingIp}, fixed_ip_address: 10.0.0.9}
`;
  test.each([
    ['its network and router, where one of each fits', 'floating_ip_address: 198.51.100.9'],
    ['its router, where one on the network fits', 'floating_ip_address: 198.51.100.9, floating_network_id: public'],
    ['its network, where the router tells', 'floating_ip_address: 198.51.100.9, router_id: two'],
  ])('%s', (_, floatingIp) => {
    expect(summaryOf(yaml(floatingIp)).slice(-2)).toEqual([
      expect.stringContaining('interface blue 10.0.0.2'),
      '  198.51.100.9 -> 10.0.0.9',
    ]);
  });
});

describe('ids and MAC addresses of ports', () => {
  const yaml = withPublicSubnet('cidr: 203.0.113.0/24');

  test('are the same in every run', () => {
    expect(parseYaml(yaml, 'a.yaml')).toEqual(parseYaml(yaml, 'b.yaml'));
  });

  test('do not depend on what else is in the file', () => {
    const more = `${yaml}  - {name: green}\n`;
    expect(parseYaml(more, 'a.yaml').routers.get('blue')).toEqual(parseYaml(yaml, 'a.yaml').routers.get('blue'));
  });

  test('give way to those that the file gives', () => {
    const router = (name: string, address: string, more: string) =>
      `  - {name: ${name}, interfaces: [{subnet_id: s, ip_address: ${address}${more}}]}\n`;
    const head =
      'networks: [{name: n, bridge: br-n}]\nsubnets: [{name: s, network_id: n, cidr: 10.0.0.0/16}]\nrouters:\n';
    const macOf = (text: string) => must(parseYaml(text, 'test.yaml').routers.get('a')?.interfaces[0]).mac;
    const first = macOf(head + router('a', '10.0.0.1', ''));
    const second = macOf(head + router('a', '10.0.0.1', '') + router('b', '10.0.0.2', `, mac_address: '${first}'`));
    expect(second).not.toBe(first);
    expect(second).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/);
  });

  test('are different for every port of a network', () => {
    const numbers = Array.from({ length: 5000 }, (_, index) => index);
    const ip = (index: number) => `10.0.${index >> 8}.${index & 255}`;
    const text = `
networks: [{name: n, bridge: br-n}]
subnets: [{name: s, network_id: n, cidr: 10.0.0.0/16}]
routers:
${numbers.map((index) => `  - {name: r${index}, interfaces: [{subnet_id: s, ip_address: ${ip(index + 1)}}]}`).join('\n')}
`;
    const ports = [...parseYaml(text, 'test.yaml').routers.values()].flatMap((router) => router.interfaces);
    expect(new Set(ports.map((port) => port.mac)).size).toBe(numbers.length);
    expect(new Set(ports.map((port) => port.id)).size).toBe(numbers.length);
    for (const { mac } of ports) expect(mac).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/);
  });
});

test.each([
  ['one router with 10,000 floating IPs', 1, 10_000],
  ['1,000 routers with 10 each, all with the same subnet', 1000, 10],
])('%s', (_, routers, each) => {
  const all = Array.from({ length: routers }, (_unused, index) => index);
  const own = Array.from({ length: each }, (_unused, index) => index);
  const address = (network: string, index: number) => `${network}.${index >> 8}.${index & 255}`;
  const lines = [
    'networks:',
    "  - {name: public, 'router:external': true, bridge: br-ex}",
    ...all.map((router) => `  - {name: n${router}, bridge: br-${router}}`),
    'subnets:',
    '  - {name: public, network_id: public, cidr: 198.18.0.0/16}',
    ...all.map((router) => `  - {name: s${router}, network_id: n${router}, cidr: 10.0.0.0/16}`),
    'routers:',
    ...all.map(
      (router) =>
        `  - {name: r${router}, external_gateway_info: {network_id: public}, interfaces: [{subnet_id: s${router}}]}`,
    ),
    'floatingips:',
    ...all.flatMap((router) =>
      own.map((index) => {
        const floating = address('198.18', router * each + index + 2);
        return `  - {floating_ip_address: ${floating}, router_id: r${router}, fixed_ip_address: ${address('10.0', index + 2)}}`;
      }),
    ),
  ];
  const model = parseYaml(lines.join('\n'), 'test.yaml');
  expect(model.routers.size).toBe(routers);
  for (const router of model.routers.values()) expect(router.floatingIps.size).toBe(each);
});
