// RTM_*ADDR: addresses on devices (linux/if_addr.h).

import type { IpAddress } from '../../model/address.ts';
import { isIpv4, lastAddress, networkOf } from '../../model/address.ts';
import { eachAttribute, needBytes } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { AF, checkLength, familyOf, readAddressOf } from './families.ts';

const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
/** No duplicate address detection: an address that a host takes over must answer at once. */
const IFA_F_NODAD = 0x02;
const IFADDRMSG_BYTES = 8;

/** An address on the device with that index. */
export interface KernelAddress {
  readonly index: number;
  readonly address: IpAddress;
  readonly length: number;
}

/** Adds an address with the broadcast address of its subnet, as Neutron does; one that is there is left as it is. */
export function addAddress(batch: MessageBatch, { index, address, length }: KernelAddress): void {
  batch.begin(RTM_NEWADDR, NLM_F.REQUEST | NLM_F.CREATE | NLM_F.REPLACE);
  writeHeader(batch, address, length, isIpv4(address) ? 0 : IFA_F_NODAD, index);
  batch.attributeAddress(IFA_LOCAL, address);
  batch.attributeAddress(IFA_ADDRESS, address);
  if (isIpv4(address) && length < 31) {
    batch.attributeAddress(IFA_BROADCAST, lastAddress({ address: networkOf(address, length), length }));
  }
  batch.end();
}

export function deleteAddress(batch: MessageBatch, { index, address, length }: KernelAddress): void {
  batch.begin(RTM_DELADDR, NLM_F.REQUEST);
  writeHeader(batch, address, length, 0, index);
  batch.attributeAddress(IFA_LOCAL, address);
  batch.attributeAddress(IFA_ADDRESS, address);
  batch.end();
}

/** All addresses of the socket's namespace. */
export function readAddresses(socket: NetlinkSocket): KernelAddress[] {
  let addresses: KernelAddress[] = [];
  socket.dump(
    RTM_GETADDR,
    (batch) => batch.u8(AF.UNSPEC).u8(0).u8(0).u8(0).u32(0),
    ({ buffer, start, end }) => {
      const address = readOneAddress(buffer, start, end);
      if (address !== undefined) addresses.push(address);
    },
    () => (addresses = []),
  );
  return addresses;
}

/** Undefined for one of another family than IPv4 and IPv6. Throws MalformedReply. */
export function readOneAddress(buffer: Buffer, start: number, end: number): KernelAddress | undefined {
  needBytes(start, end, IFADDRMSG_BYTES);
  const family = buffer.readUInt8(start);
  if (family !== AF.INET && family !== AF.INET6) return undefined;
  let address: IpAddress | undefined;
  let local: IpAddress | undefined;
  eachAttribute(buffer, start + IFADDRMSG_BYTES, end, (type, from, to) => {
    if (type === IFA_LOCAL) local = readAddressOf(family, buffer, from, to);
    else if (type === IFA_ADDRESS) address = readAddressOf(family, buffer, from, to);
  });
  // On a point-to-point link IFA_ADDRESS is the other side; IPv6 has no IFA_LOCAL without one.
  const own = local ?? address;
  if (own === undefined) return undefined;
  const length = buffer.readUInt8(start + 1);
  checkLength(own, length);
  return { index: buffer.readUInt32LE(start + 4), address: own, length };
}

/** `struct ifaddrmsg` */
function writeHeader(batch: MessageBatch, address: IpAddress, length: number, flags: number, index: number): void {
  batch.u8(familyOf(address)).u8(length).u8(flags).u8(0).u32(index);
}
