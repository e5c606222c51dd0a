import type { Network } from '../agent/resource-types.ts';
import { NETWORKS } from '../agent/resource-types.ts';
import { constant, DESCRIPTION, NAME, NEW_NAME, whole } from './kind.ts';
import type { Kind } from './kind.ts';

const MTU = { flags: '--mtu <bytes>', description: 'its MTU, 68 to 65535', attributes: whole('mtu') };

export const NETWORK_KIND: Kind<Network> = {
  type: NETWORKS,
  command: 'network',
  description:
    'Networks that the host of the agent reaches: external ones, which floating IPs come from, and those of tenants.',
  columns: [
    { heading: 'NAME', text: ({ name }) => name },
    { heading: 'EXTERNAL', text: (network) => (network['router:external'] ? 'yes' : 'no') },
    { heading: 'MTU', text: ({ mtu }) => String(mtu) },
    { heading: 'PHYSICAL NETWORK', text: (network) => network['provider:physical_network'] ?? '-' },
    { heading: 'SUBNETS', text: ({ subnets }) => String(subnets.length) },
    { heading: 'ID', text: ({ id }) => id },
  ],
  refersTo: [],
  create: {
    argument: NAME,
    settings: [
      {
        flags: '--external',
        description: 'floating IPs and gateways of routers come from it',
        attributes: constant({ 'router:external': true }),
      },
      {
        flags: '--physical-network <name>',
        description: 'how the host reaches it: a name from the configuration of the agent',
        attributes: ([name]) => ({ 'provider:network_type': 'flat', 'provider:physical_network': name }),
      },
      MTU,
      DESCRIPTION,
    ],
    examples: [
      ['buoy network create public --external --physical-network public', 'where floating IPs come from'],
      ['buoy network create blue --physical-network blue', 'the network of a tenant'],
    ],
  },
  set: {
    settings: [
      NEW_NAME,
      { flags: '--external', description: 'make it external', attributes: constant({ 'router:external': true }) },
      { flags: '--internal', description: 'make it internal', attributes: constant({ 'router:external': false }) },
      MTU,
      DESCRIPTION,
    ],
    examples: [['buoy network set blue --mtu 9000', 'for jumbo frames']],
  },
  examples: {
    list: [
      ['buoy network list', 'all'],
      ['buoy network list --filter router:external=true', 'those that floating IPs come from'],
    ],
    show: [['buoy network show public', 'all that the agent knows of it']],
    delete: [['buoy network delete blue', 'with its subnets; no port may be left on it']],
  },
};
