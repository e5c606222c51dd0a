// Pings and TCP connections that carry something every millisecond, from a thread of their own, and an account of
// what was lost in each phase of what somebody does meanwhile.

import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { until } from '../../src/playground/ipv4-socket.ts';
import type { Journey } from '../../src/playground/journey.ts';
import type { Playground } from '../../src/playground/playground.ts';
import { Descriptor } from '../../src/sys/descriptor.ts';
import { call, callUnless } from '../../src/sys/libc.ts';
import { must } from './must.ts';

const AF_INET = 2;
const [SOCK_STREAM, SOCK_RAW] = [1, 3];
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const ECHO_REQUEST = 8;
const EAGAIN = 11;
const EALREADY = 114;
const EINPROGRESS = 115;
const PATIENCE_MS = 10_000;
const [STOP, PHASE] = [0, 1];

/** From where to where packets go. */
export type Way = Pick<Journey, 'from' | 'source' | 'to' | 'target'>;

/** What became of the traffic of a phase. */
export interface PhaseReport {
  /** Echo requests that were sent, and those of them that were never answered. */
  readonly pings: number;
  readonly lost: number;
  /** Segments that were sent over TCP; what the kernel had to send again; connections that have ended. */
  readonly segments: number;
  readonly retransmitted: number;
  readonly broken: number;
  /** The longest time between two answers on one way. It counts what holds up the thread, too. */
  readonly longestGapMs: number;
}

export interface PingTask {
  readonly socket: number;
  /** `struct sockaddr_in` */
  readonly destination: Uint8Array;
  /** An echo request without sequence and checksum. */
  readonly request: Uint8Array;
}

export interface StreamTask {
  readonly client: number;
  readonly server: number;
}

export interface TrafficTask {
  readonly pings: readonly PingTask[];
  readonly streams: readonly StreamTask[];
  /** Two 32-bit integers: one that becomes 1 when it is to stop, and the number of the phase. */
  readonly control: SharedArrayBuffer;
}

export class SteadyTraffic {
  readonly #sockets: DisposableStack;
  readonly #worker: Worker;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #report: Promise<readonly PhaseReport[]>;

  private constructor(sockets: DisposableStack, worker: Worker, control: Int32Array<SharedArrayBuffer>) {
    this.#sockets = sockets;
    this.#worker = worker;
    this.#control = control;
    this.#report = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  }

  /** Pings and connects along these ways; begins with phase 0. */
  static async start(
    playground: Playground,
    { pings, streams }: { readonly pings: readonly Way[]; readonly streams: readonly Way[] },
  ): Promise<SteadyTraffic> {
    using sockets = new DisposableStack();
    const control = new Int32Array(new SharedArrayBuffer(8));
    const workerData: TrafficTask = {
      pings: await Promise.all(pings.map(async (way) => openPing(playground, way, sockets))),
      streams: await Promise.all(streams.map(async (way) => connect(playground, way, sockets))),
      control: control.buffer,
    };
    // Run as TypeScript in tests and as JavaScript in benches.
    const file = import.meta.url.endsWith('.ts') ? './steady-traffic-worker.ts' : './steady-traffic-worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData });
    await new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject));
    return new SteadyTraffic(sockets.move(), worker, control);
  }

  /** What is sent from now on counts for another phase. */
  enter(phase: number): void {
    Atomics.store(this.#control, PHASE, phase);
  }

  /** Answers what became of the traffic of each phase, by its number. */
  async finish(): Promise<readonly PhaseReport[]> {
    Atomics.store(this.#control, STOP, 1);
    Atomics.notify(this.#control, STOP);
    const report = await this.#report;
    await this.#worker.terminate();
    this.#sockets.dispose();
    return report;
  }
}

async function openPing(playground: Playground, way: Way, sockets: DisposableStack): Promise<PingTask> {
  const socket = sockets.use(await playground.socket(way.from, AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP));
  bind(socket, way.source);
  const request = Buffer.alloc(12);
  request.writeUInt8(ECHO_REQUEST, 0);
  request.writeUInt16BE(randomInt(0x10000), 4);
  return { socket: socket.number, destination: socketAddress(way.to, 0), request };
}

async function connect(playground: Playground, way: Way, sockets: DisposableStack): Promise<StreamTask> {
  const { machine, address } = must(way.target);
  using listener = await playground.socket(machine, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind(listener, address);
  call('listen', listener.number, 1);
  const client = sockets.use(await playground.socket(way.from, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  bind(client, way.source);
  const peer = socketAddress(way.to, portOf(listener));
  const deadline = performance.now() + PATIENCE_MS;
  let pending = EINPROGRESS;
  await until(deadline, () => {
    const isMade = callUnless(pending, 'connect', client.number, peer, peer.length) >= 0;
    pending = EALREADY;
    return isMade ? true : undefined;
  });
  const accepted = await until(deadline, () => {
    const number = callUnless(EAGAIN, 'accept4', listener.number, null, null, SOCK_NONBLOCK);
    return number < 0 ? undefined : new Descriptor(number);
  });
  const server = sockets.use(must(accepted));
  const on = Buffer.from([1, 0, 0, 0]);
  for (const { number } of [client, server]) call('setsockopt', number, IPPROTO_TCP, TCP_NODELAY, on, on.length);
  return { client: client.number, server: server.number };
}

function bind(socket: Descriptor, address: number): void {
  const local = socketAddress(address, 0);
  call('bind', socket.number, local, local.length);
}

function portOf(socket: Descriptor): number {
  const address = socketAddress(0, 0);
  const length = Buffer.from([address.length, 0, 0, 0]);
  call('getsockname', socket.number, address, length);
  return address.readUInt16BE(2);
}

/** `struct sockaddr_in` (ip(7)) */
function socketAddress(address: number, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.writeUInt32BE(address, 4);
  return bytes;
}
