// The sysctls that a HostState tells of: those that Buoy sets in a namespace of its own.

import type { LinkName } from '../model/names.ts';
import { parseLinkName } from '../model/names.ts';

/** Set once for a namespace. */
export const NAMESPACE_SYSCTLS = [
  'net.ipv4.ip_forward',
  'net.ipv4.ip_nonlocal_bind',
  'net.ipv4.conf.all.arp_announce',
  'net.ipv4.conf.all.arp_ignore',
  'net.ipv4.conf.all.arp_notify',
  'net.ipv4.conf.all.promote_secondaries',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.all.send_redirects',
  'net.ipv4.conf.default.rp_filter',
  'net.ipv4.conf.default.send_redirects',
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv6.conf.all.forwarding',
] as const;

export type NamespaceSysctl = (typeof NAMESPACE_SYSCTLS)[number];

/** Whether a link is a gateway port of a fip namespace, the only kind of link with sysctls of its own. */
export function hasLinkSysctls(link: LinkName): boolean {
  return link.startsWith('fg-');
}

/** The link's part of a sysctl's name: a dot in it is written as `/`, as sysctl(8) does. */
function sysctlWord(link: LinkName): string {
  return link.replaceAll('.', '/');
}

const OF_LINK = /^net\.ipv[46]\.(?:conf|neigh)\.(.+)\.\w+$/;

/** The link that a sysctl is of; undefined for one of a whole namespace. */
export function linkOfSysctl(name: string): LinkName | undefined {
  const word = OF_LINK.exec(name)?.[1];
  return word === undefined || word === 'all' || word === 'default'
    ? undefined
    : parseLinkName(word.replaceAll('/', '.'));
}

/**
 * Takes IPv6 off a link in HOST. The port of a bridge needs none: what the bridge does not pass on is for
 * the bridge itself. Left on, it costs an address that nobody uses, and at every change of carrier
 * a walk over the IPv6 routes of all ports (addrconf_notify() in net/ipv6/addrconf.c).
 */
export function disableIpv6(link: LinkName): string {
  return `net.ipv6.conf.${sysctlWord(link)}.disable_ipv6`;
}

/**
 * Proxy ARP on a link, how long it waits before it answers (in ticks of 1/100 s), and what the link is
 * connected with: it answers for nothing that a link on the same medium leads to (arp_fwd_proxy() in net/ipv4/arp.c).
 */
export function linkSysctls(link: LinkName): {
  readonly mediumId: string;
  readonly proxyArp: string;
  readonly proxyDelay: string;
} {
  const word = sysctlWord(link);
  return {
    mediumId: `net.ipv4.conf.${word}.medium_id`,
    proxyArp: `net.ipv4.conf.${word}.proxy_arp`,
    proxyDelay: `net.ipv4.neigh.${word}.proxy_delay`,
  };
}
