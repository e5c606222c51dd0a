// One netlink socket: sends batches of messages and collects what the kernel answers.
//
// The kernel handles a netlink request inside send(2) and queues the answers before send returns,
// and fills the next part of a dump inside recv(2). So nothing here waits: an empty queue where an
// answer should be is an error, never a reason to block.

import { call, callUnless } from '../sys/libc.ts';
import { Descriptor } from '../sys/descriptor.ts';
import { errnoName, errnoText } from '../sys/system-error.ts';
import type { ReceivedMessage } from './attributes.ts';
import { eachAttribute, eachMessage, MalformedReply, readString } from './attributes.ts';
import { HEADER_BYTES, MessageBatch, NLM_F } from './message.ts';

/** Netlink protocols (linux/netlink.h). */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const EAGAIN = 11;
const EPERM = 1;

const NLMSG_NOOP = 1;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
/** The subsystem is in the upper byte; rtnetlink has none. */
const FIRST_NETFILTER_TYPE = 0x100;

/** Acks and errors of a batch wait in the receive buffer: 8 MiB hold those of some 10,000 messages. */
const BUFFER_BYTES = 8 << 20;
/** The kernel fills dump parts up to 32 KiB when it sees that the reader has room for them. */
const RECEIVE_BYTES = 64 << 10;
/** A dump that is interrupted this often is on a kernel whose state never rests; more tries would not help. */
const DUMP_TRIES = 16;

