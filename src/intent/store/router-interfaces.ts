// A router's ports on tenant networks (neutron/db/l3_db.py, add_router_interface).

import { readBody } from './body.ts';
import { isIpv4 } from '../../model/address.ts';
import { fixedIpsOf } from './fixed-ips.ts';
import { refuseOverlapOf } from './overlaps.ts';
import { deletePortRow, insertPort, OWNER } from './port-rows.ts';
import { badResource, conflict } from './refusals.ts';
import { NetworkingError } from './networking.ts';
import { routerInterfaceBody } from './resources/router.ts';
import { refuseLossOf } from './routes.ts';
import { prefixOf, textOf, textOrNull } from './row.ts';
import { changeRouter } from './statuses.ts';
import type { Transaction } from './transaction.ts';

/** Answers as Neutron does: the router, the port, and the subnets that it is in. */
export function addInterface(tx: Transaction, routerId: string, body: unknown): Readonly<Record<string, unknown>> {
  const { subnet_id: subnetId, port_id: portId } = readBody(routerInterfaceBody, body);
  tx.row('routers', routerId);
  if (subnetId !== undefined && portId !== undefined)
    throw badResource('router', 'Cannot specify both subnet-id and port-id');
  if (subnetId === undefined && portId === undefined)
    throw badResource('router', 'Either subnet_id or port_id must be specified');
  const port = portId === undefined ? newPort(tx, routerId, subnetId ?? '') : existingPort(tx, routerId, portId);
  const subnets = subnetsOf(tx, port);
  for (const id of subnets) {
    tx.sql.run('INSERT INTO router_interfaces (router_id, subnet_id, port_id) VALUES (?, ?, ?)', routerId, id, port);
  }
  noteInterfaces(tx, routerId);
  return interfaceShown(tx, routerId, port, subnets);
}

/** Throws 404 RouterInterfaceNotFound…, 409 RouterInterfaceInUseBy…, SubnetMismatchForPort. */
export function removeInterface(tx: Transaction, routerId: string, body: unknown): Readonly<Record<string, unknown>> {
  const { subnet_id: subnetId, port_id: portId } = readBody(routerInterfaceBody, body);
  tx.row('routers', routerId);
  const port = interfaceOf(tx, routerId, subnetId, portId);
  const subnets = subnetsOf(tx, port);
  if (subnetId !== undefined && !subnets.includes(subnetId))
    throw conflict('SubnetMismatchForPort', `Subnet on port ${port} does not match the requested subnet ${subnetId}.`);
  for (const id of subnets) refuseFloatingIps(tx, routerId, id);
  refuseLossOf(tx, routerId, subnets);
  const shown = interfaceShown(tx, routerId, port, subnets);
  tx.sql.run('DELETE FROM router_interfaces WHERE port_id = ?', port);
  deletePortRow(tx, port);
  noteInterfaces(tx, routerId);
  return shown;
}

function newPort(tx: Transaction, routerId: string, subnetId: string): string {
  const subnet = tx.row('subnets', subnetId);
  const gateway = textOrNull(subnet, 'gateway_ip');
  if (gateway === null) throw badResource('router', 'Subnet for router interface must have a gateway IP');
  refuseOverlapOf(tx, routerId, { id: subnetId, cidr: prefixOf(subnet, 'cidr') });
  return insertPort(tx, {
    network_id: textOf(subnet, 'network_id'),
    project_id: textOf(tx.row('routers', routerId), 'project_id'),
    device_owner: OWNER.routerInterface,
    device_id: routerId,
    fixed_ips: [{ subnet_id: subnetId, ip_address: gateway }],
  });
}

/** A port that a client has made for the router. */
function existingPort(tx: Transaction, routerId: string, portId: string): string {
  const port = tx.row('ports', portId);
  const device = textOf(port, 'device_id');
  const networkId = textOf(port, 'network_id');
  if (device !== '') {
    const message = `Unable to complete operation on port ${portId} for network ${networkId}. Port already has an attached device ${device}.`;
    throw conflict('PortInUse', message);
  }
  if (tx.sql.has('SELECT 1 FROM floatingips WHERE port_id = ?', portId))
    throw badResource('router', `Port ${portId} has a floating IP, so it cannot be a router's`);
  const subnets = subnetsOf(tx, portId).map((id) => ({ id, cidr: prefixOf(tx.row('subnets', id), 'cidr') }));
  if (subnets.length === 0) throw badResource('router', `Port ${portId} must have at least one fixed IP`);
  if (subnets.filter(({ cidr }) => isIpv4(cidr.address)).length > 1)
    throw badResource('router', 'Cannot have multiple IPv4 subnets on router port');
  if (new Set(subnets.map(({ id }) => id)).size < subnets.length)
    throw badResource('router', `Port ${portId} has several fixed IPs of one subnet`);
  for (const subnet of subnets) refuseOverlapOf(tx, routerId, subnet);
  tx.update('ports', portId, { device_id: routerId, device_owner: OWNER.routerInterface });
  return portId;
}

function interfaceOf(
  tx: Transaction,
  routerId: string,
  subnetId: string | undefined,
  portId: string | undefined,
): string {
  if (portId !== undefined) {
    const query = 'SELECT 1 FROM router_interfaces WHERE router_id = ? AND port_id = ?';
    if (tx.sql.has(query, routerId, portId)) return portId;
    const message = `Router ${routerId} does not have an interface with id ${portId}`;
    throw new NetworkingError(404, 'RouterInterfaceNotFound', message);
  }
  if (subnetId === undefined) throw badResource('router', 'Either subnet_id or port_id must be specified');
  const query = 'SELECT port_id FROM router_interfaces WHERE router_id = ? AND subnet_id = ?';
  const row = tx.sql.get(query, routerId, subnetId);
  if (row !== undefined) return textOf(row, 'port_id');
  const message = `Router ${routerId} has no interface on subnet ${subnetId}`;
  throw new NetworkingError(404, 'RouterInterfaceNotFoundForSubnet', message);
}

function refuseFloatingIps(tx: Transaction, routerId: string, subnetId: string): void {
  const isUsed = tx.sql.has(
    `SELECT 1 FROM floatingips JOIN fixed_ips USING (port_id)
     WHERE router_id = ? AND subnet_id = ? AND ip_address = fixed_ip_address LIMIT 1`,
    routerId,
    subnetId,
  );
  if (!isUsed) return;
  const message = `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more floating IPs.`;
  throw conflict('RouterInterfaceInUseByFloatingIP', message);
}

function subnetsOf(tx: Transaction, portId: string): readonly string[] {
  return fixedIpsOf(tx, portId).map((fixedIp) => fixedIp.subnetId);
}

function noteInterfaces(tx: Transaction, routerId: string): void {
  tx.revise('routers', routerId);
  changeRouter(tx, routerId);
}

function interfaceShown(
  tx: Transaction,
  routerId: string,
  portId: string,
  subnets: readonly string[],
): Readonly<Record<string, unknown>> {
  const project = textOf(tx.row('routers', routerId), 'project_id');
  return {
    id: routerId,
    project_id: project,
    tenant_id: project,
    port_id: portId,
    network_id: textOf(tx.row('ports', portId), 'network_id'),
    subnet_id: subnets[0],
    subnet_ids: subnets,
  };
}
