// A socket on which the kernel tells what changes in all namespaces that have a number in the socket's own
// (NETLINK_LISTEN_ALL_NSID in netlink(7); needs CAP_NET_BROADCAST).

import { addressOf, callUnless, onReadable } from '../sys/libc.ts';
import type { Descriptor } from '../sys/descriptor.ts';
import { SystemError } from '../sys/system-error.ts';
import type { ReceivedMessage } from './attributes.ts';
import { eachMessage, MalformedReply } from './attributes.ts';
import { connectToKernel, forceReceiveBuffer, setOption } from './socket.ts';

const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_LISTEN_ALL_NSID = 8;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const MSG_CTRUNC = 0x8;
const EAGAIN = 11;
const ENOBUFS = 105;
/** Room for a storm of some ten thousand events. */
const BUFFER_BYTES = 32 << 20;

// One memory for all that recvmsg(2) takes and gives: `struct msghdr`, its one `struct iovec`, control messages, data.
const VECTOR = 56;
const CONTROL = 128;
const CONTROL_BYTES = 128;
const DATA = 256;
const DATA_BYTES = 64 << 10;
const CMSG_BYTES = 16;
const memory = Buffer.alloc(DATA + DATA_BYTES);
const data = memory.subarray(DATA);
memory.writeBigUInt64LE(addressOf(memory) + BigInt(VECTOR), 16);
memory.writeBigUInt64LE(1n, 24);
memory.writeBigUInt64LE(addressOf(memory) + BigInt(CONTROL), 32);
memory.writeBigUInt64LE(addressOf(memory) + BigInt(DATA), VECTOR);
memory.writeBigUInt64LE(BigInt(DATA_BYTES), VECTOR + 8);

export class EventSocket implements Disposable {
  readonly #descriptor: Descriptor;
  #waiting: Disposable | undefined;

  /** Takes over a new netlink socket. Throws SystemError: EPERM without CAP_NET_BROADCAST. */
  constructor(descriptor: Descriptor, groups: readonly number[], filter: (descriptor: Descriptor) => void) {
    this.#descriptor = descriptor;
    setOption(descriptor, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
    forceReceiveBuffer(descriptor, BUFFER_BYTES);
    filter(descriptor);
    connectToKernel(descriptor);
    for (const group of groups) setOption(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  /** Has `callback` called whenever something is queued, until disposed. */
  listen(callback: () => void): void {
    this.#waiting = onReadable(this.#descriptor.number, callback);
  }

  /**
   * Hands out all that is queued, with the number of the namespace that it is from; undefined is the socket's own. A
   * message is valid during the call only. Answers false when events were lost. Throws SystemError, MalformedReply.
   */
  drain(visit: (message: ReceivedMessage, namespace: number | undefined) => void): boolean {
    let isWhole = true;
    for (;;) {
      const length = this.#receive();
      if (length === undefined) return isWhole;
      if (length === 'lost') isWhole = false;
      else {
        const namespace = namespaceOf();
        eachMessage(data, length, (message) => visit(message, namespace));
      }
    }
  }

  #receive(): number | 'lost' | undefined {
    memory.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40);
    memory.writeUInt32LE(0, 48);
    try {
      const length = callUnless(EAGAIN, 'recvmsg', this.#descriptor.number, memory, MSG_DONTWAIT);
      if (length < 0) return undefined;
      if ((memory.readUInt32LE(48) & (MSG_TRUNC | MSG_CTRUNC)) !== 0)
        throw new MalformedReply(`an event of more than ${length} bytes`);
      return length;
    } catch (error) {
      if (error instanceof SystemError && error.errno === ENOBUFS) return 'lost';
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#waiting?.[Symbol.dispose]();
    this.#descriptor[Symbol.dispose]();
  }
}

/** The number in the control message (netlink_cmsg_listen_all_nsid()). */
function namespaceOf(): number | undefined {
  const end = CONTROL + Number(memory.readBigUInt64LE(40));
  for (let at = CONTROL; at + CMSG_BYTES <= end;) {
    const bytes = Number(memory.readBigUInt64LE(at));
    if (bytes < CMSG_BYTES || bytes > end - at) throw new MalformedReply(`a control message of ${bytes} bytes`);
    const isNumber =
      memory.readInt32LE(at + 8) === SOL_NETLINK && memory.readInt32LE(at + 12) === NETLINK_LISTEN_ALL_NSID;
    if (isNumber && bytes >= CMSG_BYTES + 4) return memory.readInt32LE(at + CMSG_BYTES);
    at += (bytes + 7) & ~7;
  }
  return undefined;
}
