// A network of the store as part of the Model.

import type { Network, Plug, Port } from '../../model/model.ts';
import { linuxBridgeName } from '../../model/names.ts';
import { portModel } from './model-port.ts';
import { OWNER } from './port-rows.ts';
import type { Row } from './row.ts';
import { booleanOf, integerOf, prefixOf, textOf, textOrNull } from './row.ts';
import type { Sql } from './sql.ts';

/** Undefined when there is none with that id. */
export function networkModel(sql: Sql, plugs: ReadonlyMap<string, Plug>, id: string): Network | undefined {
  const row = sql.get('SELECT * FROM networks WHERE id = ?', id);
  if (row === undefined) return undefined;
  const network = {
    id,
    external: booleanOf(row, 'router:external'),
    mtu: integerOf(row, 'mtu'),
    plug: plugOf(row, plugs),
  };
  const agentGateway = agentGatewayOf(sql, id);
  return agentGateway === undefined ? network : { ...network, agentGateway };
}

/** A flat network is plugged as its physical network is; any other has a bridge of its own, named as Neutron's Linux bridge agent does. */
function plugOf(row: Row, plugs: ReadonlyMap<string, Plug>): Plug {
  const physical =
    textOf(row, 'provider:network_type') === 'flat' ? textOrNull(row, 'provider:physical_network') : null;
  const plug = physical === null ? undefined : plugs.get(physical);
  return plug ?? { driver: 'bridge', bridge: linuxBridgeName(textOf(row, 'id')) };
}

/** This host's own port, where a router that is switched on has its gateway. */
function agentGatewayOf(sql: Sql, networkId: string): Port | undefined {
  const row = sql.get(
    `SELECT * FROM ports WHERE device_owner = ? AND network_id = ?
       AND EXISTS (SELECT 1 FROM routers WHERE external_network_id = network_id AND admin_state_up)`,
    OWNER.agentGateway,
    networkId,
  );
  if (row === undefined) return undefined;
  const others = sql.all(
    `SELECT cidr FROM subnets WHERE network_id = ?
       AND id NOT IN (SELECT subnet_id FROM fixed_ips WHERE port_id = ?) ORDER BY rowid`,
    networkId,
    textOf(row, 'id'),
  );
  return { ...portModel(sql, row), extraSubnets: others.map((subnet) => prefixOf(subnet, 'cidr')) };
}
