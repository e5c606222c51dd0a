import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { parseYaml } from '../../src/intent/index.ts';
import { errorsOf } from '../support/faults.ts';
import { expectErrors, intent, SOUND } from '../support/sound-intent.ts';
import type { Case } from '../support/sound-intent.ts';

describe('things that are not what they should be', () => {
  const cases: readonly Case[] = [
    {
      name: 'unknown references',
      with: {
        subnets: SOUND.subnets.replace('network_id: green', 'network_id: ▶gren'),
        routers: SOUND.routers
          .replace('subnet_id: blue', 'subnet_id: ▶bleu')
          .replace('{network_id: public}', '{network_id: ▶internet}'),
        floatingips: '\n  - {floating_ip_address: 203.0.113.10, router_id: ▶violet, fixed_ip_address: 10.0.0.10}',
      },
      codes: ['BUOY_UNKNOWN_REFERENCE', 'BUOY_UNKNOWN_REFERENCE', 'BUOY_UNKNOWN_REFERENCE', 'BUOY_UNKNOWN_REFERENCE'],
    },
    {
      name: 'a name that two things have',
      with: {
        networks: SOUND.networks.replace('{name: blue,', '{name: public, id: other,'),
        subnets: SOUND.subnets
          .replace('network_id: public', 'network_id: public')
          .replace('network_id: blue', 'network_id: other'),
      },
      codes: [],
    },
    {
      name: 'a name that two things with other ids have',
      with: {
        networks: SOUND.networks
          .replace('{name: public,', '{name: net, id: public,')
          .replace('{name: blue,', '{name: net, id: blue,'),
        subnets: SOUND.subnets.replace('network_id: blue', 'network_id: ▶net'),
      },
      codes: ['BUOY_AMBIGUOUS_REFERENCE'],
    },
    {
      name: 'ids that are there twice',
      with: {
        networks: `${SOUND.networks}\n  - {name: ▶green, bridge: br-2}`,
        subnets: `${SOUND.subnets}\n  - {name: more, id: ▶green, network_id: green, cidr: 10.7.0.0/24}`,
        routers: `${SOUND.routers}\n  - {name: third, id: ▶blue}`,
      },
      codes: ['BUOY_DUPLICATE', 'BUOY_DUPLICATE', 'BUOY_DUPLICATE'],
    },
    {
      name: 'ids that make the same device name',
      with: {
        routers: `
  - {name: one, id: 00000000-0000-0000-0000-000000000001}
  - {name: two, id: ▶00000000-0000-0000-0000-000000000002}`,
        floatingips: ' []',
      },
      codes: ['BUOY_DUPLICATE'],
    },
    {
      name: 'names that no device or namespace can have',
      with: {
        networks: `
  - {name: a, bridge: ▶br-sixteen-bytes}
  - {name: b, bridge: ▶../etc/passwd}
  - {name: c, macvlan: ▶'eth 0'}
  - {name: d, bridge: ▶''}
  - {name: e, bridge: ▶"br\\n"}
  - {name: ▶a/b, bridge: br-ex}
  - {name: f, id: ▶../../tmp, bridge: br-ex}
  - {name: g, id: ▶"\\0", bridge: br-ex}
  - {name: h, id: ▶${'x'.repeat(248)}, bridge: br-ex}
  - {name: ▶two words, bridge: br-ex}`,
        subnets: ' []',
        routers: '\n  - name: r',
        floatingips: ' []',
      },
      codes: Array<ErrorCode>(10).fill('BUOY_INVALID_NAME'),
    },
    {
      name: 'MTUs out of bounds',
      with: {
        networks: `
  - {name: a, bridge: br-a, mtu: ▶67}
  - {name: b, bridge: br-b, mtu: ▶65536}
  - {name: c, bridge: br-c, mtu: ▶1500.5}
  - {name: d, bridge: br-d, mtu: ▶'1500'}
  - {name: e, bridge: br-e, mtu: ▶.nan}
  - {name: f, bridge: br-f, mtu: ▶1e400}`,
        subnets: ' []',
        routers: '\n  - name: r',
        floatingips: ' []',
      },
      codes: Array<ErrorCode>(6).fill('BUOY_INVALID_VALUE'),
    },
    {
      name: 'values of another kind',
      with: {
        networks: `
  - ▶public
  - {name: ▶12, bridge: br-a}
  - {name: b, bridge: br-b, 'router:external': ▶maybe}
  - {name: c, bridge: ▶[br-c]}`,
        subnets: `
  - {name: a, network_id: b, cidr: ▶10.0.0.5/24}
  - {name: b, network_id: b, cidr: ▶ten}
  - {name: c, network_id: b, cidr: 10.0.0.0/24, gateway_ip: ▶10.0.0.256}
  - {name: d, network_id: b, cidr: 10.0.0.0/24, allocation_pools: ▶{start: 10.0.0.1}}`,
        routers: `
  - {name: a, interfaces: [▶b]}
  - {name: b, interfaces: [{subnet_id: c, mac_address: ▶01:00:5e:00:00:01}]}
  - {name: c, external_gateway_info: ▶public}`,
        floatingips: `
  - {floating_ip_address: ▶'2001:db8::1', router_id: b, fixed_ip_address: ▶10.0.0}`,
      },
      codes: Array<ErrorCode>(13).fill('BUOY_INVALID_VALUE'),
    },
    {
      name: 'values that are not there',
      with: {
        networks: `\n  - ▶bridge: br-a\n  - ▶{name: b}`,
        subnets: '\n  - ▶{name: s, network_id: b}',
        routers: `
  - name: r
    interfaces: [▶{}]
    external_gateway_info: ▶{}
    ▶routes:`,
        floatingips: '\n  - ▶{floating_ip_address: 203.0.113.10}',
      },
      codes: [
        'BUOY_MISSING_KEY',
        'BUOY_MISSING_KEY',
        'BUOY_MISSING_KEY',
        'BUOY_MISSING_KEY',
        'BUOY_MISSING_KEY',
        'BUOY_INVALID_VALUE',
        'BUOY_MISSING_KEY',
      ],
    },
    {
      name: 'an interface on a subnet without a gateway address',
      with: {
        subnets: SOUND.subnets.replace('cidr: 10.0.0.0/24', 'cidr: 10.0.0.0/24, gateway_ip: null'),
        routers: SOUND.routers.replace('{subnet_id: blue}', '▶{subnet_id: blue}'),
      },
      codes: ['BUOY_MISSING_KEY'],
    },
    {
      name: 'both a bridge and a macvlan NIC',
      with: {
        networks: SOUND.networks.replace('bridge: br-blue', 'bridge: br-blue, ▶macvlan: eth1'),
        more: 'defaults: {bridge: br-a, ▶macvlan: eth1}',
      },
      codes: ['BUOY_INVALID_VALUE', 'BUOY_INVALID_VALUE'],
    },
    {
      name: 'unknown keys',
      with: {
        networks: SOUND.networks.replace('bridge: br-blue', 'bridge: br-blue, ▶bridgge: br-b'),
        routers: SOUND.routers.replace('{network_id: public}', '{network_id: public, ▶enable_snat: true}'),
        more: '▶floatingip: []\n▶__proto__: {}\n▶constructor: 1',
      },
      codes: Array<ErrorCode>(5).fill('BUOY_UNKNOWN_KEY'),
    },
    {
      name: 'keys that are there twice',
      with: {
        networks: SOUND.networks.replace('bridge: br-blue', 'bridge: br-blue, ▶bridge: br-b'),
        more: '▶"routers": []',
      },
      codes: ['BUOY_DUPLICATE', 'BUOY_DUPLICATE'],
    },
  ];
  test.each(cases)('$name', ({ with: changed, codes }) => {
    expectErrors(intent(changed), codes);
  });
});

