// Values of SQLite as the types that their columns have. The tables are STRICT, so a value of
// another type means that a query and the code around it do not fit together.

import type { SQLOutputValue } from 'node:sqlite';
import { BuoyError } from '../../errors.ts';
import { parseAddress, parseMac, parsePrefix } from '../../model/address.ts';
import type { IpAddress, MacAddress, Prefix } from '../../model/address.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unexpected(column, value);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function integerOf(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : unexpected(column, value);
}

export function booleanOf(row: Row, column: string): boolean {
  return integerOf(row, column) !== 0;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : unexpected(column, value);
}

export function addressOf(row: Row, column: string): IpAddress {
  const text = textOf(row, column);
  return parseAddress(text) ?? unexpected(column, text);
}

export function prefixOf(row: Row, column: string): Prefix {
  const text = textOf(row, column);
  return parsePrefix(text) ?? unexpected(column, text);
}

export function macOf(row: Row, column: string): MacAddress {
  const text = textOf(row, column);
  return parseMac(text) ?? unexpected(column, text);
}

function unexpected(column: string, value: unknown): never {
  throw new BuoyError('BUOY_INTERNAL', `the store has ${String(value)} in the column ${column}`);
}
