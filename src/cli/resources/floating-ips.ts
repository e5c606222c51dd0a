import { BuoyError } from '../../errors.ts';
import { enumerate } from '../../model/problem.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import type { FloatingIp } from '../agent/resource-types.ts';
import { FLOATING_IPS, NETWORKS, PORTS, ROUTERS } from '../agent/resource-types.ts';
import { waitUntilActive } from '../agent/settle.ts';
import { constant, DESCRIPTION, plain, reference } from './kind.ts';
import type { Attributes, Context, Kind } from './kind.ts';
import { statusText } from './text.ts';

const PORT = {
  flags: '--port <port>',
  description: 'the port that it leads to',
  attributes: reference('port_id', PORTS),
};
const FIXED_IP = {
  flags: '--fixed-ip <address>',
  description: 'the address that it leads to: which one of the port, or without a port, whoever has it',
  attributes: async ([address = '']: readonly string[], context: Context<FloatingIp>): Promise<Attributes> => ({
    fixed_ip_address: address,
    ...(!context.given.has('port') && { port_id: await portOf(address, context) }),
  }),
};

export const FLOATING_IP_KIND: Kind<FloatingIp> = {
  type: FLOATING_IPS,
  command: 'floating-ip',
  description: 'Floating IPs: public addresses that lead to workloads, one to one. They are called by their address.',
  columns: [
    { heading: 'FLOATING IP', text: (floatingIp) => floatingIp.floating_ip_address },
    { heading: 'FIXED IP', text: (floatingIp) => floatingIp.fixed_ip_address ?? '-' },
    { heading: 'STATUS', text: statusText },
    { heading: 'ROUTER', text: (floatingIp, nameOf) => nameOf(floatingIp.router_id) },
    { heading: 'NETWORK', text: (floatingIp, nameOf) => nameOf(floatingIp.floating_network_id) },
    { heading: 'ID', text: ({ id }) => id },
  ],
  refersTo: [NETWORKS, ROUTERS],
  create: {
    argument: {
      flags: '<network>',
      description: 'the external network that it comes from',
      attributes: reference('floating_network_id', NETWORKS),
    },
    settings: [
      {
        flags: '--address <address>',
        description: 'the address (default: a free one)',
        attributes: plain('floating_ip_address'),
      },
      PORT,
      FIXED_IP,
      DESCRIPTION,
    ],
    examples: [
      ['buoy floating-ip create public --port web', 'a free one, for a port'],
      ['buoy floating-ip create public --address 203.0.113.9 --fixed-ip 10.0.0.9', 'a certain one'],
      ['buoy floating-ip create public', 'one for later'],
    ],
  },
  set: {
    settings: [PORT, FIXED_IP, DESCRIPTION],
    examples: [['buoy floating-ip set 203.0.113.10 --port web2', 'let it lead elsewhere']],
  },
  unset: {
    settings: [{ flags: '--port', description: 'let it lead nowhere', attributes: constant({ port_id: null }) }],
    examples: [['buoy floating-ip unset 203.0.113.10 --port', 'keep the address, for later']],
  },
  examples: {
    list: [
      ['buoy floating-ip list', 'all'],
      ['buoy floating-ip list --filter status=ERROR', 'those that do not work'],
    ],
    show: [['buoy floating-ip show 203.0.113.10', 'all that the agent knows of it']],
    delete: [['buoy floating-ip delete 203.0.113.10', 'give the address back']],
  },
  settle: settleFloatingIp,
};

/** One that leads nowhere is DOWN, and that is right. */
async function settleFloatingIp(client: AgentClient, floatingIp: FloatingIp, seconds: number): Promise<FloatingIp> {
  if (floatingIp.router_id === null) return floatingIp;
  const what = `floating IP ${floatingIp.floating_ip_address}`;
  return waitUntilActive({ client, type: FLOATING_IPS, what, seconds }, floatingIp);
}

/** The port that the floating IP leads to, if it has that address; else the one that does. */
async function portOf(address: string, { client, current }: Context<FloatingIp>): Promise<string> {
  const holders = await client.list(PORTS, { fixed_ips: `ip_address=${address}` });
  const ports = holders.filter((port) => !/^network:(router_|floatingip)/.test(port.device_owner));
  const [first, second] = ports;
  if (first === undefined)
    throw new BuoyError('BUOY_NAME_UNKNOWN', `no port has the address ${address}`, {
      remedy: `Make one: \`buoy port create NAME --network NETWORK --fixed-ip ${address}\`.`,
    });
  const same = ports.find((port) => port.id === current?.port_id);
  if (same !== undefined || second === undefined) return (same ?? first).id;
  throw new BuoyError('BUOY_NAME_AMBIGUOUS', `${ports.length} ports have the address ${address}`, {
    remedy: `Say which one with --port: ${enumerate(ports, ({ id }) => id)}.`,
  });
}
