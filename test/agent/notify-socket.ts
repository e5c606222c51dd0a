// A service manager's end of sd_notify(3).

import { Descriptor } from '../../src/sys/descriptor.ts';
import { call, callUnless } from '../../src/sys/libc.ts';

const [AF_UNIX, SOCK_DGRAM, MSG_DONTWAIT, EAGAIN] = [1, 2, 0x40, 11];

export class NotifySocket implements Disposable {
  readonly path: string;
  readonly #socket: Descriptor;

  constructor(path: string) {
    this.path = path;
    this.#socket = new Descriptor(call('socket', AF_UNIX, SOCK_DGRAM, 0));
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path.replace(/^@/, '\0'))]);
    call('bind', this.#socket.number, address, address.length);
  }

  /** What has come since the last time. */
  words(): string[] {
    const words: string[] = [];
    const buffer = Buffer.alloc(4096);
    for (;;) {
      const length = callUnless(EAGAIN, 'recv', this.#socket.number, buffer, buffer.length, MSG_DONTWAIT);
      if (length < 0) return words;
      words.push(buffer.toString('utf8', 0, length));
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
