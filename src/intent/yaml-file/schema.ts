// The YAML format, once: what is read, its types, and (by json-schema.ts) what editors complete.
// Names of keys and their meaning are those of OpenStack Networking API v2.0, as far as it has them.

import { z } from 'zod';
import { addressField, idField, ipv4Field, linkNameField, macField, mtuField, prefixField } from '../fields.ts';
import { shortListOf } from '../list-of.ts';

const nameField = z.string().min(1).max(255);
const reference = z.string().min(1).max(255);

export const defaultsSchema = z
  .strictObject({
    mtu: mtuField.optional().describe('MTU of networks that give none, in bytes, 68 to 65535. Default: 1500.'),
    bridge: linkNameField.optional().describe('Linux bridge of networks that name neither `bridge` nor `macvlan`.'),
    macvlan: linkNameField
      .optional()
      .describe('NIC for macvlan devices, for networks that name neither `bridge` nor `macvlan`.'),
  })
  .meta({
    description: 'What holds on this host for networks that do not say otherwise.',
    not: { required: ['bridge', 'macvlan'] },
  });

export const networkSchema = z
  .strictObject({
    name: nameField.describe('Name, for references and messages. Where there is no `id`, it is the id as well.'),
    id: idField
      .optional()
      .describe(
        'Unique id, such as the UUID in OpenStack. It becomes part of the namespace name `fip-<id>`. Default: the name.',
      ),
    'router:external': z
      .boolean()
      .optional()
      .describe('Whether floating IPs and router gateways come from this network. Default: false.'),
    mtu: mtuField.optional().describe('MTU in bytes, 68 to 65535. Default: that of `defaults`.'),
    bridge: linkNameField
      .optional()
      .describe('Linux bridge on this host that ports of the network are plugged into, such as `br-ex`.'),
    macvlan: linkNameField
      .optional()
      .describe('NIC of this host on which ports of the network become macvlan devices (bridge mode), such as `eth1`.'),
    agent_gateway_ip: ipv4Field
      .optional()
      .describe(
        "IPv4 address of this host's own port `fg-…` on an external network. Default: the highest address of the subnets' allocation pools that nothing in the file uses.",
      ),
    agent_gateway_mac: macField
      .optional()
      .describe("MAC address of this host's own port on an external network. Default: derived from the network's id."),
  })
  .meta({ description: 'A layer-2 network, as this host reaches it.', not: { required: ['bridge', 'macvlan'] } });

const allocationPool = z
  .strictObject({
    start: addressField.describe('First address of the pool.'),
    end: addressField.describe('Last address of the pool.'),
  })
  .describe('A range of addresses, both ends included.');

export const subnetSchema = z
  .strictObject({
    name: nameField.describe('Name, for references and messages. Where there is no `id`, it is the id as well.'),
    id: idField.optional().describe('Unique id, such as the UUID in OpenStack. Default: the name.'),
    network_id: reference.describe('Id or name of the network that the subnet is of.'),
    cidr: prefixField.describe('Its addresses, as a prefix: 10.0.0.0/24. Subnets of different routers may overlap.'),
    gateway_ip: addressField
      .nullable()
      .optional()
      .describe('Address of its gateway, inside the subnet or out of it; null for none. Default: the first address.'),
    allocation_pools: shortListOf(allocationPool)
      .optional()
      .describe(
        'Where addresses may be chosen from. Default: all of the subnet but its network, broadcast and gateway address.',
      ),
  })
  .describe('A range of IP addresses on a network.');

const routerInterface = z
  .strictObject({
    subnet_id: reference.describe('Id or name of the subnet. The router gets one port for each subnet.'),
    ip_address: addressField
      .optional()
      .describe("Address of the router in the subnet. Default: the subnet's gateway_ip."),
    mac_address: macField
      .optional()
      .describe('MAC address of the port. Default: derived from the ids of router and subnet.'),
  })
  .describe('A port of the router on a tenant network.');

const extraRoute = z
  .strictObject({
    destination: prefixField.describe('Where packets go to, as a prefix.'),
    nexthop: addressField.describe('Address that they are sent to, in a subnet that the router is connected to.'),
  })
  .describe('A static route in the router.');

const externalGatewayInfo = z
  .strictObject({
    network_id: reference.describe('Id or name of an external network.'),
  })
  .describe("The router's way out.");

export const routerSchema = z
  .strictObject({
    name: nameField.describe('Name, for references and messages. Where there is no `id`, it is the id as well.'),
    id: idField
      .optional()
      .describe(
        'Unique id, such as the UUID in OpenStack. It becomes part of the namespace name `qrouter-<id>`. Default: the name.',
      ),
    external_gateway_info: externalGatewayInfo
      .nullable()
      .optional()
      .describe("The router's way out. Floating IPs need one."),
    interfaces: shortListOf(routerInterface)
      .optional()
      .describe('Subnets that the router connects. They may not overlap.'),
    routes: shortListOf(extraRoute).optional().describe('Static routes, beyond those to the connected subnets.'),
  })
  .describe('A distributed router. Each becomes a namespace on this host.');

export const floatingIpSchema = z
  .strictObject({
    floating_ip_address: ipv4Field.describe('The public IPv4 address.'),
    floating_network_id: reference
      .optional()
      .describe(
        "Id or name of the external network. Default: the network of the router's gateway or, without `router_id`, the one that has the address.",
      ),
    router_id: reference
      .optional()
      .describe('Id or name of the router. May be left out when only one router on the network reaches the fixed IP.'),
    fixed_ip_address: ipv4Field.describe("The workload's own IPv4 address, on a subnet of the router."),
    description: z.string().max(255).optional().describe('For people; without effect.'),
  })
  .describe('A public address that leads to a workload, one to one.');

export const fileSchema = z
  .strictObject({
    defaults: defaultsSchema.optional(),
    networks: z.array(networkSchema).optional().describe('Networks that this host reaches.'),
    subnets: z.array(subnetSchema).optional().describe('Subnets of those networks.'),
    routers: z.array(routerSchema).min(1).describe('Routers that this host serves.'),
    floatingips: z.array(floatingIpSchema).optional().describe('Floating IPs of those routers.'),
  })
  .meta({
    title: 'Buoy intent',
    description: 'What floating IPs a host shall serve, with the field names of OpenStack Networking.',
  });

const section = z.array(z.unknown()).default([]);

/** The top of a file alone, whose sections are then read entry by entry. */
export const sectionsSchema = z.strictObject({
  defaults: z.unknown().default({}),
  networks: section,
  subnets: section,
  routers: section,
  floatingips: section,
} satisfies Record<keyof typeof fileSchema.shape, z.ZodType>);

export type Defaults = z.output<typeof defaultsSchema>;
export type NetworkEntry = z.output<typeof networkSchema>;
export type SubnetEntry = z.output<typeof subnetSchema>;
export type RouterEntry = z.output<typeof routerSchema>;
export type InterfaceEntry = z.output<typeof routerInterface>;
export type FloatingIpEntry = z.output<typeof floatingIpSchema>;
