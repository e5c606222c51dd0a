// IPv4 sockets on the machines of a playground. None of them ever blocks: what is not there yet is
// undefined, and `until` asks again.

import { setTimeout as sleep } from 'node:timers/promises';
import { BuoyError } from '../errors.ts';
import type { Ipv4Address } from '../model/address.ts';
import { isIpv4 } from '../model/address.ts';
import { readAddress } from '../netlink/attributes.ts';
import { Descriptor } from '../sys/descriptor.ts';
import { call, callUnless } from '../sys/libc.ts';
import type { Machine } from './machine.ts';
import type { Playground } from './playground.ts';

const AF_INET = 2;
const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3 } as const;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO = { ICMP: 1, TCP: 6, UDP: 17 } as const;
const MSG_NOSIGNAL = 0x4000;
const EAGAIN = 11;
const EALREADY = 114;
const EINPROGRESS = 115;
const SOCKADDR_IN_BYTES = 16;
/** What arrives is copied out of here at once. */
const received = Buffer.alloc(64 << 10);

export type Protocol = 'icmp' | 'tcp' | 'udp';

const KINDS: Readonly<Record<Protocol, readonly [type: number, protocol: number]>> = {
  icmp: [SOCK.RAW, IPPROTO.ICMP],
  tcp: [SOCK.STREAM, IPPROTO.TCP],
  udp: [SOCK.DGRAM, IPPROTO.UDP],
};

/** An address and, but for ICMP, a port. */
export interface Endpoint {
  readonly address: Ipv4Address;
  readonly port: number;
}

/** Every method throws SystemError: among others for the ICMP errors that came back. */
export class Ipv4Socket implements Disposable {
  readonly #descriptor: Descriptor;
  #connecting = false;

  private constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  /** A socket on a machine that speaks from one of its addresses; port 0 leaves the port to the kernel. */
  static async open(
    playground: Playground,
    machine: Machine,
    protocol: Protocol,
    local: Endpoint,
  ): Promise<Ipv4Socket> {
    const [type, number] = KINDS[protocol];
    const socket = new Ipv4Socket(await playground.socket(machine, AF_INET, type | SOCK_NONBLOCK, number));
    try {
      call('bind', socket.#number, socketAddress(local), SOCKADDR_IN_BYTES);
      return socket;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  }

  get local(): Endpoint {
    const address = Buffer.alloc(SOCKADDR_IN_BYTES);
    call('getsockname', this.#number, address, lengthOf(address));
    return endpointOf(address);
  }

  listen(): void {
    call('listen', this.#number, 1);
  }

  /** The next connection that has been made to this socket, and who made it. */
  accept(): { readonly socket: Ipv4Socket; readonly peer: Endpoint } | undefined {
    const address = Buffer.alloc(SOCKADDR_IN_BYTES);
    const number = callUnless(
      EAGAIN,
      'accept4',
      this.#number,
      address,
      lengthOf(address),
      SOCK_NONBLOCK | SOCK_CLOEXEC,
    );
    return number < 0 ? undefined : { socket: new Ipv4Socket(new Descriptor(number)), peer: endpointOf(address) };
  }

  /** Starts to connect or, called again, looks how far that is; true once connected. */
  connect(peer: Endpoint): true | undefined {
    const pending = this.#connecting ? EALREADY : EINPROGRESS;
    this.#connecting = true;
    return callUnless(pending, 'connect', this.#number, socketAddress(peer), SOCKADDR_IN_BYTES) < 0 ? undefined : true;
  }

  /** Sends over a connection and answers how many bytes of it were taken. */
  send(bytes: Buffer): number {
    return Math.max(0, callUnless(EAGAIN, 'send', this.#number, bytes, bytes.length, MSG_NOSIGNAL));
  }

  sendTo(bytes: Buffer, peer: Endpoint): void {
    call('sendto', this.#number, bytes, bytes.length, MSG_NOSIGNAL, socketAddress(peer), SOCKADDR_IN_BYTES);
  }

  /** What has arrived, and from whom; no bytes from a connection mean that the peer closed it. ICMP comes with its IP header. */
  receive(): { readonly bytes: Buffer; readonly from: Endpoint } | undefined {
    const address = Buffer.alloc(SOCKADDR_IN_BYTES);
    const length = callUnless(
      EAGAIN,
      'recvfrom',
      this.#number,
      received,
      received.length,
      0,
      address,
      lengthOf(address),
    );
    return length < 0 ? undefined : { bytes: Buffer.from(received.subarray(0, length)), from: endpointOf(address) };
  }

  get #number(): number {
    return this.#descriptor.number;
  }

  [Symbol.dispose](): void {
    this.#descriptor[Symbol.dispose]();
  }
}

/** Makes an attempt now and then until it gives something or the deadline (of `performance.now()`) has passed. */
export async function until<T>(deadline: number, attempt: () => T | undefined): Promise<T | undefined> {
  for (;;) {
    const result = attempt();
    if (result !== undefined || performance.now() >= deadline) return result;
    await sleep(1);
  }
}

/** `struct sockaddr_in` (ip(7)) */
function socketAddress({ address, port }: Endpoint): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_IN_BYTES);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.writeUInt32BE(address, 4);
  return bytes;
}

function endpointOf(bytes: Buffer): Endpoint {
  const address = readAddress(bytes, 4, 8);
  if (!isIpv4(address)) throw new BuoyError('BUOY_INTERNAL', 'an IPv4 socket gave an address that is not IPv4');
  return { address, port: bytes.readUInt16BE(2) };
}

function lengthOf(address: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(address.length);
  return bytes;
}
