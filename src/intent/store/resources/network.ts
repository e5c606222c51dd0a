import { z } from 'zod';
import { mtuField } from '../../fields.ts';
import {
  booleanField,
  idField,
  integerField,
  nameField,
  newFields,
  standardShown,
  statusField,
  textField,
} from './fields.ts';

const DEFAULT_MTU = 1500;

const networkType = z.enum(['local', 'flat', 'vlan', 'vxlan', 'gre', 'geneve']);

const writable = {
  name: nameField,
  description: textField,
  admin_state_up: booleanField,
  mtu: integerField(mtuField),
  shared: booleanField,
  'router:external': booleanField,
  is_default: booleanField,
};

const provider = {
  'provider:network_type': networkType.nullish(),
  'provider:physical_network': textField.min(1).nullish(),
  'provider:segmentation_id': integerField(z.int().min(0).max(0xffffff)).nullish(),
};

export const networkCreate = z.strictObject({
  ...newFields,
  ...provider,
  name: writable.name.default(''),
  description: writable.description.default(''),
  admin_state_up: writable.admin_state_up.default(true),
  mtu: writable.mtu.default(DEFAULT_MTU),
  shared: writable.shared.default(false),
  'router:external': writable['router:external'].default(false),
  is_default: writable.is_default.default(false),
});

export const networkUpdate = z.strictObject(writable).partial();

export const networkShown = z.object({
  ...standardShown,
  name: nameField,
  admin_state_up: z.boolean(),
  mtu: z.int(),
  shared: z.boolean(),
  'router:external': z.boolean(),
  is_default: z.boolean(),
  'provider:network_type': networkType,
  'provider:physical_network': z.string().nullable(),
  'provider:segmentation_id': z.int().nullable(),
  status: statusField,
  subnets: z.array(idField),
  availability_zone_hints: z.array(z.string()),
  availability_zones: z.array(z.string()),
});
