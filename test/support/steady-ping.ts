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
  /** Two 32-bit integers: one that becomes 1 when it is to stop, and how many it has sent. */
  readonly control: SharedArrayBuffer;
}

export interface SteadyPingReport {
  readonly sent: number;
  /** Which of them were not answered, counted from 1. */
  readonly lost: readonly number[];
}

export class SteadyPing {
  readonly #socket: Descriptor;
  readonly #worker: Worker;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #report: Promise<SteadyPingReport>;

  private constructor(socket: Descriptor, worker: Worker, control: SharedArrayBuffer) {
    this.#socket = socket;
    this.#worker = worker;
    this.#control = new Int32Array(control);
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
    const control = new SharedArrayBuffer(8);
    const workerData: SteadyPingTask = { socket: socket.number, destination: socketAddress(to), request, control };
    const worker = new Worker(new URL('./steady-ping-worker.ts', import.meta.url), { workerData });
    await new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject));
    return new SteadyPing(socket, worker, control);
  }

  /** Waits until so many more have been sent. */
  async send(count: number): Promise<void> {
    const enough = Atomics.load(this.#control, 1) + count;
    for (let sent = 0; (sent = Atomics.load(this.#control, 1)) < enough;)
      await Atomics.waitAsync(this.#control, 1, sent).value;
  }

  async finish(): Promise<SteadyPingReport> {
    Atomics.store(this.#control, 0, 1);
    Atomics.notify(this.#control, 0);
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
