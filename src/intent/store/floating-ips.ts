// Floating IPs (neutron/db/l3_db.py).

import { isIpv4, parseAddress } from '../../model/address.ts';
import { readResource } from './body.ts';
import { fixedIpsOf } from './fixed-ips.ts';
import type { FixedIp } from './fixed-ips.ts';
import { forgetUnsettled, setAssociation } from './floating-ip-rows.ts';
import type { Association } from './floating-ip-rows.ts';
import { NetworkingError } from './networking.ts';
import { externalNetwork } from './networks.ts';
import { deletePortRow, insertPort, isOwn, OWNER } from './port-rows.ts';
import { badResource, conflict } from './refusals.ts';
import { floatingIpCreate, floatingIpUpdate } from './resources/floating-ip.ts';
import type { Row } from './row.ts';
import { textOf, textOrNull } from './row.ts';
import type { Transaction } from './transaction.ts';

export function createFloatingIp(tx: Transaction, body: unknown): string {
  const input = readResource(floatingIpCreate, 'floatingips', 'create', body);
  const { floating_network_id: networkId } = input;
  externalNetwork(tx, networkId, (message) => badResource('floatingip', message));
  const port = insertPort(tx, {
    network_id: networkId,
    project_id: '',
    device_owner: OWNER.floatingIp,
    device_id: '',
    fixed_ips: [wish(tx, networkId, input.subnet_id ?? undefined, input.floating_ip_address ?? undefined)],
  });
  const [fixedIp] = fixedIpsOf(tx, port);
  const id = tx.insert(
    'floatingips',
    {
      project_id: input.project_id ?? input.tenant_id ?? '',
      description: input.description,
      floating_network_id: networkId,
      floating_ip_address: fixedIp?.address,
      floating_port_id: port,
    },
    input.tags,
  );
  tx.update('ports', port, { device_id: id });
  associate(tx, id, input.port_id ?? null, input.fixed_ip_address ?? null);
  return id;
}

export function updateFloatingIp(tx: Transaction, id: string, body: unknown): void {
  const { description, port_id, fixed_ip_address } = readResource(floatingIpUpdate, 'floatingips', 'update', body);
  tx.row('floatingips', id);
  tx.update('floatingips', id, { description });
  if (port_id !== undefined || (fixed_ip_address !== undefined && fixed_ip_address !== null))
    associate(tx, id, port_id ?? null, fixed_ip_address ?? null);
}

export function deleteFloatingIp(tx: Transaction, id: string): void {
  const row = tx.row('floatingips', id);
  const routerId = textOrNull(row, 'router_id');
  if (routerId !== null) tx.changes.floatingIp(routerId, textOf(row, 'floating_ip_address'));
  forgetUnsettled(tx, id);
  tx.remove('floatingips', id);
  deletePortRow(tx, textOf(row, 'floating_port_id'));
}

/** An address of IPv4: the one that is asked for, or any of the subnet or of the network. */
function wish(tx: Transaction, networkId: string, subnetId: string | undefined, address: string | undefined) {
  const query = `SELECT id FROM subnets WHERE network_id = ? AND ip_version = 4 AND id = coalesce(?, id)
    ORDER BY NOT EXISTS (SELECT 1 FROM free_ranges WHERE subnet_id = subnets.id), rowid`;
  const subnet = tx.sql.get(query, networkId, subnetId ?? null);
  if (subnet === undefined) {
    const message =
      subnetId === undefined
        ? `Network ${networkId} does not contain any IPv4 subnet`
        : `Subnet ${subnetId} is no IPv4 subnet of the network ${networkId}`;
    throw badResource('floatingip', message);
  }
  if (address === undefined) return { subnet_id: textOf(subnet, 'id') };
  return subnetId === undefined ? { ip_address: address } : { subnet_id: subnetId, ip_address: address };
}