/** `struct sockaddr_nl`, of no groups; the kernel's port is 0. */
function addressOfPort(port: number): Buffer {
  const address = Buffer.from([AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  address.writeUInt32LE(port, 4);
  return address;
}

const KERNEL = addressOfPort(0);

// One reader at a time: every exchange is synchronous, so all sockets of a thread share a buffer.
const received = Buffer.alloc(RECEIVE_BYTES);

/** What the kernel said against one message of a batch. */
export interface Refusal {
  readonly sequence: number;
  readonly errno: number;
  /** The kernel's extended ack where it gave one, else the errno's text. */
  readonly message: string;
}

/** A request that the kernel refused as a whole: a dump or a question. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }

  get code(): string {
    return errnoName(this.errno);
  }
}

export class NetlinkSocket implements Disposable {
  readonly #descriptor: Descriptor;
  readonly #request = new MessageBatch(1, 256);
  /** An exchange has begun and not ended: it threw, or its caller did, and answers to it may be unread. */
  #isUnderWay = false;

  /** Takes over a descriptor that `openNetlinkDescriptor` made, in this or another thread. */
  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  /** Opens a socket in the current network namespace. Throws SystemError. */
  static open(protocol: number): NetlinkSocket {
    return new NetlinkSocket(openNetlinkDescriptor(protocol));
  }

  /**
   * Sends a batch and answers the kernel's refusals in the order it gave them; none means that all
   * was done. Only the last message is acknowledged, which ends the exchange: what the kernel
   * refuses it answers in any case, and what it has done before that needs no answer.
   * Throws SystemError when the socket fails, MalformedReply when the answer cannot be read.
   */
  exchange(batch: MessageBatch): readonly Refusal[] {
    batch.acknowledgeLast();
    return this.#exchange(batch, batch.nextSequence - 1);
  }

  /**
   * As `exchange`, for nfnetlink transactions, where no single answer ends the exchange: reads
   * until nothing is left, since the kernel has queued everything when send returns.
   */
  exchangeTransaction(batch: MessageBatch): readonly Refusal[] {
    return this.#exchange(batch, undefined);
  }

  #exchange(batch: MessageBatch, lastSequence: number | undefined): readonly Refusal[] {
    this.#send(batch);
    const refusals: Refusal[] = [];
    for (let ended = false; !ended;) {
      const length = this.#receive();
      if (length === undefined) {
        if (lastSequence === undefined) break;
        throw new MalformedReply(
          'the kernel did not answer the last message of a batch; a message before it has a wrong length',
        );
      }
      eachMessage(received, length, (message) => {
        if (message.type !== NLMSG_ERROR) return;
        const refusal = refusalOf(message);
        if (refusal !== undefined) refusals.push(refusal);
        if (message.sequence === lastSequence) ended = true;
      });
    }
    this.#isUnderWay = false;
    return refusals;
  }

  /**
   * Asks for a dump and calls `visit` for each message of it, once all of it has arrived intact: a
   * dump that changed under way (NLM_F_DUMP_INTR) is asked for again. `writeBody` writes what
   * follows the header. The message handed to `visit` is valid during the call only, and `visit`
   * must not use a socket. `begin` is called before each try, to forget what an interrupted one gave.
   * Throws NetlinkError, SystemError, MalformedReply.
   */
  dump(
    type: number,
    writeBody: (batch: MessageBatch) => void,
    visit: (message: ReceivedMessage) => void,
    begin?: () => void,
  ): void {
    for (let attempt = 1; attempt <= DUMP_TRIES; attempt++) {
      begin?.();
      if (this.#dumpOnce(type, writeBody, visit)) return;
    }
    throw new NetlinkError(EAGAIN, `dump ${type} was interrupted ${DUMP_TRIES} times by changes`);
  }

  /** Asks for one thing and calls `visit` for the answer. Throws NetlinkError, SystemError, MalformedReply. */
  ask(type: number, writeBody: (batch: MessageBatch) => void, visit: (message: ReceivedMessage) => void): void {
    const request = this.#request;
    request.clear();
    const sequence = request.begin(type, NLM_F.REQUEST);
    writeBody(request);
    request.end();
    this.#send(request);
    const length = this.#receive();
    if (length === undefined) throw new MalformedReply(`no answer to ${type}`);
    eachMessage(received, length, (message) => {
      if (message.sequence !== sequence) return;
      const refusal = message.type === NLMSG_ERROR ? refusalOf(message) : undefined;
      if (refusal !== undefined) throw new NetlinkError(refusal.errno, refusal.message);
      if (message.type === answerType(type)) visit(message);
    });
    this.#isUnderWay = false;
  }

  /** Answers false when the kernel's state changed during the dump. */
  #dumpOnce(
    type: number,
    writeBody: (batch: MessageBatch) => void,
    visit: (message: ReceivedMessage) => void,
  ): boolean {
    const sequence = this.#askForDump(type, writeBody);
    let intact = true;
    for (let done = false; !done;) {
      const length = this.#receive();
      if (length === undefined) throw new MalformedReply(`dump ${type} ended without NLMSG_DONE`);
      eachMessage(received, length, (message) => {
        if (message.sequence !== sequence || message.type === NLMSG_NOOP) return;
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) intact = false;
        if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
          const refusal = refusalOf(message);
          if (refusal !== undefined) throw new NetlinkError(refusal.errno, refusal.message);
          done = true;
        } else if (message.type === answerType(type)) {
          visit(message);
        } else {
          throw new MalformedReply(`a message of type ${message.type} in the answer to ${type}`);
        }
      });
    }
    this.#isUnderWay = false;
    return intact;
  }

  /** Answers the request's sequence number. */
  #askForDump(type: number, writeBody: (batch: MessageBatch) => void): number {
    const request = this.#request;
    request.clear();
    const sequence = request.begin(type, NLM_F.REQUEST | NLM_F.DUMP);
    writeBody(request);
    request.end();
    this.#send(request);
    return sequence;
  }

  #send({ bytes }: MessageBatch): void {
    if (this.#isUnderWay) while (this.#receive() !== undefined);
    this.#isUnderWay = true;
    call('send', this.#descriptor.number, bytes, bytes.length, 0);
  }

  /** Bytes now in `received`, or undefined when nothing is queued. */
  #receive(): number | undefined {
    const length = callUnless(
      EAGAIN,
      'recv',
      this.#descriptor.number,
      received,
      received.length,
      MSG_DONTWAIT | MSG_TRUNC,
    );
    if (length < 0) return undefined;
    if (length === 0) throw new MalformedReply('a reply of no bytes');
    if (length > received.length) throw new MalformedReply(`a reply of ${length} bytes was cut to ${received.length}`);
    return length;
  }

  /** See `Descriptor.closeAside`. */
  closeAside(): void {
    this.#descriptor.closeAside();
  }

  [Symbol.dispose](): void {
    this.#descriptor[Symbol.dispose]();
  }
}

