// Requests of the unprivileged process as JSON: what operation-schema.ts reads.

import { addressOfBits, formatAddress } from '../../model/address.ts';

/** JSON of data of a plan. */
export function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, encode));
}

function encode(_key: string, value: unknown): unknown {
  // So that a key is there that has to be.
  if (value === undefined) return null;
  if (typeof value === 'bigint') {
    const address = addressOfBits(value);
    if (address === undefined) throw new RangeError('a bigint that is no address');
    return formatAddress(address);
  }
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
