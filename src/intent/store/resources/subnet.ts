import { z } from 'zod';
import {
  addressText,
  booleanField,
  idField,
  listField,
  nameField,
  newFields,
  prefixText,
  routesField,
  shownAddress,
  standardShown,
  textField,
} from './fields.ts';

const MOST_NAMESERVERS = 20;

const pool = z.strictObject({ start: addressText, end: addressText });

const writable = {
  name: nameField,
  description: textField,
  gateway_ip: addressText.nullable(),
  allocation_pools: listField(pool),
  enable_dhcp: booleanField,
  dns_nameservers: z.array(addressText).max(MOST_NAMESERVERS),
  host_routes: routesField,
};

export const subnetCreate = z.strictObject({
  ...newFields,
  network_id: idField,
  ip_version: z
    .literal([4, 6, '4', '6'], { error: 'is not 4 or 6' })
    .transform((version) => (Number(version) === 4 ? 4 : 6)),
  cidr: prefixText,
  name: writable.name.default(''),
  description: writable.description.default(''),
  gateway_ip: writable.gateway_ip.optional(),
  allocation_pools: writable.allocation_pools.nullish(),
  enable_dhcp: writable.enable_dhcp.default(true),
  dns_nameservers: writable.dns_nameservers.nullish(),
  host_routes: writable.host_routes.nullish(),
  subnetpool_id: z.null().optional(),
  segment_id: z.null().optional(),
  ipv6_ra_mode: z.null().optional(),
  ipv6_address_mode: z.null().optional(),
});

export const subnetUpdate = z.strictObject(writable).partial();

export const subnetShown = z.object({
  ...standardShown,
  name: nameField,
  network_id: idField,
  ip_version: z.int(),
  cidr: z.string(),
  gateway_ip: shownAddress.nullable(),
  allocation_pools: z.array(z.object({ start: shownAddress, end: shownAddress })),
  enable_dhcp: z.boolean(),
  dns_nameservers: z.array(shownAddress),
  host_routes: z.array(z.object({ destination: z.string(), nexthop: shownAddress })),
  subnetpool_id: z.string().nullable(),
  segment_id: z.string().nullable(),
  ipv6_ra_mode: z.string().nullable(),
  ipv6_address_mode: z.string().nullable(),
  service_types: z.array(z.string()),
});

export type PoolText = z.output<typeof pool>;
