// Ports of workloads, as the API has them. Those of routers, floating IPs and of this host itself are
// shown and can be named, and are otherwise changed by what they belong to.

import { allocate, fixedIpsOf, release } from './fixed-ips.ts';
import { dissociate, unsettle } from './floating-ip-rows.ts';
import { deletePortRow, insertPort, isOwn, macFor, OWNER } from './port-rows.ts';
import { readResource } from './body.ts';
import { conflict, invalidInput } from './refusals.ts';
import { portCreate, portUpdate } from './resources/port.ts';
import type { FixedIpInput } from './resources/fields.ts';
import type { Row } from './row.ts';
import { booleanOf, textOf } from './row.ts';
import { changeRouter } from './statuses.ts';
import type { Transaction } from './transaction.ts';

/** Attributes of the store's own ports that a client may set. */
const FREE_ATTRIBUTES: ReadonlySet<string> = new Set(['name', 'description', 'admin_state_up']);

export function createPort(tx: Transaction, body: unknown): string {
  const input = readResource(portCreate, 'ports', 'create', body);
  refuseOwner(input.device_owner);
  tx.row('networks', input.network_id);
  return insertPort(tx, {
    network_id: input.network_id,
    project_id: input.project_id ?? input.tenant_id ?? '',
    name: input.name,
    description: input.description,
    admin_state_up: input.admin_state_up,
    device_id: input.device_id,
    device_owner: input.device_owner,
    'binding:host_id': input['binding:host_id'] ?? '',
    'binding:profile': input['binding:profile'] ?? {},
    mac_address: input.mac_address,
    fixed_ips: input.fixed_ips,
    tags: input.tags,
  });
}

export function updatePort(tx: Transaction, id: string, body: unknown): void {
  const input = readResource(portUpdate, 'ports', 'update', body);
  const row = tx.row('ports', id);
  const owner = textOf(row, 'device_owner');
  if (isOwn(owner)) {
    const [refused] = Object.keys(input).filter((key) => !FREE_ATTRIBUTES.has(key));
    if (refused !== undefined) throw servicePortInUse(id, owner, 'updated');
  } else if (input.device_owner !== undefined) refuseOwner(input.device_owner);

  const networkId = textOf(row, 'network_id');
  const { name, description, admin_state_up, device_owner, mac_address } = input;
  const isNewMac = mac_address !== undefined && mac_address !== textOf(row, 'mac_address');
  if (isNewMac) macFor(tx, networkId, mac_address);
  tx.update('ports', id, {
    name,
    description,
    admin_state_up,
    device_owner,
    mac_address,
    device_id: input.device_id === null ? '' : input.device_id,
    'binding:host_id': input['binding:host_id'] === null ? '' : input['binding:host_id'],
    'binding:profile': input['binding:profile'] === null ? {} : input['binding:profile'],
  });
  if (input.fixed_ips !== undefined) replaceFixedIps(tx, id, networkId, input.fixed_ips);
  if (
    owner === OWNER.routerInterface &&
    admin_state_up !== undefined &&
    admin_state_up !== booleanOf(row, 'admin_state_up')
  )
    switchInterface(tx, id, textOf(row, 'device_id'));
}

export function deletePort(tx: Transaction, id: string): void {
  const row = tx.row('ports', id);
  const owner = textOf(row, 'device_owner');
  if (isOwn(owner)) throw servicePortInUse(id, owner, 'deleted');
  for (const floatingIp of floatingIpsOf(tx, id)) dissociate(tx, floatingIp);
  deletePortRow(tx, id);
}

/** What leads over an interface comes and goes with it. */
function switchInterface(tx: Transaction, id: string, routerId: string): void {
  changeRouter(tx, routerId);
  const leadingOver = `SELECT floatingips.id FROM floatingips
    JOIN fixed_ips ON fixed_ips.port_id = floatingips.port_id AND ip_address = fixed_ip_address
    JOIN router_interfaces USING (subnet_id)
    WHERE floatingips.router_id = ? AND router_interfaces.port_id = ?`;
  for (const row of tx.sql.all(leadingOver, routerId, id)) unsettle(tx, textOf(row, 'id'), routerId);
}

/** Addresses that the port keeps stay its own; a floating IP of one that it loses is not associated any more. */
function replaceFixedIps(tx: Transaction, id: string, networkId: string, wanted: readonly FixedIpInput[]): void {
  const asked = new Set(wanted.map((entry) => entry.ip_address));
  const subnets = wanted.filter((entry) => entry.ip_address === undefined).map((entry) => entry.subnet_id);
  const kept = new Set<string>();
  for (const fixedIp of fixedIpsOf(tx, id)) {
    const place = subnets.indexOf(fixedIp.subnetId);
    if (asked.has(fixedIp.address)) kept.add(fixedIp.address);
    else if (place >= 0) {
      subnets.splice(place, 1);
      kept.add(fixedIp.address);
    } else {
      for (const floatingIp of floatingIpsOf(tx, id, fixedIp.address)) dissociate(tx, floatingIp);
      release(tx, fixedIp);
    }
  }
  const certain = wanted.filter((entry) => entry.ip_address !== undefined && !kept.has(entry.ip_address));
  const any = subnets.map((subnet_id) => ({ subnet_id }));
  allocate(tx, { portId: id, networkId, fixedIps: [...certain, ...any], mayBeGateway: true, which: 'lowest' });
  tx.revise('ports', id);
}

function floatingIpsOf(tx: Transaction, portId: string, address?: string): readonly Row[] {
  return tx.sql.all(
    'SELECT * FROM floatingips WHERE port_id = ? AND fixed_ip_address = coalesce(?, fixed_ip_address)',
    portId,
    address ?? null,
  );
}

function refuseOwner(owner: string): void {
  if (isOwn(owner)) throw invalidInput(`a port with the device_owner ${owner} is made by what it belongs to`);
}

function servicePortInUse(id: string, owner: string, verb: 'deleted' | 'updated') {
  const message = `Port ${id} cannot be ${verb} directly via the port API: has device owner ${owner}.`;
  return conflict('ServicePortInUse', message);
}
