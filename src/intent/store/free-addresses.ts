// Which addresses of a subnet's allocation pools are free, as ranges: taking the next one, a certain
// one, or giving one back costs a few look-ups, whether ten are in use or ten thousand.

import { addressOf, bytesOf } from './row.ts';
import { compareAddresses } from '../../model/address.ts';
import type { IpAddress } from '../../model/address.ts';
import { nextAddress, previousAddress } from '../../model/subnet.ts';
import type { AddressRange } from '../../model/subnet.ts';
import { addressBytes, addressFromBytes } from './address-bytes.ts';
import type { Row } from './row.ts';
import type { Sql } from './sql.ts';

/** Takes the lowest or the highest free address of the pools; undefined when there is none. */
export function takeNext(sql: Sql, subnetId: string, which: 'lowest' | 'highest' = 'lowest'): IpAddress | undefined {
  const order = which === 'lowest' ? 'ASC' : 'DESC';
  const row = sql.get(
    `SELECT first, last FROM free_ranges WHERE subnet_id = ? ORDER BY first ${order} LIMIT 1`,
    subnetId,
  );
  if (row === undefined) return undefined;
  const range = rangeOf(row);
  const address = which === 'lowest' ? range.first : range.last;
  cut(sql, subnetId, range, address);
  return address;
}

/** Takes a certain address, which may lie outside of the pools. */
export function take(sql: Sql, subnetId: string, address: IpAddress): void {
  const range = rangeUpTo(sql, 'free_ranges', subnetId, address);
  if (range !== undefined && address <= range.last) cut(sql, subnetId, range, address);
}

/** An address that nobody has any more. */
export function giveBack(sql: Sql, subnetId: string, address: IpAddress): void {
  const pool = rangeUpTo(sql, 'allocation_pools', subnetId, address);
  if (pool === undefined || address > pool.last) return;
  const before = rangeUpTo(sql, 'free_ranges', subnetId, address);
  const joinsBefore = before !== undefined && nextAddress(before.last) === address;
  const after = rangeFrom(sql, subnetId, nextAddress(address));
  const first = joinsBefore ? before.first : address;
  if (after !== undefined) drop(sql, subnetId, after.first);
  if (joinsBefore) drop(sql, subnetId, before.first);
  add(sql, subnetId, { first, last: after?.last ?? address });
}

/** Sets the pools of a subnet, which do not overlap; what is in use stays so. */
export function setPools(sql: Sql, subnetId: string, pools: readonly AddressRange[]): void {
  for (const table of ['allocation_pools', 'free_ranges'])
    sql.run(`DELETE FROM ${table} WHERE subnet_id = ?`, subnetId);
  const insert = 'INSERT INTO allocation_pools (subnet_id, first, last) VALUES (?, ?, ?)';
  for (const { first, last } of pools) sql.run(insert, subnetId, addressBytes(first), addressBytes(last));

  const used = sql
    .all('SELECT ip_address FROM fixed_ips WHERE subnet_id = ?', subnetId)
    .map((row) => addressOf(row, 'ip_address'))
    .sort(compareAddresses);
  for (const pool of pools) {
    let first = pool.first;
    for (const address of used) {
      if (address < first || address > pool.last) continue;
      if (first < address) add(sql, subnetId, { first, last: previousAddress(address) });
      first = nextAddress(address);
    }
    if (first <= pool.last) add(sql, subnetId, { first, last: pool.last });
  }
}

function cut(sql: Sql, subnetId: string, { first, last }: AddressRange, address: IpAddress): void {
  drop(sql, subnetId, first);
  if (first < address) add(sql, subnetId, { first, last: previousAddress(address) });
  if (address < last) add(sql, subnetId, { first: nextAddress(address), last });
}

function add(sql: Sql, subnetId: string, { first, last }: AddressRange): void {
  const insert = 'INSERT INTO free_ranges (subnet_id, first, last) VALUES (?, ?, ?)';
  sql.run(insert, subnetId, addressBytes(first), addressBytes(last));
}

function drop(sql: Sql, subnetId: string, first: IpAddress): void {
  sql.run('DELETE FROM free_ranges WHERE subnet_id = ? AND first = ?', subnetId, addressBytes(first));
}

/** The last range that begins at the address or before it. */
function rangeUpTo(
  sql: Sql,
  table: 'allocation_pools' | 'free_ranges',
  subnetId: string,
  address: IpAddress,
): AddressRange | undefined {
  const query = `SELECT first, last FROM ${table} WHERE subnet_id = ? AND first <= ? ORDER BY first DESC LIMIT 1`;
  const row = sql.get(query, subnetId, addressBytes(address));
  return row === undefined ? undefined : rangeOf(row);
}

function rangeFrom(sql: Sql, subnetId: string, first: IpAddress): AddressRange | undefined {
  const query = 'SELECT first, last FROM free_ranges WHERE subnet_id = ? AND first = ?';
  const row = sql.get(query, subnetId, addressBytes(first));
  return row === undefined ? undefined : rangeOf(row);
}

function rangeOf(row: Row): AddressRange {
  return { first: addressFromBytes(bytesOf(row, 'first')), last: addressFromBytes(bytesOf(row, 'last')) };
}
