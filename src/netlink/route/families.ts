// Address families (linux/socket.h) as rtnetlink messages carry them.

import type { IpAddress } from '../../model/address.ts';
import { addressBits, isIpv4 } from '../../model/address.ts';
import { MalformedReply, readAddress } from '../attributes.ts';

export const AF = { UNSPEC: 0, INET: 2, INET6: 10 } as const;

export function familyOf(address: IpAddress): number {
  return isIpv4(address) ? AF.INET : AF.INET6;
}

/** An address in a message of that family. Throws MalformedReply for one of another. */
export function readAddressOf(family: number, buffer: Buffer, start: number, end: number): IpAddress {
  const address = readAddress(buffer, start, end);
  if (familyOf(address) !== family) throw new MalformedReply(`an address of another family than ${family}`);
  return address;
}

/** Throws MalformedReply unless a prefix of that address can be so many bits long. */
export function checkLength(address: IpAddress, length: number): void {
  if (length > addressBits(address)) throw new MalformedReply(`a prefix of ${length} bits`);
}