test('errors of all kinds are found at once, and none that only follows from another', () => {
  const marked = `
▶default: {mtu: 9000}
networks:
  - {name: public, 'router:external': true, bridge: br-ex, ▶colour: red}
  - {name: blue, bridge: ▶br-much-too-long-a-name}
  - {name: green, bridge: br-green, mtu: ▶12}
subnets:
  - {name: public, network_id: public, cidr: 203.0.113.0/24}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24}
  - {name: green, network_id: green, cidr: ▶10.0.0.1/24}
routers:
  - name: blue
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: blue}, {subnet_id: green}, {subnet_id: ▶grene}]
    routes: [{destination: 192.0.2.0/24, nexthop: 10.0.0.7}]
floatingips:
  - {floating_ip_address: 203.0.113.10, router_id: blue, fixed_ip_address: 10.0.0.10}
  - {floating_ip_address: ▶203.0.113.10, router_id: blue, fixed_ip_address: 10.0.0.11}
  - {floating_ip_address: ▶203.0.113.999, router_id: blue, fixed_ip_address: 10.0.0.12}
  - {floating_ip_address: ▶192.0.2.1, router_id: blue, fixed_ip_address: 10.0.0.13}
`;
  expectErrors(marked, [
    'BUOY_UNKNOWN_KEY',
    'BUOY_UNKNOWN_KEY',
    'BUOY_INVALID_NAME',
    'BUOY_INVALID_VALUE',
    'BUOY_INVALID_VALUE',
    'BUOY_UNKNOWN_REFERENCE',
    'BUOY_ADDRESS_IN_USE',
    'BUOY_INVALID_VALUE',
    'BUOY_ADDRESS_OUTSIDE_SUBNET',
  ]);
});

