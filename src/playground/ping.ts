// ICMP echo (RFC 792) over raw sockets. The target's kernel answers; a raw socket there sees the
// request as well, and so whom it came from.

import { randomBytes, randomInt } from 'node:crypto';
import type { Ipv4Address } from '../model/address.ts';
import { Ipv4Socket, until } from './ipv4-socket.ts';
import type { Journey } from './journey.ts';
import type { Playground } from './playground.ts';
import type { Record } from './probe.ts';
import { MESSAGES } from './probe.ts';

export const ECHO_REPLY = 0;
export const ECHO_REQUEST = 8;
const HEADER_BYTES = 8;
const SEQUENCE_BYTES = 2;
const TOKEN_BYTES = 16;
const MOST_IDENTIFIERS = 0x10000;
/** Raw sockets have no ports. */
export const NO_PORT = 0;

/** Pings from the journey's source until the deadline. Throws SystemError. */
export async function ping(
  playground: Playground,
  { from, source, to, target }: Journey,
  record: Record,
  deadline: number,
): Promise<void> {
  using client = await Ipv4Socket.open(playground, from, 'icmp', { address: source, port: NO_PORT });
  using server =
    target && (await Ipv4Socket.open(playground, target.machine, 'icmp', { address: target.address, port: NO_PORT }));
  // A new identifier, since connections are tracked by it. Translation may change it, so the messages
  // are known by what they carry.
  const identifier = randomInt(MOST_IDENTIFIERS);
  const token = randomBytes(TOKEN_BYTES);
  for (let sequence = 1; sequence <= MESSAGES; sequence++) {
    const request = echoRequest(identifier, sequence, token);
    client.sendTo(request, { address: to, port: NO_PORT });
    record.sent++;
    const answered = await until(deadline, () => {
      record.seenAs = receive(server, ECHO_REQUEST, request) ?? record.seenAs;
      return receive(client, ECHO_REPLY, request) === to ? true : undefined;
    });
    if (answered !== true) return;
    record.answered++;
  }
}

/** An ICMP message; what it carries is of an even number of bytes. */
export function echoRequest(identifier: number, sequence: number, token: Buffer): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + token.length);
  message.writeUInt8(ECHO_REQUEST, 0);
  message.writeUInt16BE(identifier, 4);
  message.writeUInt16BE(sequence, 6);
  message.set(token, HEADER_BYTES);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

/** From whom a message of this type came that carries what the request does; others are passed over. */
function receive(socket: Ipv4Socket | undefined, type: number, request: Buffer): Ipv4Address | undefined {
  if (socket === undefined) return undefined;
  for (const { carried, from } of echoes(socket, type))
    if (carried.equals(request.subarray(HEADER_BYTES - SEQUENCE_BYTES))) return from;
  return undefined;
}

/** The messages of a type that have come: from whom, and what they carry, sequence number first. */
export function* echoes(socket: Ipv4Socket, type: number): Generator<{ carried: Buffer; from: Ipv4Address }> {
  for (let packet = socket.receive(); packet !== undefined; packet = socket.receive()) {
    const message = packet.bytes.subarray((packet.bytes.readUInt8(0) & 15) * 4);
    if (message[0] === type)
      yield { carried: message.subarray(HEADER_BYTES - SEQUENCE_BYTES), from: packet.from.address };
  }
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += bytes.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
