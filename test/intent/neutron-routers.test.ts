import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { BuoyError } from '../../src/errors.ts';
import { parseNeutronRouters } from '../../src/intent/index.ts';
import type { NeutronOptions } from '../../src/intent/index.ts';
import { must } from '../support/must.ts';
import { bridge, ip, ipv4, link, mac, prefix } from '../support/models.ts';
import { codesOf, errorsOf, unmark } from '../support/faults.ts';

const GOLDEN = readFileSync('test/fixtures/neutron/dvr-openvswitch-routers.json', 'utf8');
const MIXED = readFileSync('test/fixtures/neutron/dvr-snat-openvswitch-routers.json', 'utf8');
const HERE: NeutronOptions = { host: 'labhost' };

const ROUTER = '0c858f80-9449-4ea6-abd3-e997bbf92934';
const PUBLIC = 'd4ae17d3-baef-488a-aa23-5942a9d4818e';
const TENANT = '72d0d4d3-564c-4c54-954e-a513f4b743f7';

test('the list of a real neutron-server', () => {
  expect(parseNeutronRouters(GOLDEN, 'routers.json', HERE)).toEqual({
    networks: new Map([
      [TENANT, { id: TENANT, external: false, mtu: 1450, plug: bridge('brq72d0d4d3-56') }],
      [
        PUBLIC,
        {
          id: PUBLIC,
          external: true,
          mtu: 1500,
          plug: bridge('brqd4ae17d3-ba'),
          agentGateway: {
            id: '84e8ff22-c4cf-486e-8b55-75dabfb9fc5b',
            networkId: PUBLIC,
            mac: mac('fa:16:3e:1d:27:fd'),
            addresses: [{ address: ip('203.0.113.47'), length: 24 }],
            gateways: [ip('203.0.113.1')],
            extraSubnets: [],
          },
        },
      ],
    ]),
    routers: new Map([
      [
        ROUTER,
        {
          id: ROUTER,
          externalNetworkId: PUBLIC,
          interfaces: [
            {
              id: '01ea01ba-27e7-4f66-b83d-30212217ba85',
              networkId: TENANT,
              mac: mac('fa:16:3e:95:e9:05'),
              addresses: [{ address: ip('10.20.0.1'), length: 24 }],
              gateways: [ip('10.20.0.1')],
              extraSubnets: [],
            },
          ],
          routes: [],
          floatingIps: new Map([
            [ipv4('203.0.113.170'), { floating: ipv4('203.0.113.170'), fixed: ipv4('10.20.0.254') }],
            [ipv4('203.0.113.21'), { floating: ipv4('203.0.113.21'), fixed: ipv4('10.20.0.85') }],
          ]),
          snatPorts: [{ networkId: TENANT, address: ipv4('10.20.0.212'), mac: mac('fa:16:3e:ee:33:20') }],
        },
      ],
    ]),
  });
});

test('bridges can be other ones than those of the Linux bridge agent', () => {
  const { networks } = parseNeutronRouters(GOLDEN, 'routers.json', {
    ...HERE,
    bridges: new Map([[PUBLIC, link('br-ex')]]),
  });
  expect(networks.get(PUBLIC)?.plug).toEqual(bridge('br-ex'));
  expect(networks.get(TENANT)?.plug).toEqual(bridge('brq72d0d4d3-56'));
});

/** The parts of a router dict that tests change. */
interface RouterDict {
  [key: string]: unknown;
  gw_port: PortDict | null;
  _interfaces: PortDict[];
  _floatingips: Record<string, unknown>[];
  _floatingip_agent_interfaces: PortDict[];
}
interface PortDict {
  [key: string]: unknown;
  fixed_ips: Record<string, unknown>[];
  subnets: Record<string, unknown>[];
}

