// Routers and their gateways.

import { readResource } from './body.ts';
import { settleAgentGateway } from './agent-gateway.ts';
import { fixedIpsOf } from './fixed-ips.ts';
import { externalNetwork } from './networks.ts';
import { refuseOverlapWith } from './overlaps.ts';
import { deletePortRow, insertPort, OWNER } from './port-rows.ts';
import { badResource, conflict } from './refusals.ts';
import { routerCreate, routerUpdate } from './resources/router.ts';
import type { GatewayInput } from './resources/router.ts';
import { refuseLossOf, setRoutes } from './routes.ts';
import { booleanOf, textOrNull } from './row.ts';
import { changeRouter } from './statuses.ts';
import type { Transaction } from './transaction.ts';
import { withdraw } from './withdrawn.ts';

export function createRouter(tx: Transaction, body: unknown): string {
  const input = readResource(routerCreate, 'routers', 'create', body);
  const id = tx.insert(
    'routers',
    {
      project_id: input.project_id ?? input.tenant_id ?? '',
      name: input.name,
      description: input.description,
      admin_state_up: input.admin_state_up,
      routes: [],
    },
    input.tags,
  );
  tx.changes.routers.add(id);
  if (input.external_gateway_info) setGateway(tx, id, input.external_gateway_info);
  return id;
}

export function updateRouter(tx: Transaction, id: string, body: unknown): void {
  const input = readResource(routerUpdate, 'routers', 'update', body);
  const { name, description, admin_state_up, external_gateway_info: gateway, routes } = input;
  const wasUp = booleanOf(tx.row('routers', id), 'admin_state_up');
  tx.update('routers', id, { name, description, admin_state_up });
  if (gateway === null) clearGateway(tx, id);
  else if (gateway !== undefined) setGateway(tx, id, gateway);
  if (routes !== undefined) setRoutes(tx, id, routes);
  if (admin_state_up === undefined || admin_state_up === wasUp) return;
  changeRouter(tx, id);
  const external = textOrNull(tx.row('routers', id), 'external_network_id');
  if (external !== null) tx.changes.networks.add(external);
}

/** With its gateway. Throws 409 RouterInUse. */
export function deleteRouter(tx: Transaction, id: string): void {
  tx.row('routers', id);
  if (tx.sql.has('SELECT 1 FROM router_interfaces WHERE router_id = ?', id))
    throw conflict('RouterInUse', `Router ${id} still has ports`);
  tx.update('routers', id, { routes: [] });
  clearGateway(tx, id);
  tx.sql.run('DELETE FROM router_statuses WHERE router_id = ?', id);
  tx.remove('routers', id);
  withdraw(tx, id);
  tx.changes.routers.add(id);
}

function clearGateway(tx: Transaction, id: string): void {
  const row = tx.row('routers', id);
  const port = textOrNull(row, 'gateway_port_id');
  const networkId = textOrNull(row, 'external_network_id');
  if (port === null || networkId === null) return;
  refuseFloatingIps(tx, id, networkId);
  const subnets = fixedIpsOf(tx, port).map((fixedIp) => fixedIp.subnetId);
  refuseLossOf(tx, id, subnets);
  dropGateway(tx, id, port);
  settleAgentGateway(tx, networkId);
}

function setGateway(tx: Transaction, id: string, gateway: GatewayInput): void {
  const { network_id: networkId, external_fixed_ips: fixedIps } = gateway;
  const row = tx.row('routers', id);
  const formerPort = textOrNull(row, 'gateway_port_id');
  const formerNetwork = textOrNull(row, 'external_network_id');
  if (formerPort !== null && formerNetwork === networkId && hasAll(tx, formerPort, fixedIps)) return;
  externalNetwork(tx, networkId, (message) => badResource('router', message));
  if (!tx.sql.has('SELECT 1 FROM subnets WHERE network_id = ? AND ip_version = 4', networkId))
    throw badResource('router', `Network ${networkId} does not contain any IPv4 subnet`);
  refuseOverlapWith(tx, id, networkId);
  if (formerPort !== null && formerNetwork !== null) {
    if (formerNetwork !== networkId) refuseFloatingIps(tx, id, formerNetwork);
    dropGateway(tx, id, formerPort);
    if (formerNetwork !== networkId) settleAgentGateway(tx, formerNetwork);
  }
  const port = insertPort(tx, {
    network_id: networkId,
    project_id: '',
    device_owner: OWNER.routerGateway,
    device_id: id,
    fixed_ips: fixedIps === undefined || fixedIps.length === 0 ? undefined : fixedIps,
  });
  tx.update('routers', id, { gateway_port_id: port, external_network_id: networkId });
  changeRouter(tx, id);
  // Routes over the former gateway have to fit the new one.
  refuseLossOf(tx, id, []);
  settleAgentGateway(tx, networkId);
}

function dropGateway(tx: Transaction, id: string, port: string): void {
  tx.update('routers', id, { gateway_port_id: null, external_network_id: null });
  changeRouter(tx, id);
  deletePortRow(tx, port);
}

/** Whether a gateway port has the addresses that are asked for, so that it can stay. */
function hasAll(tx: Transaction, portId: string, wanted: GatewayInput['external_fixed_ips']): boolean {
  if (wanted === undefined) return true;
  const own = fixedIpsOf(tx, portId);
  const fits = wanted.every((entry) =>
    own.some(
      ({ subnetId, address }) =>
        (entry.subnet_id ?? subnetId) === subnetId && (entry.ip_address ?? address) === address,
    ),
  );
  return fits && (wanted.length === 0 || wanted.length === own.length);
}

function refuseFloatingIps(tx: Transaction, id: string, networkId: string): void {
  if (!tx.sql.has('SELECT 1 FROM floatingips WHERE router_id = ?', id)) return;
  const message = `Gateway cannot be updated for router ${id}, since a gateway to external network ${networkId} is required by one or more floating IPs.`;
  throw conflict('RouterExternalGatewayInUseByFloatingIp', message);
}
