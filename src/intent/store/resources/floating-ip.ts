import { z } from 'zod';
import { portShown } from './port.ts';
import { ipv4Field } from '../../fields.ts';
import { formatAddress } from '../../../model/address.ts';
import { errorField, idField, newFields, shownAddress, standardShown, statusField, textField } from './fields.ts';

const ipv4Text = ipv4Field.transform(formatAddress);

const writable = {
  description: textField,
  port_id: idField.nullable(),
  fixed_ip_address: ipv4Text.nullable(),
};

export const floatingIpCreate = z.strictObject({
  ...newFields,
  floating_network_id: idField,
  floating_ip_address: ipv4Text.nullish(),
  subnet_id: idField.nullish(),
  description: writable.description.default(''),
  port_id: writable.port_id.optional(),
  fixed_ip_address: writable.fixed_ip_address.optional(),
});

export const floatingIpUpdate = z.strictObject(writable).partial();

/** Of the port that it leads to (neutron-lib, fip_port_details.py). */
const portDetails = portShown.pick({
  name: true,
  network_id: true,
  mac_address: true,
  admin_state_up: true,
  status: true,
  device_id: true,
  device_owner: true,
});

export const floatingIpShown = z.object({
  ...standardShown,
  floating_network_id: idField,
  floating_ip_address: shownAddress,
  floating_port_id: idField,
  port_id: idField.nullable(),
  fixed_ip_address: shownAddress.nullable(),
  router_id: idField.nullable(),
  port_details: portDetails.nullable(),
  status: statusField,
  'buoy:error': errorField,
});
