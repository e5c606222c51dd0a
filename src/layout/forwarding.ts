import type { NamespaceSysctl } from '../host/sysctls.ts';

/**
 * Sysctls of every namespace that forwards, as Neutron sets them (Namespace.create() in
 * neutron/agent/l3/namespaces.py, init_router_port() in neutron/agent/linux/interface.py): ARP tells
 * of an address only on the link that has it, and an address that goes does not take others of its
 * subnet with it. And no ICMP redirects: what comes in from a link may well go out on it again, on
 * its way through NAT or to the snat port, and the sender has no shorter way. `default` does for
 * links to come what `all` alone does not: a redirect is sent if either `all` or the link says so.
 * Beyond Neutron: the kernel announces the addresses of a link that comes up (arp_notify), so that
 * nobody needs to send these packets.
 */
export const FORWARDING: readonly (readonly [NamespaceSysctl, string])[] = [
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
  ['net.ipv4.conf.all.arp_ignore', '1'],
  ['net.ipv4.conf.all.arp_announce', '2'],
  ['net.ipv4.conf.all.arp_notify', '1'],
  ['net.ipv4.conf.all.promote_secondaries', '1'],
  ['net.ipv4.conf.all.send_redirects', '0'],
  ['net.ipv4.conf.default.send_redirects', '0'],
];
