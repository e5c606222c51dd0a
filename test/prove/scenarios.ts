// What users do with floating IPs, one thing at a time: a host in the state before, and what is wanted then.

import type { HostState } from '../../src/host/state.ts';
import type { Model, Network, Port, Router } from '../../src/model/model.ts';
import { bridge, external, macvlan, modelOf, network, NOTHING, port, router, snatPort } from '../support/models.ts';
import { neutronHost } from './neutron-host.ts';

export interface Scenario {
  readonly name: string;
  /** The host when the first run begins, or the intent that it was brought to before. */
  readonly before: HostState | Model;
  readonly after: Model;
}

interface World {
  readonly externals: readonly Network[];
  readonly tenants: readonly Network[];
  readonly routers: readonly Router[];
}

const [PUBLIC, OTHER_PUBLIC] = ['a0000001', 'a0000002'];
const [BLUE, GREEN, RED] = ['d0000001', 'd0000002', 'd0000003'];

const publicNetwork = (
  text: Partial<Parameters<typeof external>[1]> = {},
  settings: Parameters<typeof external>[2] = {},
): Network =>
  external(
    PUBLIC,
    { port: 'f0000001', addresses: ['203.0.113.10/24'], gateways: ['203.0.113.1'], ...text },
    { plug: bridge('br-a'), ...settings },
  );
const otherPublicNetwork = external(
  OTHER_PUBLIC,
  { port: 'f0000002', addresses: ['198.51.100.10/24'], gateways: ['198.51.100.1'] },
  { plug: macvlan('eth0') },
);
const tenantNetwork = (number: number, settings: Parameters<typeof network>[1] = {}): Network =>
  network(`c000000${number}`, { plug: bridge('br-b'), ...settings });
const portOn = (number: number, owner: number, word = `b000000${owner}`): Port =>
  port(`${word.slice(0, 6)}${number}${owner}`, `c000000${number}`, { addresses: [`10.${number}.0.${owner}/24`] });

type RouterText = NonNullable<Parameters<typeof router>[1]>;

const BLUE_TEXT = {
  external: PUBLIC,
  interfaces: [portOn(1, 1), portOn(2, 1)],
  floatingIps: { '203.0.113.101': '10.1.0.10', '203.0.113.102': '10.2.0.20' },
} satisfies RouterText;
const GREEN_TEXT = {
  external: PUBLIC,
  interfaces: [portOn(2, 2)],
  floatingIps: { '203.0.113.103': '10.2.0.30' },
} satisfies RouterText;
const RED_TEXT = {
  external: OTHER_PUBLIC,
  interfaces: [portOn(3, 3)],
  routes: { '192.168.0.0/16': '10.3.0.254' },
  floatingIps: { '198.51.100.101': '10.3.0.10' },
  snatPorts: [snatPort('c0000003', '10.3.0.200', 'fa:16:3e:00:00:c8')],
} satisfies RouterText;

const blue = (text: RouterText = {}): Router => router(BLUE, { ...BLUE_TEXT, ...text });
const green = (text: RouterText = {}): Router => router(GREEN, { ...GREEN_TEXT, ...text });
const red = (text: RouterText = {}): Router => router(RED, { ...RED_TEXT, ...text });

const WORLD: World = {
  externals: [publicNetwork(), otherPublicNetwork],
  tenants: [tenantNetwork(1), tenantNetwork(2), tenantNetwork(3)],
  routers: [blue(), green(), red()],
};

/** The world, but for what is given. */
function world(but: Partial<World> = {}): Model {
  const { externals, tenants, routers } = { ...WORLD, ...but };
  return modelOf([...externals, ...tenants], routers);
}

const withPublic = (...settings: Parameters<typeof publicNetwork>): Model =>
  world({ externals: [publicNetwork(...settings), otherPublicNetwork] });
