// Filters that the kernel runs over events before it queues them (SO_ATTACH_FILTER, linux/filter.h): what a program
// does not want to know then costs it neither a waking nor room in its queue.

import { addressOf, call } from '../sys/libc.ts';
import type { Descriptor } from '../sys/descriptor.ts';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const INSTRUCTION_BYTES = 8;

/** Offsets in a message: `nlmsg_type`, the upper half of `nlmsg_pid` and all of it, `rtm_protocol`, `ndm_state`. */
const TYPE = 4;
const PORT = 12;
const PORT_HIGH = 14;
const ROUTE_PROTOCOL = 21;
const NEIGHBOUR_STATE = 24;

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_EQUAL = 0x15;
const JUMP_SET = 0x45;
const RETURN = 0x06;
const ALL = 0xffffffff;

const ROUTES = [24, 25];
const NEIGHBOURS = [28, 29];
const RULES = [32, 33];
const PROTOCOL_KERNEL = 2;
/** FAILED, NOARP, PERMANENT: of the other states a neighbour in use changes between all the time. */
const LASTING_STATES = 0x20 | 0x40 | 0x80;

type Label = 'accept' | 'drop' | 'own' | 'route' | 'neighbour';
type Line =
  | { readonly label: Label }
  | { readonly code: number; readonly value: number; readonly yes?: Label; readonly no?: Label };

/** As the filter's machine, which is big-endian, loads what is in the host's order. */
const swapped = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
const jump = (value: number, yes: Label): Line => ({ code: JUMP_EQUAL, value, yes });

const END: readonly Line[] = [
  { label: 'drop' },
  { code: RETURN, value: 0 },
  { label: 'accept' },
  { code: RETURN, value: ALL },
];

/** Of sockets whose ports have these upper 16 bits. */
const dropOwn = (ownPorts: number): readonly Line[] => [
  { label: 'own' },
  { code: LOAD_HALF, value: PORT_HIGH },
  jump(swapped(ownPorts), 'drop'),
  { code: RETURN, value: ALL },
];

/**
 * Drops of rtnetlink's events: routes and rules changed over ports whose upper 16 bits are `ownPorts`, the routes that
 * the kernel makes by itself, and what neighbours go through while they are in use.
 */
export function attachRouteFilter(socket: Descriptor, ownPorts: number): void {
  attach(socket, [
    { code: LOAD_HALF, value: TYPE },
    ...NEIGHBOURS.map((type) => jump(swapped(type), 'neighbour')),
    ...ROUTES.map((type) => jump(swapped(type), 'route')),
    ...RULES.map((type) => jump(swapped(type), 'own')),
    { code: RETURN, value: ALL },
    { label: 'neighbour' },
    // Somebody's wish is told in any case.
    { code: LOAD_WORD, value: PORT },
    { code: JUMP_EQUAL, value: 0, no: 'accept' },
    { code: LOAD_BYTE, value: NEIGHBOUR_STATE },
    { code: JUMP_SET, value: LASTING_STATES, yes: 'accept', no: 'drop' },
    { label: 'route' },
    { code: LOAD_BYTE, value: ROUTE_PROTOCOL },
    jump(PROTOCOL_KERNEL, 'drop'),
    ...dropOwn(ownPorts),
    ...END,
  ]);
}

/** Drops of nftables' events those of transactions made over ports whose upper 16 bits are `ownPorts`. */
export function attachNftablesFilter(socket: Descriptor, ownPorts: number): void {
  attach(socket, [...dropOwn(ownPorts), ...END]);
}

function attach(socket: Descriptor, lines: readonly Line[]): void {
  const places = new Map<Label, number>();
  let count = 0;
  for (const line of lines) {
    if ('label' in line) places.set(line.label, count);
    else count++;
  }
  // `struct sock_fprog` before the instructions that it points to.
  const program = Buffer.alloc(Math.max(128, 16 + count * INSTRUCTION_BYTES));
  program.writeUInt16LE(count, 0);
  program.writeBigUInt64LE(addressOf(program) + 16n, 8);
  let index = 0;
  for (const line of lines) {
    if ('label' in line) continue;
    const distance = (label: Label | undefined) =>
      label === undefined ? 0 : (places.get(label) ?? Number.NaN) - index - 1;
    const at = 16 + index * INSTRUCTION_BYTES;
    program.writeUInt16LE(line.code, at);
    program.writeUInt8(distance(line.yes), at + 2);
    program.writeUInt8(distance(line.no), at + 3);
    program.writeUInt32LE(line.value, at + 4);
    index++;
  }
  call('setsockopt', socket.number, SOL_SOCKET, SO_ATTACH_FILTER, program, 16);
}
