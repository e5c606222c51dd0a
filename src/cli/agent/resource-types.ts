// The resources of OpenStack Networking v2.0 as this client reads them: it checks what it works with, and
// passes on the rest as it comes.

import { z } from 'zod';

const fixedIp = z.looseObject({ subnet_id: z.string(), ip_address: z.string() });
const status = z.enum(['ACTIVE', 'DOWN', 'ERROR']);
/** Of a status ERROR. */
const error = z.looseObject({ code: z.string(), message: z.string() }).nullish();

const common = { id: z.string(), tags: z.array(z.string()).default([]) };
const named = { ...common, name: z.string() };

const networkSchema = z.looseObject({
  ...named,
  mtu: z.int(),
  'router:external': z.boolean(),
  'provider:physical_network': z.string().nullable(),
  subnets: z.array(z.string()),
  status: z.string(),
});

const subnetSchema = z.looseObject({
  ...named,
  network_id: z.string(),
  cidr: z.string(),
  gateway_ip: z.string().nullable(),
  allocation_pools: z.array(z.looseObject({ start: z.string(), end: z.string() })),
});

const portSchema = z.looseObject({
  ...named,
  network_id: z.string(),
  mac_address: z.string(),
  fixed_ips: z.array(fixedIp),
  device_id: z.string(),
  device_owner: z.string(),
  status: z.string(),
});

const routerSchema = z.looseObject({
  ...named,
  admin_state_up: z.boolean(),
  external_gateway_info: z.looseObject({ network_id: z.string(), external_fixed_ips: z.array(fixedIp) }).nullable(),
  routes: z.array(z.looseObject({ destination: z.string(), nexthop: z.string() })),
  status,
  'buoy:error': error,
});

const floatingIpSchema = z.looseObject({
  ...common,
  floating_network_id: z.string(),
  floating_ip_address: z.string(),
  fixed_ip_address: z.string().nullable(),
  port_id: z.string().nullable(),
  router_id: z.string().nullable(),
  description: z.string(),
  status,
  'buoy:error': error,
});

/** What all resources have. */
export interface Resource {
  readonly id: string;
  readonly tags: readonly string[];
  readonly [attribute: string]: unknown;
}

export type Network = z.output<typeof networkSchema>;
export type Subnet = z.output<typeof subnetSchema>;
export type Port = z.output<typeof portSchema>;
export type Router = z.output<typeof routerSchema>;
export type FloatingIp = z.output<typeof floatingIpSchema>;

/** A collection of the API, and how messages call one of it. */
export interface ResourceType<T extends Resource> {
  readonly noun: string;
  readonly collection: string;
  /** The key of a body: `{"network": …}`. */
  readonly singular: string;
  /** The attribute that people call it by. */
  readonly nameAttribute: 'name' | 'floating_ip_address';
  readonly schema: z.ZodType<T>;
}

export const NETWORKS: ResourceType<Network> = {
  noun: 'network',
  collection: 'networks',
  singular: 'network',
  nameAttribute: 'name',
  schema: networkSchema,
};

export const SUBNETS: ResourceType<Subnet> = {
  noun: 'subnet',
  collection: 'subnets',
  singular: 'subnet',
  nameAttribute: 'name',
  schema: subnetSchema,
};

export const PORTS: ResourceType<Port> = {
  noun: 'port',
  collection: 'ports',
  singular: 'port',
  nameAttribute: 'name',
  schema: portSchema,
};

export const ROUTERS: ResourceType<Router> = {
  noun: 'router',
  collection: 'routers',
  singular: 'router',
  nameAttribute: 'name',
  schema: routerSchema,
};

export const FLOATING_IPS: ResourceType<FloatingIp> = {
  noun: 'floating IP',
  collection: 'floatingips',
  singular: 'floatingip',
  nameAttribute: 'floating_ip_address',
  schema: floatingIpSchema,
};
