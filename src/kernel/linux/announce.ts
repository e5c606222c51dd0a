// Gratuitous ARP: tells the neighbours on a link that an address is here (RFC 5227 section 3).

import type { Ipv4Address, MacAddress } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import type { Descriptor } from '../../sys/descriptor.ts';
import { call } from '../../sys/libc.ts';
import type { Namespaces } from './namespaces.ts';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const ETH_P_ARP = 0x0806;
const ARPHRD_ETHER = 1;
const ETH_P_IP = 0x0800;
const ARPOP_REQUEST = 1;
const ARPOP_REPLY = 2;
const ARP_BYTES = 28;
const SOCKADDR_LL_BYTES = 20;
const BROADCAST = Buffer.alloc(6, 0xff);

/** Opens a packet socket in a namespace; protocol 0, so that nothing is ever delivered to it. Throws SystemError. */
export async function openPacketSocket(namespaces: Namespaces, namespace: NamespaceName): Promise<Descriptor> {
  return namespaces.socket(namespace, AF_PACKET, SOCK_DGRAM, 0);
}

/**
 * Broadcasts for each address a request and a reply in which it is both sender and target, as
 * some neighbours learn from the one and some from the other (Neutron: arping -U and -A).
 * Throws SystemError.
 */
export function announce(
  packet: Descriptor,
  linkIndex: number,
  mac: MacAddress,
  addresses: Iterable<Ipv4Address>,
): void {
  const destination = Buffer.alloc(SOCKADDR_LL_BYTES);
  destination.writeUInt16LE(AF_PACKET, 0);
  destination.writeUInt16BE(ETH_P_ARP, 2);
  destination.writeInt32LE(linkIndex, 4);
  destination.writeUInt8(BROADCAST.length, 11);
  destination.set(BROADCAST, 12);
  const arp = Buffer.alloc(ARP_BYTES);
  arp.writeUInt16BE(ARPHRD_ETHER, 0);
  arp.writeUInt16BE(ETH_P_IP, 2);
  arp.writeUInt8(6, 4);
  arp.writeUInt8(4, 5);
  arp.write(mac.replaceAll(':', ''), 8, 'hex');
  arp.set(BROADCAST, 18);
  for (const address of addresses) {
    arp.writeUInt32BE(address, 14);
    arp.writeUInt32BE(address, 24);
    for (const operation of [ARPOP_REQUEST, ARPOP_REPLY]) {
      arp.writeUInt16BE(operation, 6);
      call('sendto', packet.number, arp, arp.length, 0, destination, destination.length);
    }
  }
}
