// What the process may do and how much of it, as /proc tells. Nothing is tried.

import { readFileSync } from 'node:fs';

/** Is there unless this kernel has no IPv6. */
export const IPV6_SYSCTLS = '/proc/sys/net/ipv6';

/** Bits of a capability set (linux/capability.h). */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21 } as const;

export type Capability = keyof typeof CAPABILITIES;

/** The capabilities that every command on the kernel needs. */
export const NEEDED_CAPABILITIES = [
  'CAP_NET_ADMIN',
  'CAP_SYS_ADMIN',
  'CAP_NET_RAW',
] as const satisfies readonly Capability[];

/** Those of the needed capabilities that are not effective in this process. */
export function missingCapabilities(status: string = readFileSync('/proc/self/status', 'utf8')): Capability[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return NEEDED_CAPABILITIES.filter((name) => ((effective >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}

/** How many descriptors this process may have open (RLIMIT_NOFILE, soft). */
export function openFilesLimit(limits: string = readFileSync('/proc/self/limits', 'utf8')): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft ?? 0);
}

/** A sysctl by its name in sysctl(8); undefined where this kernel has none of that name. */
export function hostSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
