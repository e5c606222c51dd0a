// RTM_*NEIGH: permanent neighbours (linux/neighbour.h).

import type { IpAddress, MacAddress } from '../../model/address.ts';
import { eachAttribute, needBytes, readMac } from '../attributes.ts';
import type { MessageBatch } from '../message.ts';
import { NLM_F } from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { AF, familyOf, readAddressOf } from './families.ts';

const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const RTM_GETNEIGH = 30;

const NDA_DST = 1;
const NDA_LLADDR = 2;
const NUD_PERMANENT = 0x80;
const NDMSG_BYTES = 12;

/** A permanent neighbour on the device with that index. */
export interface KernelNeighbour {
  readonly index: number;
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/** Adds a permanent neighbour, or replaces the entry for the same address. */
export function setNeighbour(batch: MessageBatch, { index, address, mac }: KernelNeighbour): void {
  batch.begin(RTM_NEWNEIGH, NLM_F.REQUEST | NLM_F.CREATE | NLM_F.REPLACE);
  writeHeader(batch, address, index, NUD_PERMANENT);
  batch.attributeAddress(NDA_DST, address);
  batch.attributeMac(NDA_LLADDR, mac);
  batch.end();
}

export function deleteNeighbour(batch: MessageBatch, { index, address }: Omit<KernelNeighbour, 'mac'>): void {
  batch.begin(RTM_DELNEIGH, NLM_F.REQUEST);
  writeHeader(batch, address, index, 0);
  batch.attributeAddress(NDA_DST, address);
  batch.end();
}

/** The permanent neighbours of the socket's namespace, both families. */
export function readNeighbours(socket: NetlinkSocket): KernelNeighbour[] {
  let neighbours: KernelNeighbour[] = [];
  socket.dump(
    RTM_GETNEIGH,
    // The whole `struct ndmsg` zero: both families, all devices.
    (batch) => batch.u32(0).u32(0).u32(0),
    ({ buffer, start, end }) => {
      const { index, address, mac, isPermanent } = readNeighbour(buffer, start, end) ?? {};
      if (isPermanent === true && index !== undefined && address !== undefined && mac !== undefined)
        neighbours.push({ index, address, mac });
    },
    () => (neighbours = []),
  );
  return neighbours;
}

/** Undefined for one of another family than IPv4 and IPv6, or without an address. Throws MalformedReply. */
export function readNeighbour(
  buffer: Buffer,
  start: number,
  end: number,
):
  | (Omit<KernelNeighbour, 'mac'> & { readonly mac: MacAddress | undefined; readonly isPermanent: boolean })
  | undefined {
  needBytes(start, end, NDMSG_BYTES);
  const family = buffer.readUInt8(start);
  if (family !== AF.INET && family !== AF.INET6) return undefined;
  let address: IpAddress | undefined;
  let mac: MacAddress | undefined;
  eachAttribute(buffer, start + NDMSG_BYTES, end, (type, from, to) => {
    if (type === NDA_DST) address = readAddressOf(family, buffer, from, to);
    else if (type === NDA_LLADDR) mac = readMac(buffer, from, to);
  });
  if (address === undefined) return undefined;
  const isPermanent = (buffer.readUInt16LE(start + 8) & NUD_PERMANENT) !== 0;
  return { index: buffer.readInt32LE(start + 4), address, mac, isPermanent };
}

/** `struct ndmsg` */
function writeHeader(batch: MessageBatch, address: IpAddress, index: number, state: number): void {
  batch.u8(familyOf(address)).u8(0).u16(0).i32(index).u16(state).u8(0).u8(0);
}
