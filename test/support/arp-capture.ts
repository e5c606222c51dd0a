// ARP as a machine of the playground hears it.

import type { Machine } from '../../src/playground/machine.ts';
import type { Playground } from '../../src/playground/playground.ts';
import type { Descriptor } from '../../src/sys/descriptor.ts';
import { callUnless } from '../../src/sys/libc.ts';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
/** ETH_P_ARP in network byte order, as packet(7) wants it. */
const ARP_ONLY = 0x0608;
const EAGAIN = 11;
const SOCKADDR_LL_BYTES = 20;
/** Where `struct sockaddr_ll` says whether the machine itself sent it. */
const PACKET_TYPE = 10;
const PACKET_OUTGOING = 4;

export interface Arp {
  readonly operation: 'request' | 'reply';
  readonly mac: string;
  readonly sender: string;
  readonly target: string;
}

export class ArpCapture implements Disposable {
  readonly #socket: Descriptor;

  private constructor(socket: Descriptor) {
    this.#socket = socket;
  }

  /** Hears what others on the machine's network send from now on. */
  static async open(playground: Playground, machine: Machine): Promise<ArpCapture> {
    return new ArpCapture(await playground.socket(machine, AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, ARP_ONLY));
  }

  /** What was heard since the last call, in its order. */
  take(): Arp[] {
    const heard: Arp[] = [];
    const bytes = Buffer.alloc(64);
    const from = Buffer.alloc(SOCKADDR_LL_BYTES);
    const length = Buffer.from([from.length, 0, 0, 0]);
    while (callUnless(EAGAIN, 'recvfrom', this.#socket.number, bytes, bytes.length, 0, from, length) >= 0) {
      if (from[PACKET_TYPE] !== PACKET_OUTGOING) heard.push(decode(bytes));
    }
    return heard;
  }

  /** The addresses that were announced: said by their owners to be theirs, to everybody. Each with the owner's MAC address. */
  takeAnnounced(): Map<string, string> {
    return new Map(
      this.take().flatMap(({ sender, target, mac }) => (sender === target ? [[sender, mac] as const] : [])),
    );
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

/** RFC 826 */
function decode(arp: Buffer): Arp {
  const address = (start: number): string => [...arp.subarray(start, start + 4)].join('.');
  const mac = arp.toString('hex', 8, 14).replaceAll(/..(?=.)/g, '$&:');
  return { operation: arp.readUInt16BE(6) === 1 ? 'request' : 'reply', mac, sender: address(14), target: address(24) };
}