describe('a list that differs', () => {
  let router: RouterDict;
  beforeEach(() => {
    const routers: [RouterDict] = JSON.parse(GOLDEN);
    [router] = routers;
  });
  const textOf = (...routers: unknown[]) => JSON.stringify(routers, null, 1);
  const parse = (...routers: unknown[]) => parseNeutronRouters(textOf(...routers), 'routers.json', HERE);
  const failures = (...routers: unknown[]) => errorsOf(() => parse(...routers));
  const first = <T>(list: readonly T[]): T => must(list[0]);
  const floatingIps = () => [...must(parse(router).routers.get(ROUTER)).floatingIps.keys()];

  test('leaves out routers that are switched off, whatever they are', () => {
    router['admin_state_up'] = false;
    router['distributed'] = false;
    expect(parse(router).routers.size).toBe(0);
  });

  test('leaves out floating IPs on other hosts, and takes those that are moving here', () => {
    Object.assign(first(router._floatingips), { host: 'other' });
    expect(floatingIps()).toEqual([ipv4('203.0.113.21')]);
    Object.assign(first(router._floatingips), { dest_host: 'labhost' });
    expect(floatingIps()).toEqual([ipv4('203.0.113.170'), ipv4('203.0.113.21')]);
  });

  test('leaves out floating IPs without a fixed IP', () => {
    Object.assign(first(router._floatingips), { fixed_ip_address: null });
    expect(floatingIps()).toEqual([ipv4('203.0.113.21')]);
  });

  test('leaves out interfaces that are switched off, with the floating IPs behind them', () => {
    Object.assign(first(router._interfaces), { admin_state_up: false });
    const model = must(parse(router).routers.get(ROUTER));
    expect([model.interfaces, model.floatingIps.size]).toEqual([[], 0]);
  });

  test('may lack what a router without gateway and interfaces lacks', () => {
    for (const key of Object.keys(router)) if (key.startsWith('_') || key === 'gw_port') delete router[key];
    expect(parse(router).routers.get(ROUTER)).toEqual({
      id: ROUTER,
      interfaces: [],
      routes: [],
      floatingIps: new Map(),
      snatPorts: [],
    });
  });

  test('may have keys that a later Neutron adds', () => {
    router['flavour'] = { taste: ['salt'] };
    first(router._interfaces)['colour'] = 'red';
    expect(parse(router)).toEqual(parseNeutronRouters(GOLDEN, 'routers.json', HERE));
  });

  test('has extra subnets on the gateway port only, as the agent does', () => {
    const extra = { id: 'b0b0b0b0-0000-0000-0000-000000000000', cidr: '198.51.100.0/24', gateway_ip: null };
    Object.assign(first(router._floatingip_agent_interfaces), { extra_subnets: [extra] });
    Object.assign(first(router._interfaces), { extra_subnets: [{ ...extra, id: 'c0', cidr: '10.21.0.0/24' }] });
    const model = parse(router);
    expect(model.networks.get(PUBLIC)?.agentGateway?.extraSubnets).toEqual([prefix('198.51.100.0/24')]);
    expect(model.routers.get(ROUTER)?.interfaces[0]?.extraSubnets).toEqual([]);
  });

  test("may have this host's ports on other networks", () => {
    const [port] = router._floatingip_agent_interfaces;
    router._floatingip_agent_interfaces.unshift({ ...must(port), id: 'other', network_id: TENANT });
    expect(parse(router)).toEqual(parseNeutronRouters(GOLDEN, 'routers.json', HERE));
  });

  test('has extra routes', () => {
    router['routes'] = [{ destination: '172.16.0.0/12', nexthop: '10.20.0.9' }];
    expect(parse(router).routers.get(ROUTER)?.routes).toEqual([
      { destination: prefix('172.16.0.0/12'), nexthop: ip('10.20.0.9') },
    ]);
  });

  describe('and is wrong: the error stands at the value when', () => {
    const cases: readonly (readonly [string, () => unknown, unknown])[] = [
      ['BUOY_ROUTER_UNSUPPORTED [0].distributed', () => (router['distributed'] = false), false],
      ['BUOY_ROUTER_UNSUPPORTED [0].ha', () => (router['ha'] = true), true],
      ['BUOY_INVALID_VALUE [0]._interfaces[0].mtu', () => (first(router._interfaces)['mtu'] = 70000), 70000],
      [
        'BUOY_INVALID_VALUE [0]._interfaces[0].mac_address',
        () => (first(router._interfaces)['mac_address'] = 'x'),
        'x',
      ],
      ['BUOY_INVALID_NAME [0].id', () => (router['id'] = '../../etc'), '../../etc'],
      [
        'BUOY_INVALID_VALUE [0]._interfaces[0].fixed_ips[0].prefixlen',
        () => (first(first(router._interfaces).fixed_ips)['prefixlen'] = 64),
        64,
      ],
      [
        'BUOY_INVALID_VALUE [0]._floatingips[1].floating_ip_address',
        () => (must(router._floatingips[1])['floating_ip_address'] = '2001:db8::7'),
        '2001:db8::7',
      ],
      [
        'BUOY_ADDRESS_IN_USE [0]._floatingips[1].floating_ip_address',
        () => (must(router._floatingips[1])['floating_ip_address'] = '203.0.113.47'),
        '203.0.113.47',
      ],
      [
        'BUOY_ADDRESS_OUTSIDE_SUBNET [0]._floatingips[1].floating_ip_address',
        () => (must(router._floatingips[1])['floating_ip_address'] = '192.0.2.7'),
        '192.0.2.7',
      ],
      [
        'BUOY_FIXED_IP_UNREACHABLE [0]._floatingips[0].fixed_ip_address',
        () => (first(router._floatingips)['fixed_ip_address'] = '192.0.2.7'),
        '192.0.2.7',
      ],
      [
        'BUOY_NO_EXTERNAL_GATEWAY [0]._floatingips[0].floating_network_id',
        () => (first(router._floatingips)['floating_network_id'] = TENANT),
        TENANT,
      ],
      [
        'BUOY_NEXTHOP_UNREACHABLE [0].routes[0].nexthop',
        () => (router['routes'] = [{ destination: '172.16.0.0/12', nexthop: '192.0.2.9' }]),
        '192.0.2.9',
      ],
    ];
    test.each(cases)('%s', (expected, change, value) => {
      change();
      const [error, ...others] = failures(router);
      expect(others).toEqual([]);
      const { code, subject, position } = must(error);
      expect(`${code} ${subject}`).toBe(expected);
      const { line, column } = must(position);
      const lineText = must(textOf(router).split('\n')[line - 1]);
      expect(lineText.slice(column - 1).startsWith(JSON.stringify(value))).toBe(true);
    });

    test('a key is missing, at what lacks it', () => {
      delete first(router._interfaces)['mac_address'];
      expect(failures(router)).toMatchObject([{ code: 'BUOY_MISSING_KEY', subject: '[0]._interfaces[0].mac_address' }]);
    });

    test('a router is there twice', () => {
      expect(codesOf(failures(router, router))).toContain('BUOY_DUPLICATE');
    });
  });
});

