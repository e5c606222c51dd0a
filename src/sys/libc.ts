// The C library's functions that Buoy calls, through koffi: this is the only file that knows a
// foreign function interface. Calls are synchronous and cost about 0.3 µs over C.
//
// Descriptors are plain numbers here; `Descriptor` gives one an owner.

import koffi from 'koffi';
import { SystemError } from './system-error.ts';

const libc = koffi.load('libc.so.6');

/** What can be passed: integers, text (with a NUL added), memory. */
type Value = number | bigint | string | Uint8Array | null;
type Call = (...values: Value[]) => number;

function declare(prototype: string): Call {
  // koffi types every function it makes as `any`; the prototypes below are what makes these sound.
  return libc.func(prototype) as Call;
}

const functions = {
  socket: declare('int socket(int domain, int type, int protocol)'),
  bind: declare('int bind(int fd, const uint8_t *address, uint32_t length)'),
  connect: declare('int connect(int fd, const uint8_t *address, uint32_t length)'),
  getsockname: declare('int getsockname(int fd, uint8_t *address, uint8_t *length)'),
  listen: declare('int listen(int fd, int backlog)'),
  accept4: declare('int accept4(int fd, uint8_t *address, uint8_t *length, int flags)'),
  setsockopt: declare('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
  getsockopt: declare('int getsockopt(int fd, int level, int name, uint8_t *value, uint8_t *length)'),
  send: declare('intptr_t send(int fd, const uint8_t *bytes, size_t length, int flags)'),
  sendto: declare(
    'intptr_t sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *address, uint32_t addressLength)',
  ),
  recv: declare('intptr_t recv(int fd, uint8_t *bytes, size_t length, int flags)'),
  recvfrom: declare(
    'intptr_t recvfrom(int fd, uint8_t *bytes, size_t length, int flags, uint8_t *address, uint8_t *addressLength)',
  ),
  recvmsg: declare('intptr_t recvmsg(int fd, uint8_t *message, int flags)'),
  poll: declare('int poll(uint8_t *descriptors, unsigned long count, int milliseconds)'),
  open: declare('int open(const char *path, int flags, uint32_t mode)'),
  openat: declare('int openat(int directory, const char *path, int flags, uint32_t mode)'),
  linkat: declare('int linkat(int fromDirectory, const char *from, int toDirectory, const char *to, int flags)'),
  unlink: declare('int unlink(const char *path)'),
  read: declare('intptr_t read(int fd, uint8_t *bytes, size_t length)'),
  write: declare('intptr_t write(int fd, const uint8_t *bytes, size_t length)'),
  close: declare('int close(int fd)'),
  flock: declare('int flock(int fd, int operation)'),
  setns: declare('int setns(int fd, int type)'),
  unshare: declare('int unshare(int flags)'),
  mount: declare(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  prctl: declare(
    'int prctl(int option, unsigned long first, unsigned long second, unsigned long third, unsigned long fourth)',
  ),
  capget: declare('int capget(uint8_t *header, uint8_t *sets)'),
  capset: declare('int capset(uint8_t *header, const uint8_t *sets)'),
  umount2: declare('int umount2(const char *target, int flags)'),
  malloc_trim: declare('int malloc_trim(size_t kept)'),
} satisfies Record<string, Call>;

export type LibcFunction = keyof typeof functions;

const EINTR = 4;

/**
 * Calls a function of the C library and answers what it returned, which is never negative; a call
 * that a signal interrupted is made again. Throws SystemError with the function's name and errno.
 */
export function call(name: LibcFunction, ...values: Value[]): number {
  for (;;) {
    const result = functions[name](...values);
    if (result >= 0) return result;
    const errno = koffi.errno();
    if (errno !== EINTR || name === 'close') throw new SystemError(name, errno);
  }
}

/**
 * As `call`, for callers that expect one certain failure: answers -1 for that errno and throws
 * SystemError for any other.
 */
export function callUnless(expected: number, name: LibcFunction, ...values: Value[]): number {
  for (;;) {
    const result = functions[name](...values);
    if (result >= 0) return result;
    const errno = koffi.errno();
    if (errno === expected) return -1;
    if (errno !== EINTR) throw new SystemError(name, errno);
  }
}

/**
 * Where a buffer lies, for structures that hold pointers. It stays there as long as the buffer is in use, if it has
 * more than 64 bytes: shorter ones may lie where the garbage collector moves them.
 */
export function addressOf(buffer: Uint8Array): bigint {
  if (buffer.byteLength <= 64) throw new Error('a buffer of up to 64 bytes may be moved');
  return koffi.address(buffer);
}

/**
 * Has `callback` called by the event loop whenever there is something to read, and as long as it has not been read.
 * Takes no thread. Until disposed, which must be before the descriptor is closed, it keeps the process alive.
 */
export function onReadable(descriptor: number, callback: () => void): Disposable {
  const handle = koffi.node.poll(descriptor, { readable: true }, callback);
  return {
    [Symbol.dispose]: () => {
      handle.stop();
      handle.close();
    },
  };
}
