// A socket whose other end says what a fuzzer has it say. What is sent and received really goes
// through the system, so everything from recv(2) upwards is what runs in earnest.

import koffi from 'koffi';
import type { ReceivedMessage } from '../../src/netlink/attributes.ts';
import type { MessageBatch } from '../../src/netlink/message.ts';
import type { Refusal } from '../../src/netlink/socket.ts';
import { NetlinkSocket } from '../../src/netlink/socket.ts';
import { Descriptor } from '../../src/sys/descriptor.ts';
import { callUnless } from '../../src/sys/libc.ts';

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;
/** Sixteen times sixteen tries for the elements of sixty sets, and more than any recording needs. */
const MOST_REQUESTS = 16 * 16 * 60;

const socketpair = koffi.load('libc.so.6').func('int socketpair(int domain, int type, int protocol, _Out_ int *pair)');
const [near, far] = pairOfDescriptors();
/** More than Buoy receives, and less than the system lets through. */
const LONGEST_DATAGRAM = 128 << 10;
const scrap = Buffer.alloc(1 << 20);

/** Datagrams that answer a request of a type (0 for a batch) with a sequence number. */
export type Answer = (type: number, sequence: number) => readonly Buffer[];

export class HostileSocket extends NetlinkSocket {
  readonly #answer: Answer;
  #requests = 0;

  constructor(answer: Answer) {
    super(new Descriptor(near));
    drain(near);
    this.#answer = answer;
  }

  override dump(
    type: number,
    writeBody: (batch: MessageBatch) => void,
    visit: (message: ReceivedMessage) => void,
    begin?: () => void,
  ): void {
    super.dump(
      type,
      (batch) => {
        writeBody(batch);
        this.#prepare(type, batch.nextSequence - 1);
      },
      visit,
      begin,
    );
  }

  override exchange(batch: MessageBatch): readonly Refusal[] {
    this.#prepare(0, batch.nextSequence - 1);
    return super.exchange(batch);
  }

  override exchangeTransaction(batch: MessageBatch): readonly Refusal[] {
    this.#prepare(0, batch.nextSequence - 1);
    return super.exchangeTransaction(batch);
  }

  #prepare(type: number, sequence: number): void {
    if (++this.#requests > MOST_REQUESTS) throw new Error(`more than ${MOST_REQUESTS} requests`);
    drain(far);
    for (const datagram of this.#answer(type, sequence))
      callUnless(EAGAIN, 'send', far, datagram, Math.min(datagram.length, LONGEST_DATAGRAM), MSG_DONTWAIT);
  }
}

function drain(descriptor: number): void {
  while (callUnless(EAGAIN, 'recv', descriptor, scrap, scrap.length, MSG_DONTWAIT) > 0);
}

function pairOfDescriptors(): readonly [number, number] {
  const pair = [0, 0];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) !== 0) throw new Error('socketpair failed');
  return [pair[0] ?? -1, pair[1] ?? -1];
}
