// Which addresses a port has: chosen from the subnets of its network as Neutron's IPAM does
// (neutron/db/ipam_pluggable_backend.py), from pools or as they are asked for.

import { formatAddress, isIpv4, parseAddress, prefixContains } from '../../model/address.ts';
import type { Prefix } from '../../model/address.ts';
import { isHostAddress } from '../../model/subnet.ts';
import { giveBack, take, takeNext } from './free-addresses.ts';
import { NetworkingError } from './networking.ts';
import { addressTaken, invalidInput, noFreeAddress } from './refusals.ts';
import type { FixedIpInput } from './resources/fields.ts';
import { prefixOf, textOf, textOrNull } from './row.ts';
import type { Transaction } from './transaction.ts';

export interface FixedIp {
  readonly subnetId: string;
  readonly address: string;
}

interface Candidate {
  readonly id: string;
  readonly cidr: Prefix;
  readonly gateway: string | null;
}

export interface Wish {
  readonly portId: string;
  readonly networkId: string;
  /** Undefined: one address of each IP version that the network has. */
  readonly fixedIps: readonly FixedIpInput[] | undefined;
  /** Whether it may have the address of a gateway. Only a router's interface is one. */
  readonly mayBeGateway: boolean;
  /** Which of the free addresses it gets when it asks for none. */
  readonly which: 'lowest' | 'highest';
}

/** Gives a port its addresses. Throws 400 InvalidIp…, 409 IpAddressAlreadyAllocated, IpAddressGenerationFailure. */
export function allocate(tx: Transaction, wish: Wish): void {
  const subnets = subnetsOf(tx, wish.networkId);
  const gateways = new Set(wish.mayBeGateway ? [] : subnets.map((subnet) => subnet.gateway));
  const start = fixedIpsOf(tx, wish.portId).length;
  // Certain addresses first, so that none is given away to an entry that takes any.
  const certain = (wish.fixedIps ?? []).filter((entry) => entry.ip_address !== undefined);
  const any = (wish.fixedIps ?? []).filter((entry) => entry.ip_address === undefined);
  const chosen = [
    ...certain.map((entry) => takeCertain(tx, wish.networkId, subnets, gateways, entry)),
    ...any.map((entry) => takeAny(tx, wish, [candidate(subnets, wish.networkId, entry.subnet_id)])),
    ...(wish.fixedIps === undefined ? takeOneOfEach(tx, wish, subnets) : []),
  ];
  const insert = 'INSERT INTO fixed_ips (subnet_id, ip_address, port_id, position) VALUES (?, ?, ?, ?)';
  for (const [index, { subnetId, address }] of chosen.entries()) {
    if (tx.sql.has('SELECT 1 FROM fixed_ips WHERE subnet_id = ? AND ip_address = ?', subnetId, address))
      throw addressTaken(address, subnetId);
    tx.sql.run(insert, subnetId, address, wish.portId, start + index);
  }
}

export function release(tx: Transaction, { subnetId, address }: FixedIp): void {
  tx.sql.run('DELETE FROM fixed_ips WHERE subnet_id = ? AND ip_address = ?', subnetId, address);
  const value = parseAddress(address);
  if (value !== undefined) giveBack(tx.sql, subnetId, value);
}

export function fixedIpsOf(tx: Transaction, portId: string): readonly FixedIp[] {
  return tx.sql
    .all('SELECT subnet_id, ip_address FROM fixed_ips WHERE port_id = ? ORDER BY position', portId)
    .map((row) => ({ subnetId: textOf(row, 'subnet_id'), address: textOf(row, 'ip_address') }));
}

function subnetsOf(tx: Transaction, networkId: string): readonly Candidate[] {
  return tx.sql
    .all('SELECT id, cidr, gateway_ip FROM subnets WHERE network_id = ? ORDER BY rowid', networkId)
    .map((row) => ({ id: textOf(row, 'id'), cidr: prefixOf(row, 'cidr'), gateway: textOrNull(row, 'gateway_ip') }));
}

function candidate(subnets: readonly Candidate[], networkId: string, id: string | undefined): Candidate {
  const subnet = subnets.find((one) => one.id === id);
  if (subnet !== undefined) return subnet;
  throw invalidInput(`the subnet ${id} is not one of the network ${networkId}`);
}

function takeCertain(
  tx: Transaction,
  networkId: string,
  subnets: readonly Candidate[],
  gateways: ReadonlySet<string | null>,
  entry: FixedIpInput,
): FixedIp {
  const text = entry.ip_address ?? '';
  const address = parseAddress(text);
  const subnet =
    entry.subnet_id === undefined
      ? subnets.find(({ cidr }) => address !== undefined && prefixContains(cidr, address))
      : candidate(subnets, networkId, entry.subnet_id);
  if (subnet === undefined || address === undefined) {
    const message = `IP address ${text} is not a valid IP for any of the subnets on the specified network.`;
    throw new NetworkingError(400, 'InvalidIpForNetwork', message);
  }
  if (!isHostAddress(subnet.cidr, address)) {
    const message = `IP address ${text} is not a valid IP for the specified subnet.`;
    throw new NetworkingError(400, 'InvalidIpForSubnet', message);
  }
  if (gateways.has(text)) throw addressTaken(text, subnet.id);
  take(tx.sql, subnet.id, address);
  return { subnetId: subnet.id, address: text };
}

function takeAny(tx: Transaction, { networkId, which }: Wish, subnets: readonly Candidate[]): FixedIp {
  for (const { id } of subnets) {
    const address = takeNext(tx.sql, id, which);
    if (address !== undefined) return { subnetId: id, address: formatAddress(address) };
  }
  throw noFreeAddress(networkId);
}

function takeOneOfEach(tx: Transaction, wish: Wish, subnets: readonly Candidate[]): readonly FixedIp[] {
  const versions = [subnets.filter(isVersion4), subnets.filter((subnet) => !isVersion4(subnet))];
  return versions.flatMap((some) => (some.length === 0 ? [] : takeAny(tx, wish, some)));
}

function isVersion4({ cidr }: Candidate): boolean {
  return isIpv4(cidr.address);
}