/**
 * Opens a netlink socket in the current network namespace, with the options that `NetlinkSocket` counts on. `port`: its
 * port id, which the kernel names in what it tells others of the changes that it asks for; the kernel's choice unless given.
 */
export function openNetlinkDescriptor(protocol: number, port = 0): Descriptor {
  const descriptor = new Descriptor(call('socket', AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  try {
    setOption(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    setOption(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    if (protocol === NETLINK.ROUTE) setOption(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    if (port !== 0) call('bind', descriptor.number, addressOfPort(port), KERNEL.length);
    connectToKernel(descriptor);
    forceBuffer(descriptor, SO_SNDBUFFORCE);
    forceBuffer(descriptor, SO_RCVBUFFORCE);
  } catch (error) {
    descriptor[Symbol.dispose]();
    throw error;
  }
  return descriptor;
}

/** Connected, a socket takes messages from the kernel alone (netlink_getsockbyportid()), and from no process. */
export function connectToKernel(descriptor: Descriptor): void {
  call('connect', descriptor.number, KERNEL, KERNEL.length);
}

export function setOption(descriptor: Descriptor, level: number, name: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  call('setsockopt', descriptor.number, level, name, bytes, bytes.length);
}

/** Beyond the system's limit needs CAP_NET_ADMIN in the initial user namespace; without it the limit has to do. */
function forceBuffer(descriptor: Descriptor, option: number, size = BUFFER_BYTES): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(size);
  const forced = callUnless(EPERM, 'setsockopt', descriptor.number, SOL_SOCKET, option, bytes, bytes.length);
  if (forced < 0)
    call(
      'setsockopt',
      descriptor.number,
      SOL_SOCKET,
      option === SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF,
      bytes,
      bytes.length,
    );
}

/** As `forceBuffer` for what a socket receives. */
export function forceReceiveBuffer(descriptor: Descriptor, size: number): void {
  forceBuffer(descriptor, SO_RCVBUFFORCE, size);
}

/** What a dump consists of: rtnetlink has its types in fours, NEW, DEL, GET, SET; netfilter has GET after NEW. */
function answerType(request: number): number {
  return request < FIRST_NETFILTER_TYPE ? request & ~3 : request - 1;
}

/** Undefined for an ack: an error message (or the end of a dump) with errno 0. */
function refusalOf(message: ReceivedMessage): Refusal | undefined {
  const { buffer, start, end } = message;
  if (end - start < 4) {
    if (message.type === NLMSG_DONE) return undefined;
    throw new MalformedReply(`NLMSG_ERROR of ${end - start} bytes`);
  }
  const errno = -buffer.readInt32LE(start);
  if (errno < 0 && message.type === NLMSG_ERROR) throw new MalformedReply(`NLMSG_ERROR with the error ${-errno}`);
  if (errno <= 0) return undefined;
  let text: string | undefined;
  if ((message.flags & NLM_F_ACK_TLVS) !== 0) {
    eachAttribute(buffer, tlvStart(message), end, (type, from, to) => {
      if (type === NLMSGERR_ATTR_MSG) text = readString(buffer, from, to);
    });
  }
  return { sequence: message.sequence, errno, message: text || errnoText(errno) };
}

/** Extended-ack attributes follow the errno, and in an NLMSG_ERROR the header of the request (capped) or all of it. */
function tlvStart({ type, flags, buffer, start, end }: ReceivedMessage): number {
  if (type === NLMSG_DONE) return start + 4;
  if (end - start < 4 + HEADER_BYTES) throw new MalformedReply(`NLMSG_ERROR of ${end - start} bytes with attributes`);
  const requestBytes = (flags & NLM_F_CAPPED) !== 0 ? HEADER_BYTES : buffer.readUInt32LE(start + 4);
  if (requestBytes < HEADER_BYTES || requestBytes > end - start - 4)
    throw new MalformedReply(`NLMSG_ERROR of ${end - start} bytes for a request of ${requestBytes}`);
  return start + 4 + ((requestBytes + 3) & ~3);
}