const withTenant = (settings: Parameters<typeof network>[1]): Model =>
  world({ tenants: [tenantNetwork(1, settings), tenantNetwork(2, settings), tenantNetwork(3)] });

const many = (first: number, count: number, subnet: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`203.0.113.${first + index}`, `${subnet}.${100 + index}`]),
  );

/** Both ways between two intents. */
function thereAndBack(there: string, back: string, other: Model): Scenario[] {
  return [
    { name: there, before: world(), after: other },
    { name: back, before: other, after: world() },
  ];
}

export const SCENARIOS: readonly Scenario[] = [
  ...thereAndBack('everything goes', 'everything is made', NOTHING),
  ...thereAndBack(
    'a floating IP is added',
    'a floating IP is removed',
    world({
      routers: [blue({ floatingIps: { ...BLUE_TEXT.floatingIps, '203.0.113.104': '10.1.0.11' } }), green(), red()],
    }),
  ),
  ...thereAndBack(
    'many floating IPs are added',
    'many floating IPs are removed',
    world({
      routers: [
        blue({ floatingIps: { ...BLUE_TEXT.floatingIps, ...many(110, 5, '10.1.0') } }),
        green({ floatingIps: { ...GREEN_TEXT.floatingIps, ...many(130, 5, '10.2.0') } }),
        red(),
      ],
    }),
  ),
  {
    name: 'the last floating IP of a router is removed',
    before: world(),
    after: world({ routers: [blue(), green({ floatingIps: {} }), red()] }),
  },
  {
    name: 'a floating IP gets another fixed IP',
    before: world(),
    after: world({
      routers: [blue({ floatingIps: { ...BLUE_TEXT.floatingIps, '203.0.113.101': '10.1.0.11' } }), green(), red()],
    }),
  },
  {
    name: 'two floating IPs exchange their fixed IPs',
    before: world(),
    after: world({
      routers: [blue({ floatingIps: { '203.0.113.101': '10.2.0.20', '203.0.113.102': '10.1.0.10' } }), green(), red()],
    }),
  },
  ...thereAndBack(
    'a floating IP moves to another router',
    'a floating IP moves back',
    world({
      routers: [
        blue({ floatingIps: { '203.0.113.101': '10.1.0.10' } }),
        green({ floatingIps: { ...GREEN_TEXT.floatingIps, '203.0.113.102': '10.2.0.20' } }),
        red(),
      ],
    }),
  ),
  {
    name: 'two routers exchange floating IPs',
    before: world(),
    after: world({
      routers: [
        blue({ floatingIps: { '203.0.113.101': '10.1.0.10', '203.0.113.103': '10.2.0.20' } }),
        green({ floatingIps: { '203.0.113.102': '10.2.0.30' } }),
        red(),
      ],
    }),
  },
  {
    name: 'a floating IP moves to a new router, and its router goes',
    before: world({ routers: [blue(), red()] }),
    after: world({
      routers: [green({ floatingIps: BLUE_TEXT.floatingIps, interfaces: [portOn(1, 2), portOn(2, 2)] }), red()],
    }),
  },
  {
    name: 'the gateway of an external network changes',
    before: world(),
    after: withPublic({ gateways: ['203.0.113.2'] }),
  },
  ...thereAndBack(
    'the gateway of an external network is no longer on its subnet',
    'the gateway of an external network is on its subnet again',
    withPublic({ gateways: ['192.0.2.1'] }),
  ),
  ...thereAndBack(
    'an external network loses its gateway',
    'an external network gets a gateway',
    withPublic({ gateways: [] }),
  ),
  ...thereAndBack(
    'an external network gets IPv6 and another subnet',
    'an external network loses IPv6 and a subnet',
    withPublic({
      addresses: ['203.0.113.10/24', '2001:db8::10/64'],
      gateways: ['203.0.113.1', '2001:db8::1'],
      extraSubnets: ['203.0.114.0/24'],
    }),
  ),
  {
    name: "the gateway port's address changes",
    before: world(),
    after: withPublic({ addresses: ['203.0.113.11/24'] }),
  },
  {
    name: 'the gateway port is replaced',
    before: world(),
    after: withPublic({ port: 'f1000001' }),
  },
  {
    name: "the gateway port's MAC address changes",
    before: world(),
    after: modelOf([changeMac(publicNetwork()), otherPublicNetwork, ...WORLD.tenants], WORLD.routers),
  },
  {
    name: 'a router gets another external network',
    before: world(),
    after: world({
      routers: [blue(), green({ external: OTHER_PUBLIC, floatingIps: { '198.51.100.103': '10.2.0.30' } }), red()],
    }),
  },
  {
    name: 'the only router of an external network gets another one',
    before: world(),
    after: world({
      routers: [blue(), green(), red({ external: PUBLIC, floatingIps: { '203.0.113.104': '10.3.0.10' } })],
    }),
  },
  ...thereAndBack(
    'a router loses its external gateway',
    'a router gets an external gateway',
    world({ routers: [blue(), router(GREEN, { interfaces: [portOn(2, 2)] }), red()] }),
  ),
  ...thereAndBack(
    'an interface is added to a router',
    'an interface is removed from a router',
    world({ routers: [blue(), green({ interfaces: [portOn(2, 2), portOn(3, 2)] }), red()] }),
  ),
  {
    name: "a router's port is replaced",
    before: world(),
    after: world({ routers: [blue({ interfaces: [portOn(1, 1), portOn(2, 1, 'b1000001')] }), green(), red()] }),
  },
  {
    name: 'the MTUs of an external and of a tenant network change',
    before: world(),
    after: world({
      externals: [publicNetwork({}, { mtu: 1400 }), otherPublicNetwork],
      tenants: [tenantNetwork(1), tenantNetwork(2, { mtu: 1300 }), tenantNetwork(3)],
    }),
  },
  ...thereAndBack(
    'an external network is plugged into a device and no bridge',
    'an external network is plugged into a bridge and no device',
    withPublic({}, { plug: macvlan('eth1') }),
  ),
  ...thereAndBack(
    "tenants' networks are plugged into a device and no bridge",
    "tenants' networks are plugged into a bridge and no device",
    withTenant({ plug: macvlan('eth1') }),
  ),
  {
    name: 'networks are plugged into another bridge and another device',
    before: world(),
    after: world({
      externals: [publicNetwork({}, { plug: bridge('br-b') }), { ...otherPublicNetwork, plug: macvlan('eth1') }],
      tenants: [tenantNetwork(1, { plug: bridge('br-a') }), tenantNetwork(2), tenantNetwork(3)],
    }),
  },
  ...thereAndBack(
    'a router gets no more snat port and no more routes',
    'a router gets a snat port and routes',
    world({ routers: [blue(), green(), red({ snatPorts: [], routes: {} })] }),
  ),
  ...thereAndBack(
    'a router goes, and others of its network stay',
    'a router is added to a network that has others',
    world({ routers: [blue(), red()] }),
  ),
  ...thereAndBack(
    'the only router of an external network goes',
    'an external network gets its first router',
    world({ routers: [blue(), green()] }),
  ),
  ...(['openvswitch', 'linuxbridge'] as const).map((driver): Scenario => {
    const { state, model } = neutronHost(driver);
    return {
      name: `a host with Neutron's own state, plugged by ${driver}, is taken over`,
      before: state,
      after: model,
    };
  }),
  ...(['openvswitch', 'linuxbridge'] as const).map((driver): Scenario => {
    const { state } = neutronHost(driver);
    return { name: `Neutron's own state, plugged by ${driver}, goes`, before: state, after: NOTHING };
  }),
];

function changeMac(changed: Network): Network {
  const { agentGateway } = changed;
  return { ...changed, ...(agentGateway && { agentGateway: { ...agentGateway, mac: portOn(9, 9).mac } }) };
}
