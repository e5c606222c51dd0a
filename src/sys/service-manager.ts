// Words for the service manager that started this process, by the protocol of sd_notify(3): datagrams to
// the socket that $NOTIFY_SOCKET names. Node has no sockets of that kind.

import { Descriptor } from './descriptor.ts';
import { call } from './libc.ts';
import { SystemError } from './system-error.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
/** `sun_path` (linux/un.h). */
const PATH_BYTES = 108;

/**
 * Sends assignments such as `READY=1`. `socket`: a path, or a name in the abstract namespace with `@` for its first
 * byte. Answers why it could not be sent, undefined if it was: a service manager that is gone is no reason to stop.
 */
export function notifyServiceManager(socket: string, assignments: readonly string[]): SystemError | undefined {
  const path = Buffer.from(socket);
  if (path.length >= PATH_BYTES || !/^[/@]/.test(socket)) return new SystemError(`socket ${socket}`, 22);
  // An abstract name begins with a zero byte, and ends where the address does.
  if (socket.startsWith('@')) path[0] = 0;
  const address = Buffer.alloc(2 + path.length);
  address.writeUInt16LE(AF_UNIX);
  path.copy(address, 2);
  const bytes = Buffer.from(assignments.join('\n'));
  try {
    using descriptor = new Descriptor(call('socket', AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    call('sendto', descriptor.number, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
  } catch (error) {
    if (error instanceof SystemError) return error;
    throw error;
  }
  return undefined;
}