test('a host that the list does not know is told which ones it knows', () => {
  expect(errorsOf(() => parseNeutronRouters(GOLDEN, 'routers.json', { host: 'elsewhere' }))).toMatchObject([
    {
      code: 'BUOY_HOST_UNKNOWN',
      message: `there is no gateway port on the external network ${PUBLIC} for the host "elsewhere"`,
      remedy: 'Give this host\'s name in Neutron with `--host`. The list has ports for: "labhost".',
      position: { file: 'routers.json', line: 2, column: 2 },
    },
  ]);
});

test('routers that are not distributed are refused by name', () => {
  expect(errorsOf(() => parseNeutronRouters(MIXED, 'routers.json', HERE))).toMatchObject([
    { code: 'BUOY_ROUTER_UNSUPPORTED', message: expect.stringContaining('"r-legacy"'), subject: '[0].distributed' },
  ]);
});

test('an empty list is not taken to mean that all shall go, unless so said', () => {
  expect(errorsOf(() => parseNeutronRouters('[]', 'routers.json', HERE))).toMatchObject([
    { code: 'BUOY_INTENT_EMPTY', position: { line: 1, column: 1 } },
  ]);
  expect(parseNeutronRouters('[]', 'routers.json', { ...HERE, allowEmpty: true }).routers.size).toBe(0);
});

describe('texts that cannot be read', () => {
  test.each([
    ['nothing', '▶', 'BUOY_INTENT_EMPTY'],
    ['white space', '▶ \n\n', 'BUOY_INTENT_EMPTY'],
    ['half a list', '[\n {"id": "a"},\n▶', 'BUOY_JSON_SYNTAX'],
    ['a comma too many', '[\n {"id": "a",▶}\n]', 'BUOY_JSON_SYNTAX'],
    ['YAML', '▶- id: a\n', 'BUOY_JSON_SYNTAX'],
    ['a NUL byte', '["▶\u0000"]', 'BUOY_FILE_NOT_TEXT'],
    ['a mapping', '▶{}', 'BUOY_INVALID_VALUE'],
    ['an answer with its envelope', ' ▶{"result": []}', 'BUOY_INVALID_VALUE'],
    ['null', '▶null', 'BUOY_INVALID_VALUE'],
    ['a list of something else', '[▶"a"]', 'BUOY_INVALID_VALUE'],
    ['half of a million nested lists', `${'['.repeat(1_000_000)}▶`, 'BUOY_JSON_SYNTAX'],
    ['a million nested lists', `[▶${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]`, 'BUOY_INVALID_VALUE'],
    ['a million nested mappings', `[▶${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}]`, 'BUOY_MISSING_KEY'],
  ])('%s', (_, marked, code) => {
    const { text, positions } = unmark(marked, 'routers.json');
    const errors = errorsOf(() => parseNeutronRouters(text, 'routers.json', HERE));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(BuoyError);
    expect(errors[0]).toMatchObject({ code, position: positions[0] });
  });
});
