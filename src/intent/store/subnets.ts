// Subnets. What could make a Model ambiguous is refused here: subnets of one network that overlap,
// and gateways that somebody else could be given the address of.

import {
  formatAddress,
  formatPrefix,
  isIpv4,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../model/address.ts';
import type { IpAddress, Prefix } from '../../model/address.ts';
import { unusableSubnet } from '../../model/rules/subnets.ts';
import { defaultGateway, isHostAddress } from '../../model/subnet.ts';
import type { AddressRange } from '../../model/subnet.ts';
import { addressFromBytes } from './address-bytes.ts';
import { readResource } from './body.ts';
import { setPools } from './free-addresses.ts';
import { isOwn, OWNER } from './port-rows.ts';
import { defaultPools, readPools, refuseGatewayInPools } from './pools.ts';
import { addressTaken, badResource, conflict, invalidInput } from './refusals.ts';
import { subnetCreate, subnetUpdate } from './resources/subnet.ts';
import { addressOf, bytesOf, prefixOf, textOf, textOrNull } from './row.ts';
import { changeRouter } from './statuses.ts';
import type { Transaction } from './transaction.ts';

export function createSubnet(tx: Transaction, body: unknown): string {
  const input = readResource(subnetCreate, 'subnets', 'create', body);
  const { network_id: networkId } = input;
  tx.row('networks', networkId);
  const cidr = readCidr(input.cidr, input.ip_version);
  refuseOverlap(tx, networkId, cidr);
  const gateway = input.gateway_ip === undefined ? defaultGateway(cidr) : readGateway(cidr, input.gateway_ip);
  const gateways = gatewaysOn(tx, networkId);
  if (gateway !== undefined) gateways.add(gateway);
  const asked = input.allocation_pools ?? undefined;
  const pools = asked === undefined ? defaultPools(cidr, gateways) : readPools(cidr, asked);
  refuseGatewayInPools(pools, gateways);
  if (gateway !== undefined) refuseGateway(tx, networkId, gateway);
  const id = tx.insert(
    'subnets',
    {
      project_id: input.project_id ?? input.tenant_id ?? '',
      network_id: networkId,
      name: input.name,
      description: input.description,
      ip_version: input.ip_version,
      cidr: formatPrefix(cidr),
      gateway_ip: gateway === undefined ? null : formatAddress(gateway),
      enable_dhcp: input.enable_dhcp,
      dns_nameservers: input.dns_nameservers ?? [],
      host_routes: input.host_routes ?? [],
    },
    input.tags,
  );
  setPools(tx.sql, id, pools);
  noteSubnet(tx, networkId);
  return id;
}

export function updateSubnet(tx: Transaction, id: string, body: unknown): void {
  const {
    allocation_pools: asked,
    gateway_ip: gatewayText,
    ...input
  } = readResource(subnetUpdate, 'subnets', 'update', body);
  const row = tx.row('subnets', id);
  const networkId = textOf(row, 'network_id');
  const cidr = prefixOf(row, 'cidr');
  const gateway = gatewayText === undefined ? undefined : readGateway(cidr, gatewayText);
  if (gatewayText !== undefined && gatewayText !== textOrNull(row, 'gateway_ip')) {
    refuseGatewayInUse(tx, id, textOrNull(row, 'gateway_ip'));
    tx.update('subnets', id, { gateway_ip: gatewayText });
    for (const router of tx.sql.all('SELECT router_id FROM router_interfaces WHERE subnet_id = ?', id))
      changeRouter(tx, textOf(router, 'router_id'));
  }
  if (asked !== undefined) {
    const pools = readPools(cidr, asked);
    refuseGatewayInPools(pools, gatewaysOn(tx, networkId));
    setPools(tx.sql, id, pools);
    tx.revise('subnets', id);
  }
  // Both may have changed: the new gateway has to fit the new pools.
  if (gateway !== undefined) refuseGateway(tx, networkId, gateway);
  tx.update('subnets', id, input);
  noteSubnet(tx, networkId);
}

/** Throws 409 SubnetInUse. */
export function deleteSubnet(tx: Transaction, id: string): void {
  const row = tx.row('subnets', id);
  if (tx.sql.has('SELECT 1 FROM fixed_ips WHERE subnet_id = ?', id)) {
    const message = `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`;
    throw conflict('SubnetInUse', message);
  }
  const networkId = textOf(row, 'network_id');
  deleteSubnetRow(tx, id);
  noteSubnet(tx, networkId);
}

/** A subnet that no port has an address of. */
export function deleteSubnetRow(tx: Transaction, id: string): void {
  for (const table of ['free_ranges', 'allocation_pools']) tx.sql.run(`DELETE FROM ${table} WHERE subnet_id = ?`, id);
  tx.remove('subnets', id);
}

function noteSubnet(tx: Transaction, networkId: string): void {
  tx.revise('networks', networkId);
  tx.changes.networks.add(networkId);
}

function readCidr(text: string, version: 4 | 6): Prefix {
  const cidr = parsePrefix(text);
  if (cidr === undefined) throw invalidInput(`'${text}' is not a valid cidr`);
  if (isIpv4(cidr.address) !== (version === 4))
    throw invalidInput(`cidr '${text}' does not match the ip_version '${version}'`);
  const reason = unusableSubnet(cidr);
  if (reason !== undefined) throw invalidInput(reason);
  return cidr;
}

function readGateway(cidr: Prefix, text: string | null): IpAddress | undefined {
  if (text === null) return undefined;
  const gateway = parseAddress(text);
  if (gateway === undefined || isIpv4(gateway) !== isIpv4(cidr.address))
    throw invalidInput(`gateway_ip '${text}' does not match the ip_version of the subnet ${formatPrefix(cidr)}`);
  if (prefixContains(cidr, gateway) && !isHostAddress(cidr, gateway))
    throw invalidInput(`Gateway ${text} is not valid on subnet ${formatPrefix(cidr)}`);
  return gateway;
}

/** A subnet may overlap none of its network, nor one that a router with its gateway there connects. */
function refuseOverlap(tx: Transaction, networkId: string, cidr: Prefix): void {
  const text = formatPrefix(cidr);
  for (const row of tx.sql.all('SELECT id, cidr FROM subnets WHERE network_id = ?', networkId)) {
    if (prefixesOverlap(prefixOf(row, 'cidr'), cidr))
      throw invalidInput(`Requested subnet with cidr: ${text} for network: ${networkId} overlaps with another subnet`);
  }
  const inside = tx.sql.all(
    `SELECT DISTINCT cidr FROM subnets WHERE id IN (
       SELECT subnet_id FROM router_interfaces WHERE router_id IN (
         SELECT id FROM routers WHERE external_network_id = ?))`,
    networkId,
  );
  for (const row of inside) {
    const other = prefixOf(row, 'cidr');
    if (prefixesOverlap(other, cidr))
      throw badResource(
        'subnet',
        `Cidr ${text} overlaps with cidr ${formatPrefix(other)}, which a router with a gateway on network ${networkId} connects`,
      );
  }
}

function gatewaysOn(tx: Transaction, networkId: string): Set<IpAddress> {
  const rows = tx.sql.all('SELECT gateway_ip FROM subnets WHERE network_id = ? AND gateway_ip IS NOT NULL', networkId);
  return new Set(rows.map((row) => addressOf(row, 'gateway_ip')));
}

/** A gateway is in no pool of its network, and no port of the store's own has its address, but for a router's interface. */
function refuseGateway(tx: Transaction, networkId: string, gateway: IpAddress): void {
  const subnets = 'SELECT id FROM subnets WHERE network_id = ?';
  const pools = tx.sql.all(`SELECT first, last FROM allocation_pools WHERE subnet_id IN (${subnets})`, networkId);
  refuseGatewayInPools(
    pools.map((row): AddressRange => ({
      first: addressFromBytes(bytesOf(row, 'first')),
      last: addressFromBytes(bytesOf(row, 'last')),
    })),
    [gateway],
  );
  const text = formatAddress(gateway);
  const holders = tx.sql.all(
    `SELECT device_owner, subnet_id FROM fixed_ips JOIN ports ON ports.id = port_id
     WHERE ip_address = ? AND subnet_id IN (${subnets})`,
    text,
    networkId,
  );
  for (const row of holders) {
    const owner = textOf(row, 'device_owner');
    if (isOwn(owner) && owner !== OWNER.routerInterface) throw addressTaken(text, textOf(row, 'subnet_id'));
  }
}

/** The address that workloads send to is a router's: it stays as long as the router has it. */
function refuseGatewayInUse(tx: Transaction, subnetId: string, gateway: string | null): void {
  const row = tx.sql.get(
    `SELECT port_id FROM fixed_ips JOIN ports ON ports.id = port_id
     WHERE subnet_id = ? AND ip_address = ? AND device_owner = ?`,
    subnetId,
    gateway,
    OWNER.routerInterface,
  );
  if (row === undefined) return;
  const message = `Current gateway ip ${gateway} already in use by port ${textOf(row, 'port_id')}. Unable to update.`;
  throw conflict('GatewayIpInUse', message);
}
