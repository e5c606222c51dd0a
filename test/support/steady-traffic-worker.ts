// The thread of a SteadyTraffic: nothing that the main thread does holds it up.

import { parentPort, workerData } from 'node:worker_threads';
import { call, callUnless } from '../../src/sys/libc.ts';
import { SystemError } from '../../src/sys/system-error.ts';
import type { PhaseReport, PingTask, StreamTask, TrafficTask } from './steady-traffic.ts';

const EAGAIN = 11;
const INTERVAL_MS = 1;
/** How long stragglers are waited for. */
const PATIENCE_MS = 1000;
const [STOP, PHASE] = [0, 1];

const ECHO_REPLY = 0;
/** Where an echo message carries what it is known by. */
const PAYLOAD = 8;
const IP_HEADER_BYTES = 20;

const MSG_NOSIGNAL = 0x4000;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** `tcpi_total_retrans` of `struct tcp_info` (linux/tcp.h). */
const TOTAL_RETRANSMITTED = 100;
const SEGMENT_BYTES = 32;

const task: TrafficTask = workerData;
const control = new Int32Array(task.control);
const received = Buffer.alloc(64 << 10);
const phases: { -readonly [Key in keyof PhaseReport]: PhaseReport[Key] }[] = [];

/** Keeps account of one way in each phase. */
class Account {
  #lastAnswer = performance.now();

  answered(): void {
    const now = performance.now();
    const report = phase(Atomics.load(control, PHASE));
    report.longestGapMs = Math.max(report.longestGapMs, now - this.#lastAnswer);
    this.#lastAnswer = now;
  }
}

class Ping {
  readonly #task: PingTask;
  readonly #message: Buffer;
  readonly #account = new Account();
  /** In which phase each was sent that is not answered yet. */
  readonly missing = new Map<number, number>();
  #sent = 0;

  constructor(ping: PingTask) {
    this.#task = ping;
    this.#message = Buffer.from(ping.request);
  }

  send(now: number): void {
    const message = this.#message;
    this.missing.set(++this.#sent, now);
    phase(now).pings++;
    // The identifier stays, as of one ping(8): it is one connection.
    message.writeUInt32BE(this.#sent, PAYLOAD);
    message.writeUInt16BE(0, 2);
    message.writeUInt16BE(checksum(message), 2);
    const { socket, destination } = this.#task;
    try {
      call('sendto', socket, message, message.length, 0, destination, destination.length);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }

  receive(): void {
    while (callUnless(EAGAIN, 'recv', this.#task.socket, received, received.length, 0) > 0) {
      const isReply = received[IP_HEADER_BYTES] === ECHO_REPLY;
      const isOurs = received.readUInt16BE(IP_HEADER_BYTES + 4) === this.#message.readUInt16BE(4);
      if (isReply && isOurs && this.missing.delete(received.readUInt32BE(IP_HEADER_BYTES + PAYLOAD)))
        this.#account.answered();
    }
  }
}

/** A connection whose one end sends a small segment a millisecond, and whose other end sends it back. */
class Stream {
  readonly #task: StreamTask;
  readonly #account = new Account();
  readonly #segment = Buffer.alloc(SEGMENT_BYTES);
  #retransmitted = 0;
  #isBroken = false;

  constructor(stream: StreamTask) {
    this.#task = stream;
  }

  turn(now: number): void {
    if (this.#isBroken) return;
    try {
      const { client, server } = this.#task;
      const sent = callUnless(EAGAIN, 'send', client, this.#segment, SEGMENT_BYTES, MSG_NOSIGNAL);
      if (sent > 0) phase(now).segments++;
      const arrived = take(server);
      if (arrived > 0) callUnless(EAGAIN, 'send', server, received, arrived, MSG_NOSIGNAL);
      if (take(client) > 0) this.#account.answered();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#isBroken = true;
      phase(now).broken++;
    }
  }

  /** Takes account of what the kernel sent again since it was last asked. */
  count(now: number): void {
    const total = retransmitted(this.#task.client) + retransmitted(this.#task.server);
    phase(now).retransmitted += total - this.#retransmitted;
    this.#retransmitted = total;
  }
}

const pings = task.pings.map((ping) => new Ping(ping));
const streams = task.streams.map((stream) => new Stream(stream));
let current = Atomics.load(control, PHASE);
while (Atomics.wait(control, STOP, 0, INTERVAL_MS) === 'timed-out') {
  const now = Atomics.load(control, PHASE);
  if (now !== current) for (const stream of streams) stream.count(current);
  current = now;
  for (const ping of pings) ping.send(now);
  for (const stream of streams) stream.turn(now);
  for (const ping of pings) ping.receive();
}
for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
  Atomics.wait(control, STOP, 1, INTERVAL_MS);
  for (const ping of pings) ping.receive();
  if (pings.every(({ missing }) => missing.size === 0)) break;
}
for (const stream of streams) stream.count(current);
for (const { missing } of pings) for (const sentIn of missing.values()) phase(sentIn).lost++;
parentPort?.postMessage(phases satisfies readonly PhaseReport[]);

function phase(number: number): (typeof phases)[number] {
  while (phases.length <= number)
    phases.push({ pings: 0, lost: 0, segments: 0, retransmitted: 0, broken: 0, longestGapMs: 0 });
  const report = phases[number];
  if (report === undefined) throw new RangeError('a phase without a number');
  return report;
}

/** Bytes that have come. Throws SystemError; ECONNRESET, too, if the other end has closed. */
function take(socket: number): number {
  const length = callUnless(EAGAIN, 'recv', socket, received, received.length, 0);
  if (length === 0) throw new SystemError('recv', 104);
  return length;
}

function retransmitted(socket: number): number {
  const info = Buffer.alloc(256);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(info.length);
  call('getsockopt', socket, IPPROTO_TCP, TCP_INFO, info, length);
  return info.readUInt32LE(TOTAL_RETRANSMITTED);
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += bytes.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
