// Sysctls of a namespace, read and written below directories that were opened inside of it, which
// needs no visit there.

import { Descriptor, O } from '../../sys/descriptor.ts';
import { call, callUnless } from '../../sys/libc.ts';
import type { OpenNamespace } from './namespaces.ts';

const ENOENT = 2;
const value = Buffer.alloc(128);

/** A sysctl's value, or undefined where there is none of that name. The namespace has to be open with its sysctls. Throws SystemError. */
export function readSysctl(namespace: OpenNamespace, name: string): string | undefined {
  const place = placeOf(namespace, name);
  const number = callUnless(ENOENT, 'openat', place.directory.number, place.path, O.RDONLY | O.CLOEXEC, 0);
  if (number < 0) return undefined;
  using file = new Descriptor(number);
  return value.toString('latin1', 0, call('read', file.number, value, value.length)).trimEnd();
}

/** The namespace has to be open with its sysctls. Throws SystemError. */
export function writeSysctl(namespace: OpenNamespace, name: string, text: string): void {
  const place = placeOf(namespace, name);
  using file = new Descriptor(call('openat', place.directory.number, place.path, O.WRONLY | O.CLOEXEC, 0));
  const bytes = Buffer.from(text);
  call('write', file.number, bytes, bytes.length);
}

/** `net.ipv4.conf.eth0/100.forwarding` is `conf/eth0.100/forwarding` below the directory of IPv4. */
function placeOf(namespace: OpenNamespace, name: string): { directory: Descriptor; path: string } {
  const [, family, ...rest] = name.split('.');
  return {
    directory: family === 'ipv6' ? namespace.sysctls.ipv6 : namespace.sysctls.ipv4,
    path: rest.map((word) => word.replaceAll('/', '.')).join('/'),
  };
}
