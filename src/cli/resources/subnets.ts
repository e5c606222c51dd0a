import type { Subnet } from '../agent/resource-types.ts';
import { NETWORKS, SUBNETS } from '../agent/resource-types.ts';
import { DESCRIPTION, NAME, NEW_NAME, reference } from './kind.ts';
import type { Attributes, Kind } from './kind.ts';

const GATEWAY = {
  flags: '--gateway <address>',
  description: 'the gateway of its workloads, or none (default: the first address)',
  attributes: ([address]: readonly string[]): Attributes => ({ gateway_ip: address === 'none' ? null : address }),
};
const POOLS = {
  flags: '--pool <first-last>',
  isRepeatable: true as const,
  description: 'where addresses may be chosen from; can be given more than once (default: all)',
  attributes: (pools: readonly string[]): Attributes => ({ allocation_pools: pools.map(poolOf) }),
};

export const SUBNET_KIND: Kind<Subnet> = {
  type: SUBNETS,
  command: 'subnet',
  description: 'Ranges of addresses on networks.',
  columns: [
    { heading: 'NAME', text: ({ name }) => name },
    { heading: 'NETWORK', text: (subnet, nameOf) => nameOf(subnet.network_id) },
    { heading: 'CIDR', text: ({ cidr }) => cidr },
    { heading: 'GATEWAY', text: (subnet) => subnet.gateway_ip ?? '-' },
    { heading: 'ID', text: ({ id }) => id },
  ],
  refersTo: [NETWORKS],
  create: {
    argument: NAME,
    settings: [
      {
        flags: '--network <network>',
        description: 'the network that it is of',
        isRequired: true,
        attributes: reference('network_id', NETWORKS),
      },
      {
        flags: '--cidr <prefix>',
        description: 'its addresses: 10.0.0.0/24',
        isRequired: true,
        attributes: ([cidr = '']) => ({ cidr, ip_version: cidr.includes(':') ? 6 : 4 }),
      },
      GATEWAY,
      POOLS,
      DESCRIPTION,
    ],
    examples: [
      ['buoy subnet create web --network blue --cidr 10.0.0.0/24', 'with its gateway'],
      ['buoy subnet create out --network public --cidr 9.0.0.0/8 --pool 9.0.0.9-9.0.0.99', 'with a pool'],
    ],
  },
  set: {
    settings: [NEW_NAME, GATEWAY, POOLS, DESCRIPTION],
    examples: [['buoy subnet set web --gateway 10.0.0.254', 'while no router has the former one']],
  },
  examples: {
    list: [['buoy subnet list', 'all']],
    show: [['buoy subnet show web', 'all that the agent knows of it']],
    delete: [['buoy subnet delete web', 'no port may have an address of it']],
  },
};

function poolOf(text: string): Attributes {
  const [start, end = start] = text.split('-');
  return { start, end };
}