function associate(tx: Transaction, id: string, portId: string | null, fixedAddress: string | null): void {
  const row = tx.row('floatingips', id);
  if (portId === null) {
    if (fixedAddress !== null)
      throw badResource('floatingip', 'fixed_ip_address cannot be specified without a port_id');
    if (textOrNull(row, 'port_id') !== null) setAssociation(tx, row, undefined);
    return;
  }
  const association = associationOf(tx, row, portId, fixedAddress);
  const isSame =
    textOrNull(row, 'port_id') === portId &&
    textOrNull(row, 'fixed_ip_address') === association.fixedAddress &&
    textOrNull(row, 'router_id') === association.routerId;
  if (!isSame) setAssociation(tx, row, association);
}

function associationOf(tx: Transaction, row: Row, portId: string, fixedAddress: string | null): Association {
  const owner = textOf(tx.row('ports', portId), 'device_owner');
  if (isOwn(owner)) throw badResource('floatingip', `Port ${portId} is of ${owner} and cannot have a floating IP`);
  const fixed = fixedIpOf(tx, portId, fixedAddress);
  refuseSecond(tx, row, portId, fixed);
  const networkId = textOf(row, 'floating_network_id');
  return { portId, fixedAddress: fixed.address, routerId: routerFor(tx, networkId, portId, fixed.subnetId) };
}

function fixedIpOf(tx: Transaction, portId: string, wanted: string | null): FixedIp {
  const all = fixedIpsOf(tx, portId).filter(({ address }) => isIpv4Text(address));
  if (wanted !== null) {
    const found = all.find(({ address }) => address === wanted);
    if (found !== undefined) return found;
    throw badResource('floatingip', `Port ${portId} does not have fixed ip ${wanted}`);
  }
  const [first, second] = all;
  if (first === undefined)
    throw badResource('floatingip', `Cannot add floating IP to port ${portId} that has no fixed IPv4 addresses`);
  if (second !== undefined) {
    const message = `Port ${portId} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`;
    throw badResource('floatingip', message);
  }
  return first;
}

function isIpv4Text(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isIpv4(address);
}

function refuseSecond(tx: Transaction, row: Row, portId: string, fixed: FixedIp): void {
  const id = textOf(row, 'id');
  const networkId = textOf(row, 'floating_network_id');
  const query =
    'SELECT 1 FROM floatingips WHERE port_id = ? AND fixed_ip_address = ? AND floating_network_id = ? AND id <> ?';
  if (!tx.sql.has(query, portId, fixed.address, networkId, id)) return;
  const message = `Cannot associate floating IP ${textOf(row, 'floating_ip_address')} (${id}) with port ${portId} using fixed IP ${fixed.address}, as that fixed IP already has a floating IP on external network ${networkId}.`;
  throw conflict('FloatingIPPortAlreadyAssociated', message);
}

/** The router on the port's subnet with a gateway on the network; of several the one that is the subnet's gateway. */
function routerFor(tx: Transaction, networkId: string, portId: string, subnetId: string): string {
  const row = tx.sql.get(
    `SELECT routers.id FROM router_interfaces
       JOIN routers ON routers.id = router_interfaces.router_id
       JOIN subnets ON subnets.id = router_interfaces.subnet_id
       LEFT JOIN fixed_ips ON fixed_ips.subnet_id = subnets.id AND ip_address = gateway_ip
         AND fixed_ips.port_id = router_interfaces.port_id
     WHERE router_interfaces.subnet_id = ? AND external_network_id = ?
     ORDER BY fixed_ips.port_id IS NULL, routers.rowid LIMIT 1`,
    subnetId,
    networkId,
  );
  if (row !== undefined) return textOf(row, 'id');
  const message = `External network ${networkId} is not reachable from subnet ${subnetId}.  Therefore, cannot associate Port ${portId} with a Floating IP.`;
  throw new NetworkingError(404, 'ExternalGatewayForFloatingIPNotFound', message);
}
