import type { Port } from '../agent/resource-types.ts';
import { NETWORKS, PORTS } from '../agent/resource-types.ts';
import { DESCRIPTION, NAME, NEW_NAME, plain, reference } from './kind.ts';
import type { Attributes, Kind } from './kind.ts';

const FIXED_IPS = {
  flags: '--fixed-ip <address>',
  isRepeatable: true as const,
  description: 'an address of it; can be given more than once (default: a free one)',
  attributes: (addresses: readonly string[]): Attributes => ({
    fixed_ips: addresses.map((address) => ({ ip_address: address })),
  }),
};
const MAC = { flags: '--mac <address>', description: 'its MAC address', attributes: plain('mac_address') };
const DEVICE = { flags: '--device-id <id>', description: 'whose port it is', attributes: plain('device_id') };
const HOST = {
  flags: '--host <name>',
  description: 'the host that its workload is on',
  attributes: plain('binding:host_id'),
};

export const PORT_KIND: Kind<Port> = {
  type: PORTS,
  command: 'port',
  description:
    'Ports of workloads, which floating IPs lead to. Those of routers, and of the agent itself, are listed, too.',
  columns: [
    { heading: 'NAME', text: ({ name }) => (name === '' ? '-' : name) },
    { heading: 'NETWORK', text: (port, nameOf) => nameOf(port.network_id) },
    { heading: 'FIXED IPS', text: (port) => port.fixed_ips.map((fixed) => fixed.ip_address).join(', ') },
    { heading: 'MAC ADDRESS', text: (port) => port.mac_address },
    { heading: 'OWNER', text: (port) => (port.device_owner === '' ? '-' : port.device_owner) },
    { heading: 'ID', text: ({ id }) => id },
  ],
  refersTo: [NETWORKS],
  create: {
    argument: NAME,
    settings: [
      {
        flags: '--network <network>',
        description: 'the network that it is on',
        isRequired: true,
        attributes: reference('network_id', NETWORKS),
      },
      FIXED_IPS,
      MAC,
      DEVICE,
      HOST,
      DESCRIPTION,
    ],
    examples: [
      ['buoy port create web --network blue', 'with a free address'],
      ['buoy port create web --network blue --fixed-ip 10.0.0.10', 'with this one'],
    ],
  },
  set: {
    settings: [NEW_NAME, FIXED_IPS, MAC, DEVICE, HOST, DESCRIPTION],
    examples: [['buoy port set web --fixed-ip 10.0.0.11', 'another address, in place of all that it has']],
  },
  examples: {
    list: [
      ['buoy port list', 'all'],
      ['buoy port list --filter fixed_ips=ip_address=10.0.0.10', 'who has an address'],
    ],
    show: [['buoy port show web', 'all that the agent knows of it']],
    delete: [['buoy port delete web', 'its floating IPs lead nowhere then']],
  },
};
