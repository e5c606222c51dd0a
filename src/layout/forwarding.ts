import { isIpv4 } from '../model/address.ts';
import type { Port } from '../model/model.ts';
import type { NamespaceSysctl } from '../host/sysctls.ts';

/**
 * Sysctls of every namespace that forwards, as Neutron sets them (Namespace.create() in
 * neutron/agent/l3/namespaces.py, init_router_port() in neutron/agent/linux/interface.py): ARP tells
 * of an address only on the link that has it, and an address that goes does not take others of its
 * subnet with it. And no ICMP redirects: what comes in from a link may well go out on it again, on
 * its way through NAT or to the snat port, and the sender has no shorter way. `default` does for
 * links to come what `all` alone does not: a redirect is sent if either `all` or the link says so.
 * No filter of sources by the way back to them: new namespaces take theirs over from the host, and the kernel
 * looks for the way back without a mark, so answers to floating IPs would not be found to go out by `rfp-`.
 * Beyond Neutron: the kernel announces the addresses of a link that comes up (arp_notify), so that
 * nobody needs to send these packets.
 */
const FORWARDING: readonly (readonly [NamespaceSysctl, string])[] = [
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
  ['net.ipv4.conf.all.arp_ignore', '1'],
  ['net.ipv4.conf.all.arp_announce', '2'],
  ['net.ipv4.conf.all.arp_notify', '1'],
  ['net.ipv4.conf.all.promote_secondaries', '1'],
  ['net.ipv4.conf.all.rp_filter', '0'],
  ['net.ipv4.conf.default.rp_filter', '0'],
  ['net.ipv4.conf.all.send_redirects', '0'],
  ['net.ipv4.conf.default.send_redirects', '0'],
];

/**
 * Sysctls of a namespace with these ports. It has IPv6 only if one of them has: on a link that has it,
 * the kernel gives and tests an address and tells multicast routers of it, and at every change of carrier it
 * walks all IPv6 routes of the namespace. With a thousand routers that is half of all the work.
 */
export function forwarding(ports: readonly Port[]): Iterable<readonly [NamespaceSysctl, string]> {
  return [...FORWARDING, ['net.ipv6.conf.all.disable_ipv6', ports.some(hasIpv6) ? '0' : '1']];
}

export function hasIpv6({ addresses, extraSubnets, gateways }: Port): boolean {
  const all = [...gateways, ...[...addresses, ...extraSubnets].map(({ address }) => address)];
  return all.some((address) => !isIpv4(address));
}
