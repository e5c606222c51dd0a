// Recorded system calls as a script for replay.c, in which each is a few numbers.
//
//     header   u32 steps, u32 lowest descriptor that a step opens
//     steps    `struct step` of replay.c
//     bytes    what they send, paths, option values

import { z } from 'zod';
import type { SystemCall } from './strace-log.ts';

/** In the order of replay.c. */
const CALLS = [
  'close',
  'linkat',
  'mount',
  'openat',
  'read',
  'recvfrom',
  'sendto',
  'setns',
  'setsockopt',
  'socket',
  'umount2',
  'unlink',
  'unshare',
  'write',
];

const HEADER_BYTES = 8;
const STEP_BYTES = 64;
const ARGUMENTS = 6;
/** How an argument is meant. */
const NUMBER = 0;
const OFFSET = 1;
const SCRATCH = 2;
const NO_DESCRIPTOR = -1;
const SOCKADDR_LL_BYTES = 20;
const AF_PACKET = 17;
const ETH_P_ARP = 0x0806;
const MAC_BYTES = 6;
const INTO_SCRATCH = 'scratch';

type Argument = number | Buffer | typeof INTO_SCRATCH;

/** Throws for a call that it does not know how to write. */
export function writeScript(calls: readonly SystemCall[]): Buffer {
  const opened = calls.filter(opens).map(({ result }) => result);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(calls.length, 0);
  header.writeUInt32LE(Math.min(...opened), 4);
  const steps = Buffer.alloc(calls.length * STEP_BYTES);
  const bytes: Buffer[] = [];
  let offset = 0;
  const keep = (content: Buffer): number => {
    const start = offset;
    bytes.push(content);
    offset += content.length;
    return start;
  };
  for (const [index, call] of calls.entries()) writeStep(steps.subarray(index * STEP_BYTES), call, keep);
  return Buffer.concat([header, steps, ...bytes]);
}

function opens({ name, result }: SystemCall): boolean {
  return (name === 'openat' || name === 'socket') && result >= 0;
}

function writeStep(step: Buffer, call: SystemCall, keep: (content: Buffer) => number): void {
  const number = CALLS.indexOf(call.name);
  if (number < 0) throw new Error(`no step for the system call ${call.name}`);
  step.writeUInt8(number, 0);
  step.writeUInt8(call.result < 0 ? 1 : 0, 1);
  step.writeInt32LE(opens(call) ? call.result : NO_DESCRIPTOR, 8);
  for (const [index, argument] of argumentsOf(call).slice(0, ARGUMENTS).entries()) {
    const at = 16 + index * 8;
    if (typeof argument === 'number') {
      step.writeUInt8(NUMBER, 2 + index);
      step.writeBigInt64LE(BigInt(argument), at);
    } else if (argument === INTO_SCRATCH) {
      step.writeUInt8(SCRATCH, 2 + index);
    } else {
      step.writeUInt8(OFFSET, 2 + index);
      step.writeBigInt64LE(BigInt(keep(argument)), at);
    }
  }
}

function argumentsOf({ name, arguments: texts, sent }: SystemCall): Argument[] {
  return texts.map((text, index) => {
    if (index === 1 && (name === 'sendto' || name === 'write')) return sent;
    if (index === 1 && (name === 'recvfrom' || name === 'read')) return INTO_SCRATCH;
    // A file system type, which means nothing where one is not mounted.
    if (index === 2 && name === 'mount') return 0;
    return valueOf(text);
  });
}

function valueOf(text: string): number | Buffer {
  if (text === 'NULL') return 0;
  if (text.startsWith('"')) return Buffer.from(`${z.string().parse(JSON.parse(text))}\0`);
  if (text.startsWith('[')) return integer(Number(text.slice(1, -1)));
  if (text.startsWith('{')) return linkLayerBroadcast(text);
  const network = /^htons\((\w+)\)$/.exec(text)?.[1];
  if (network !== undefined) return swapped(Number(network));
  const words = text.split('|').map((word) => Number(/^0\d/.test(word) ? `0o${word}` : word));
  const value = words.reduce((sum, word) => sum + word, 0);
  if (!Number.isSafeInteger(value)) throw new Error(`no number: ${text}`);
  return value;
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** `struct sockaddr_ll` (packet(7)) of an ARP broadcast, the only address that Buoy ever sends to. */
function linkLayerBroadcast(text: string): Buffer {
  const index = /sll_ifindex=(\d+)/.exec(text)?.[1];
  if (index === undefined) throw new Error(`no address of a packet socket: ${text}`);
  const bytes = Buffer.alloc(SOCKADDR_LL_BYTES);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(ETH_P_ARP, 2);
  bytes.writeInt32LE(Number(index), 4);
  bytes.writeUInt8(MAC_BYTES, 11);
  bytes.fill(0xff, 12, 12 + MAC_BYTES);
  return bytes;
}
