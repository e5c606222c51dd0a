// A port of the store as part of the Model.

import type { Port } from '../../model/model.ts';
import type { Row } from './row.ts';
import { addressOf, macOf, prefixOf, textOf } from './row.ts';
import type { Sql } from './sql.ts';

/** A port with its addresses and the gateways of their subnets. */
export function portModel(sql: Sql, row: Row): Port {
  const id = textOf(row, 'id');
  const places = sql.all(
    `SELECT ip_address, cidr, gateway_ip FROM fixed_ips JOIN subnets ON subnets.id = subnet_id
     WHERE port_id = ? ORDER BY position`,
    id,
  );
  return {
    id,
    networkId: textOf(row, 'network_id'),
    mac: macOf(row, 'mac_address'),
    addresses: places.map((place) => ({
      address: addressOf(place, 'ip_address'),
      length: prefixOf(place, 'cidr').length,
    })),
    gateways: places.flatMap((place) => (place['gateway_ip'] === null ? [] : [addressOf(place, 'gateway_ip')])),
    extraSubnets: [],
  };
}
