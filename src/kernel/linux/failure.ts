import type { Operation } from '../../host/plan.ts';
import { MalformedReply } from '../../netlink/attributes.ts';
import { NetlinkError } from '../../netlink/socket.ts';
import { errnoName, errnoText, SystemError } from '../../sys/system-error.ts';
import type { Failure } from '../kernel.ts';

/** What an operation failed with. Rethrows what is neither the kernel's refusal nor an answer that cannot be read. */
export function failureOf(operation: Operation, error: unknown): Failure {
  if (error instanceof SystemError)
    return { operation, errno: error.code, message: `${error.call}: ${errnoText(error.errno)}` };
  if (error instanceof NetlinkError) return { operation, errno: errnoName(error.errno), message: error.message };
  if (error instanceof MalformedReply) return { operation, errno: 'EBADMSG', message: error.message };
  throw error;
}
