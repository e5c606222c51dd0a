// What Buoy uses of the router dicts that Neutron's `sync_routers` answers (neutron/db/l3_db.py,
// l3_dvr_db.py). Neutron sends much more and every release adds to it, so other keys are let pass;
// those that are used have to be right.

import { z } from 'zod';
import { addressBits } from '../../model/address.ts';
import { addressField, idField, ipv4Field, macField, mtuField, prefixField } from '../fields.ts';
import { listOf } from '../list-of.ts';

const subnet = z.object({
  id: idField,
  cidr: prefixField,
  gateway_ip: addressField.nullable(),
});

const fixedIp = z
  .object({
    ip_address: addressField,
    /** Bits; the length of its subnet. */
    prefixlen: z.int().min(0).max(128),
  })
  .refine(({ ip_address: address, prefixlen }) => prefixlen <= addressBits(address), {
    path: ['prefixlen'],
    error: 'is too long for an IPv4 address',
  });

const port = z.object({
  id: idField,
  network_id: idField,
  mac_address: macField,
  mtu: mtuField,
  admin_state_up: z.boolean().default(true),
  'binding:host_id': z.string().default(''),
  fixed_ips: listOf(fixedIp),
  subnets: listOf(subnet).default([]),
  extra_subnets: listOf(subnet).default([]),
});

const floatingIp = z.object({
  floating_ip_address: ipv4Field,
  floating_network_id: idField,
  /** Null while it is associated with no port, or with port forwardings only. */
  fixed_ip_address: ipv4Field.nullable(),
  host: z.string().nullish(),
  /** Where it is moving to. */
  dest_host: z.string().nullish(),
});

const route = z.object({
  destination: prefixField,
  nexthop: addressField,
});

/** Keys that begin with `_` are what the server adds for agents. */
const router = z.object({
  id: idField,
  name: z.string().default(''),
  admin_state_up: z.boolean().default(true),
  distributed: z.boolean().default(false),
  ha: z.boolean().default(false),
  gw_port: port.nullish(),
  routes: listOf(route).default([]),
  _interfaces: listOf(port).default([]),
  _floatingips: listOf(floatingIp).default([]),
  _floatingip_agent_interfaces: listOf(port).default([]),
  _snat_router_interfaces: listOf(port).default([]),
});

export const routerListSchema = listOf(router);

export type NeutronRouter = z.output<typeof router>;
export type NeutronPort = z.output<typeof port>;
export type NeutronSubnet = z.output<typeof subnet>;
