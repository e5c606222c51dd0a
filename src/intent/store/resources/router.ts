import { z } from 'zod';
import {
  booleanField,
  errorField,
  fixedIpField,
  fixedIpShown,
  idField,
  listField,
  nameField,
  only,
  newFields,
  routeField,
  routesField,
  shownAddress,
  standardShown,
  statusField,
  textField,
} from './fields.ts';

const MOST_GATEWAY_ADDRESSES = 20;

const gateway = z.strictObject({
  network_id: idField,
  external_fixed_ips: z.array(fixedIpField).max(MOST_GATEWAY_ADDRESSES).optional(),
  enable_snat: only(false, 'Buoy has no centralized SNAT: the way out is a floating IP').optional(),
});

/** An empty object clears the gateway as null does. */
const gatewayField = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? null : value),
  gateway.nullable(),
);

const writable = {
  name: nameField,
  description: textField,
  admin_state_up: booleanField,
  external_gateway_info: gatewayField,
  distributed: only(true, 'Buoy has distributed routers only'),
  ha: only(false, 'Buoy has no highly available routers'),
};

export const routerCreate = z.strictObject({
  ...newFields,
  name: writable.name.default(''),
  description: writable.description.default(''),
  admin_state_up: writable.admin_state_up.default(true),
  external_gateway_info: writable.external_gateway_info.optional(),
  distributed: writable.distributed.optional(),
  ha: writable.ha.optional(),
});

export const routerUpdate = z
  .strictObject({ ...writable, routes: z.preprocess((value) => value ?? [], routesField) })
  .partial();

export const routerShown = z.object({
  ...standardShown,
  name: nameField,
  admin_state_up: z.boolean(),
  status: statusField,
  'buoy:error': errorField,
  external_gateway_info: z
    .object({ network_id: idField, enable_snat: z.boolean(), external_fixed_ips: z.array(fixedIpShown) })
    .nullable(),
  routes: z.array(z.object({ destination: z.string(), nexthop: shownAddress })),
  distributed: z.boolean(),
  ha: z.boolean(),
  flavor_id: z.string().nullable(),
  availability_zone_hints: z.array(z.string()),
  availability_zones: z.array(z.string()),
});

export const routerInterfaceBody = z.strictObject({ subnet_id: idField.optional(), port_id: idField.optional() });

export const routerInterfaceShown = z.object({
  id: idField,
  project_id: textField,
  tenant_id: textField,
  port_id: idField,
  network_id: idField,
  subnet_id: idField,
  subnet_ids: z.array(idField),
});

export const extraRoutesBody = z.strictObject({ routes: listField(routeField) });

export type GatewayInput = z.output<typeof gateway>;
