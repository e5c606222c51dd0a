// The sysctls of a HostState of which the kernel tells that they were written.

import { hasLinkSysctls, linkSysctls } from '../../../host/sysctls.ts';
import type { LinkName } from '../../../model/names.ts';

const HEARD = /\.(?:ip_forward|all\.forwarding|all\.rp_filter|default\.rp_filter|proxy_arp)$/;
/** In place of a device's index (NETCONFA_IFINDEX_ALL and _DEFAULT in linux/netconf.h). */
const ALL = -1;
const DEFAULT = -2;

export function isHeardSysctl(name: string): boolean {
  return HEARD.test(name);
}

/** The name of a sysctl that was told of; undefined for one that no HostState has. `link`: the device of that index. */
export function heardSysctl(
  sysctl: 'forwarding' | 'rp_filter' | 'proxy_arp',
  { family, index }: { readonly family: 4 | 6; readonly index: number },
  link: LinkName,
): string | undefined {
  if (sysctl === 'forwarding') {
    if (index !== ALL) return undefined;
    return family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
  }
  if (family === 6) return undefined;
  if (sysctl === 'rp_filter') {
    if (index === ALL) return 'net.ipv4.conf.all.rp_filter';
    return index === DEFAULT ? 'net.ipv4.conf.default.rp_filter' : undefined;
  }
  return hasLinkSysctls(link) ? linkSysctls(link).proxyArp : undefined;
}
