// The thread of a SteadyPing: nothing that the main thread does holds it up.

import { parentPort, workerData } from 'node:worker_threads';
import type { SteadyPingReport, SteadyPingTask } from './steady-ping.ts';
import { call, callUnless } from '../../src/sys/libc.ts';
import { SystemError } from '../../src/sys/system-error.ts';

const EAGAIN = 11;
const INTERVAL_MS = 1;
/** How long stragglers are waited for. */
const PATIENCE_MS = 1000;
const ECHO_REPLY = 0;
/** Where an echo message carries what it is known by. */
const PAYLOAD = 8;
const IP_HEADER_BYTES = 20;

const task: SteadyPingTask = workerData;
const { socket, destination, request } = task;
const control = new Int32Array(task.control);
const message = Buffer.from(request);
const received = Buffer.alloc(256);
const missing = new Set<number>();
let sent = 0;

while (Atomics.wait(control, 0, 0, INTERVAL_MS) === 'timed-out') {
  sendNext();
  Atomics.store(control, 1, sent);
  Atomics.notify(control, 1);
  receive();
}
for (const deadline = performance.now() + PATIENCE_MS; missing.size > 0 && performance.now() < deadline;) {
  Atomics.wait(control, 0, 1, INTERVAL_MS);
  receive();
}
parentPort?.postMessage({ sent, lost: [...missing] } satisfies SteadyPingReport);

function sendNext(): void {
  missing.add(++sent);
  // The identifier stays, as of one ping(8): it is one connection.
  message.writeUInt32BE(sent, PAYLOAD);
  message.writeUInt16BE(0, 2);
  message.writeUInt16BE(checksum(message), 2);
  try {
    call('sendto', socket, message, message.length, 0, destination, destination.length);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}

function receive(): void {
  while (callUnless(EAGAIN, 'recv', socket, received, received.length, 0) > 0) {
    const isReply = received[IP_HEADER_BYTES] === ECHO_REPLY;
    const isOurs = received.readUInt16BE(IP_HEADER_BYTES + 4) === message.readUInt16BE(4);
    if (isReply && isOurs) missing.delete(received.readUInt32BE(IP_HEADER_BYTES + PAYLOAD));
  }
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += bytes.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
