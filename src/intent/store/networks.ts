// Networks.

import { readResource } from './body.ts';
import { conflict, invalidInput } from './refusals.ts';
import { networkCreate, networkUpdate } from './resources/network.ts';
import type { Row } from './row.ts';
import { booleanOf, textOf } from './row.ts';
import { deleteSubnetRow } from './subnets.ts';
import type { Transaction } from './transaction.ts';

const LARGEST_VLAN = 4094;

interface Provider {
  readonly 'provider:network_type'?: string | null | undefined;
  readonly 'provider:physical_network'?: string | null | undefined;
  readonly 'provider:segmentation_id'?: number | null | undefined;
}

export function createNetwork(tx: Transaction, body: unknown): string {
  const { project_id, tenant_id, tags, ...input } = readResource(networkCreate, 'networks', 'create', body);
  const provider = providerOf(tx, input);
  if (input.is_default) refuseSecondDefault(tx, undefined, input['router:external']);
  const id = tx.insert('networks', { ...input, ...provider, project_id: project_id ?? tenant_id ?? '' }, tags);
  tx.changes.networks.add(id);
  return id;
}

export function updateNetwork(tx: Transaction, id: string, body: unknown): void {
  const input = readResource(networkUpdate, 'networks', 'update', body);
  const row = tx.row('networks', id);
  const external = input['router:external'];
  if (external === false && tx.sql.has('SELECT 1 FROM routers WHERE external_network_id = ?', id)) {
    const message = `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`;
    throw conflict('ExternalNetworkInUse', message);
  }
  if (external === false && tx.sql.has('SELECT 1 FROM floatingips WHERE floating_network_id = ?', id)) {
    const message = `External network ${id} cannot be updated to be made non-external, since it has floating IPs.`;
    throw conflict('ExternalNetworkInUse', message);
  }
  if (input.is_default === true) refuseSecondDefault(tx, id, external ?? booleanOf(row, 'router:external'));
  tx.update('networks', id, input);
  tx.changes.networks.add(id);
}

/** With its subnets. Throws 409 NetworkInUse. */
export function deleteNetwork(tx: Transaction, id: string): void {
  tx.row('networks', id);
  const ports = tx.sql.all('SELECT id FROM ports WHERE network_id = ? LIMIT 5', id).map((row) => textOf(row, 'id'));
  if (ports.length > 0) {
    const message = `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is ${ports.join(',')}.`;
    throw conflict('NetworkInUse', message);
  }
  for (const subnet of tx.sql.all('SELECT id FROM subnets WHERE network_id = ?', id)) {
    deleteSubnetRow(tx, textOf(subnet, 'id'));
  }
  tx.remove('networks', id);
  tx.changes.networks.add(id);
}

/** Throws 404, and 400 when it is not external. */
export function externalNetwork(tx: Transaction, id: string, refuse: (message: string) => Error): Row {
  const row = tx.row('networks', id);
  if (!booleanOf(row, 'router:external')) throw refuse(`Network ${id} is not an external network`);
  return row;
}

/** What is not given follows from what is, as in Neutron's ML2. */
function providerOf(tx: Transaction, input: Provider): Required<Provider> {
  const physical = input['provider:physical_network'] ?? null;
  const segment = input['provider:segmentation_id'] ?? null;
  const type = input['provider:network_type'] ?? (physical === null ? 'local' : segment === null ? 'flat' : 'vlan');
  const needsPhysical = type === 'flat' || type === 'vlan';
  if (needsPhysical && physical === null) throw invalidInput(`physical_network required for ${type} provider network`);
  if (!needsPhysical && physical !== null)
    throw invalidInput(`provider:physical_network specified for ${type} network`);
  if (physical !== null && !tx.settings.physicalNetworks.has(physical))
    throw invalidInput(`physical_network '${physical}' unknown for ${type} provider network`);
  if (segment !== null && (type === 'flat' || type === 'local'))
    throw invalidInput(`provider:segmentation_id specified for ${type} network`);
  if (type === 'vlan' && (segment === null || segment < 1 || segment > LARGEST_VLAN))
    throw invalidInput(`segmentation_id out of range (1 through ${LARGEST_VLAN}) for vlan provider network`);
  const sameFlat =
    'SELECT 1 FROM networks WHERE "provider:network_type" = \'flat\' AND "provider:physical_network" = ?';
  if (type === 'flat' && tx.sql.has(sameFlat, physical)) {
    const message = `Unable to create the flat network. Physical network ${physical} is in use.`;
    throw conflict('FlatNetworkInUse', message);
  }
  return {
    'provider:network_type': type,
    'provider:physical_network': physical,
    'provider:segmentation_id': segment,
  };
}

function refuseSecondDefault(tx: Transaction, id: string | undefined, external: boolean): void {
  if (!external) return;
  const query = 'SELECT id FROM networks WHERE is_default AND "router:external" AND id IS NOT ?';
  const row = tx.sql.get(query, id ?? null);
  if (row === undefined) return;
  throw conflict('DefaultExternalNetworkExists', `A default external network already exists: ${textOf(row, 'id')}.`);
}
