// Subnets that one router may not connect: two with the same addresses.

import { formatPrefix, prefixesOverlap } from '../../model/address.ts';
import type { Prefix } from '../../model/address.ts';
import { badResource } from './refusals.ts';
import type { Row } from './row.ts';
import { prefixOf, textOf } from './row.ts';
import type { Transaction } from './transaction.ts';

interface Subnet {
  readonly id: string;
  readonly cidr: Prefix;
}

/** Throws 400 when a new interface overlaps what the router has, or its external network. */
export function refuseOverlapOf(tx: Transaction, routerId: string, subnet: Subnet): void {
  const connected = interfacesOf(tx, routerId);
  if (connected.some(({ id }) => id === subnet.id))
    throw badResource('router', `Router already has a port on subnet ${subnet.id}`);
  const external = tx.sql.all(
    'SELECT id, cidr FROM subnets WHERE network_id = (SELECT external_network_id FROM routers WHERE id = ?)',
    routerId,
  );
  refuse(subnet, [...connected, ...external.map(subnetOf)]);
}

/** Throws 400 when an interface of the router overlaps a subnet of a network that shall be its way out. */
export function refuseOverlapWith(tx: Transaction, routerId: string, networkId: string): void {
  const connected = interfacesOf(tx, routerId);
  for (const row of tx.sql.all('SELECT id, cidr FROM subnets WHERE network_id = ?', networkId)) {
    refuse(subnetOf(row), connected);
  }
}

function interfacesOf(tx: Transaction, routerId: string): readonly Subnet[] {
  const query = 'SELECT id, cidr FROM router_interfaces JOIN subnets ON subnets.id = subnet_id WHERE router_id = ?';
  return tx.sql.all(query, routerId).map(subnetOf);
}

function subnetOf(row: Row): Subnet {
  return { id: textOf(row, 'id'), cidr: prefixOf(row, 'cidr') };
}

function refuse(subnet: Subnet, others: readonly Subnet[]): void {
  const other = others.find(({ cidr }) => prefixesOverlap(cidr, subnet.cidr));
  if (other === undefined) return;
  const [one, two] = [subnet, other].map(({ cidr }) => formatPrefix(cidr));
  throw badResource('router', `Cidr ${one} of subnet ${subnet.id} overlaps with cidr ${two} of subnet ${other.id}`);
}
