// A ping every millisecond, from a thread of its own, for as long as a test wants.

import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Journey } from '../../src/playground/journey.ts';
import type { Playground } from '../../src/playground/playground.ts';
import type { Descriptor } from '../../src/sys/descriptor.ts';
import { call } from '../../src/sys/libc.ts';

const AF_INET = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_ICMP = 1;
const ECHO_REQUEST = 8;

export interface SteadyPingTask {
  readonly socket: number;
  /** `struct sockaddr_in` */
  readonly destination: Uint8Array;
  /** An echo request without sequence and checksum. */
  readonly request: Uint8Array;
  /** A 32-bit integer that becomes 1. */
  readonly stop: SharedArrayBuffer;
}

export interface SteadyPingReport {
  readonly sent: number;
  /** Which of them were not answered, counted from 1. */
  readonly lost: readonly number[];
}

export class SteadyPing {
  readonly #socket: Descriptor;
  readonly #worker: Worker;
  readonly #stop: Int32Array<SharedArrayBuffer>;
  readonly #report: Promise<SteadyPingReport>;

  private constructor(socket: Descriptor, worker: Worker, stop: SharedArrayBuffer) {
    this.#socket = socket;
    this.#worker = worker;
    this.#stop = new Int32Array(stop);
    this.#report = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  }

  /** Pings from now on along a journey. */
  static async start(playground: Playground, { from, source, to }: Journey): Promise<SteadyPing> {
    const socket = await playground.socket(from, AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP);
    const local = socketAddress(source);
    call('bind', socket.number, local, local.length);
    const request = Buffer.alloc(12);
    request.writeUInt8(ECHO_REQUEST, 0);
    request.writeUInt16BE(randomInt(0x10000), 4);
    const stop = new SharedArrayBuffer(4);
    const workerData: SteadyPingTask = { socket: socket.number, destination: socketAddress(to), request, stop };
    const worker = new Worker(new URL('./steady-ping-worker.ts', import.meta.url), { workerData });
    await new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject));
    return new SteadyPing(socket, worker, stop);
  }

  async finish(): Promise<SteadyPingReport> {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    const report = await this.#report;
    await this.#worker.terminate();
    this.#socket[Symbol.dispose]();
    return report;
  }
}

function socketAddress(address: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt32BE(address, 4);
  return bytes;
}