test('more errors than anybody reads are counted', () => {
  const text = intent({ floatingips: '\n  - {floating_ip_address: x, fixed_ip_address: y}'.repeat(100) });
  const errors = errorsOf(() => parseYaml(text, 'intent.yaml'));
  expect(errors).toHaveLength(101);
  expect(errors.at(-1)).toMatchObject({ code: 'BUOY_TOO_MANY_ERRORS', message: 'there are at least 100 more errors' });
});

describe('the mend', () => {
  test.each([
    [
      'networks: {}',
      { networks: SOUND.networks.replace('bridge: br-blue', 'brigde: br-blue') },
      'Did you mean "bridge"?',
    ],
    ['a name', { subnets: SOUND.subnets.replace('network_id: green', 'network_id: gren') }, 'Did you mean "green"?'],
    [
      'a far name',
      { subnets: SOUND.subnets.replace('network_id: green', 'network_id: x') },
      'The networks are: "public", "blue", "green".',
    ],
    [
      'a prefix',
      { subnets: SOUND.subnets.replace('10.0.0.0/24', '10.0.0.7/24') },
      'The bits after the length must be zero: 10.0.0.0/24.',
    ],
    ['text', { networks: SOUND.networks.replace('name: blue', 'name: 12') }, 'Put it in quotes, so that it is text.'],
  ])('of %s is told', (_, changed, remedy) => {
    const errors = errorsOf(() => parseYaml(intent(changed), 'intent.yaml'));
    expect(errors.map((error) => error.remedy)).toContain(remedy);
  });

  test('comes with the value, the key and the place', () => {
    const text = intent({
      floatingips: '\n  - {floating_ip_address: 203.0.114.10, router_id: blue, fixed_ip_address: 10.0.0.10}',
    });
    expect(errorsOf(() => parseYaml(text, 'intent.yaml'))).toMatchObject([
      {
        code: 'BUOY_ADDRESS_OUTSIDE_SUBNET',
        message: 'the floating IP 203.0.114.10 is in no subnet of the network "public" (203.0.113.0/24)',
        subject: 'floatingips[0].floating_ip_address',
        position: { file: 'intent.yaml', line: 17, column: 27 },
      },
    ]);
  });
});
