// Which of a recorded process's system calls are Buoy's own, and not those of the Node around it.

import { TRACE_FOLDER } from '../trace.ts';
import type { SystemCall } from './strace-log.ts';

/** What has to be recorded. */
export const RECORDED = [
  'access',
  'close',
  'linkat',
  'mount',
  'openat',
  'read',
  'recvfrom',
  'sendto',
  'setns',
  'setsockopt',
  'socket',
  'umount2',
  'unlink',
  'unshare',
  'write',
];

const OWN_PATHS = ['/proc/self/ns/', '/proc/thread-self/ns/', '/proc/sys/net/', '/run/netns'];
const AF_NETLINK = 16;
const AF_PACKET = 17;
const AT_FDCWD = '-100';
/** Calls that only Buoy makes, whatever they are about. */
const ALWAYS_OWN = new Set(['linkat', 'mount', 'setns', 'umount2', 'unlink', 'unshare']);
/** Calls on a descriptor, which is their first argument. */
const ON_DESCRIPTOR = new Set(['close', 'read', 'recvfrom', 'sendto', 'setsockopt', 'write']);

/** The calls between the two traces of a Stopwatch that are on namespaces, netlink and packet sockets, and sysctls. */
export function ownCalls(calls: readonly SystemCall[]): SystemCall[] {
  const isTrace = (name: string) => (call: SystemCall) =>
    call.name === 'access' && call.arguments[0] === `"${TRACE_FOLDER}/${name}"`;
  const begin = calls.findIndex(isTrace('begin'));
  const end = calls.findIndex(isTrace('end'));
  if (begin < 0 || end < begin) throw new Error('the recording has no begin and end');
  const descriptors = new Set<number>();
  return calls.slice(begin + 1, end).filter((call) => {
    const first = Number(call.arguments[0]);
    if (ON_DESCRIPTOR.has(call.name)) return call.name === 'close' ? descriptors.delete(first) : descriptors.has(first);
    if (!opensOwn(call, descriptors)) return ALWAYS_OWN.has(call.name);
    if (call.result >= 0) descriptors.add(call.result);
    return true;
  });
}

function opensOwn({ name, arguments: [first = '', path = ''] }: SystemCall, descriptors: ReadonlySet<number>): boolean {
  if (name === 'socket') return Number(first) === AF_NETLINK || Number(first) === AF_PACKET;
  if (name !== 'openat') return false;
  return first === AT_FDCWD ? OWN_PATHS.some((own) => path.startsWith(`"${own}`)) : descriptors.has(Number(first));
}
