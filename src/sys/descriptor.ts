// A file descriptor with one owner, released by scope:
//
//     using directory = Descriptor.open('/proc/sys/net', O.PATH | O.DIRECTORY);

import { close } from 'node:fs';
import { call } from './libc.ts';

/** Flags of open(2) (asm-generic/fcntl.h). */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
  TMPFILE: 0o20200000,
} as const;

export class Descriptor implements Disposable {
  #number: number;

  /** Takes ownership of an open descriptor. */
  constructor(number: number) {
    this.#number = number;
  }

  /** Opens a path, close-on-exec. Throws SystemError. */
  static open(path: string, flags: number, mode = 0): Descriptor {
    return new Descriptor(call('open', path, flags | O.CLOEXEC, mode));
  }

  /** The number for the system; throws once closed, so that a number used again by the system is never meant. */
  get number(): number {
    if (this.#number < 0) throw new Error('descriptor used after it was closed');
    return this.#number;
  }

  /** Gives ownership away: the caller must see to it that the number is closed. */
  release(): number {
    const number = this.number;
    this.#number = -1;
    return number;
  }

  /**
   * Closes it in Node's pool of threads: there are sockets that the kernel waits some 10 ms to close, for an RCU grace period. May be called again.
   */
  closeAside(): void {
    if (this.#number >= 0) close(this.release());
  }

  /** May be called again. */
  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    const number = this.#number;
    this.#number = -1;
    call('close', number);
  }
}
