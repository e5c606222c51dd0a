import { z } from 'zod';
import {
  booleanField,
  fixedIpField,
  fixedIpShown,
  idField,
  macText,
  nameField,
  only,
  newFields,
  standardShown,
  textField,
} from './fields.ts';

/** Neutron's `max_fixed_ips_per_port` is 5; a router's port on a network with many IPv6 subnets needs more. */
const MOST_FIXED_IPS = 20;

const none = z.array(z.unknown()).max(0, { error: 'Buoy has none of these, so the list has to be empty' });

const writable = {
  name: nameField,
  description: textField,
  admin_state_up: booleanField,
  mac_address: macText,
  fixed_ips: z.array(fixedIpField).max(MOST_FIXED_IPS),
  device_id: textField,
  device_owner: textField,
  'binding:host_id': textField,
  'binding:profile': z.record(z.string().max(255), z.unknown()).refine(isSmall, { error: 'is too large' }),
  'binding:vnic_type': only('normal', 'Buoy has no kind but "normal"'),
  allowed_address_pairs: none,
  extra_dhcp_opts: none,
  security_groups: none,
  port_security_enabled: only(false, 'Buoy has no port security'),
};

export const portCreate = z.strictObject({
  ...newFields,
  network_id: idField,
  name: writable.name.default(''),
  description: writable.description.default(''),
  admin_state_up: writable.admin_state_up.default(true),
  mac_address: writable.mac_address.optional(),
  fixed_ips: writable.fixed_ips.optional(),
  device_id: writable.device_id.default(''),
  device_owner: writable.device_owner.default(''),
  'binding:host_id': writable['binding:host_id'].nullish(),
  'binding:profile': writable['binding:profile'].nullish(),
  'binding:vnic_type': writable['binding:vnic_type'].optional(),
  allowed_address_pairs: writable.allowed_address_pairs.nullish(),
  extra_dhcp_opts: writable.extra_dhcp_opts.nullish(),
  security_groups: writable.security_groups.nullish(),
  port_security_enabled: writable.port_security_enabled.optional(),
});

export const portUpdate = z.strictObject({
  ...z.strictObject(writable).partial().shape,
  device_id: writable.device_id.nullish(),
  'binding:host_id': writable['binding:host_id'].nullish(),
  'binding:profile': writable['binding:profile'].nullish(),
});

export const portShown = z.object({
  ...standardShown,
  name: nameField,
  network_id: idField,
  mac_address: z.string(),
  fixed_ips: z.array(fixedIpShown),
  admin_state_up: z.boolean(),
  status: z.enum(['ACTIVE', 'DOWN', 'N/A']),
  device_id: textField,
  device_owner: textField,
  'binding:host_id': textField,
  'binding:profile': z.record(z.string(), z.unknown()),
  'binding:vnic_type': z.string(),
  'binding:vif_type': z.string(),
  'binding:vif_details': z.record(z.string(), z.unknown()),
  allowed_address_pairs: z.array(z.unknown()),
  extra_dhcp_opts: z.array(z.unknown()),
  security_groups: z.array(z.string()),
  port_security_enabled: z.boolean(),
});

function isSmall(profile: unknown): boolean {
  return JSON.stringify(profile).length <= 4095;
}
