// Addresses as bytes in network order, 4 or 16 of them, which SQLite compares as their numbers do.

import { BuoyError } from '../../errors.ts';
import { isIpv4, parseAddress } from '../../model/address.ts';
import type { IpAddress } from '../../model/address.ts';

export function addressBytes(address: IpAddress): Uint8Array {
  if (isIpv4(address)) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(address);
    return bytes;
  }
  return Buffer.from(address.toString(16).padStart(32, '0'), 'hex');
}

export function addressFromBytes(bytes: Uint8Array): IpAddress {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = (buffer.toString('hex').match(/.{4}/g) ?? []).join(':');
  const address = parseAddress(buffer.length === 4 ? buffer.join('.') : groups);
  if (address === undefined) throw new BuoyError('BUOY_INTERNAL', `the store has an address of ${buffer.length} bytes`);
  return address;
}
