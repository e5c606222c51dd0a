// What is refused of routers and floating IPs, with Neutron's status, type and text.

import type { Store } from '../../../src/intent/store/index.ts';
import { make } from '../../support/stores.ts';
import type { World } from '../../support/stores.ts';
import { expectRefusals, idOf, subnet } from '../../support/store-refusals.ts';
import type { Case } from '../../support/store-refusals.ts';

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
    '409 FloatingIPPortAlreadyAssociated: Cannot associate floating IP 203.0.113.3',
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

expectRefusals([
  ['routers', ROUTERS],
  ['ways out', WAYS_OUT],
  ['floating IPs', FLOATING_IPS],
]);
