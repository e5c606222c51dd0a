// Who answers when a MAC address is asked for: arp_process() in net/ipv4/arp.c, and for IPv6 the
// owner (ndisc_recv_ns() in net/ipv6/ndisc.c), as Buoy has no proxies there.

import type { IpAddress } from '../../model/address.ts';
import { isIpv4, linkLocalOf } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import type { HostState, LinkEnd, NamespaceState } from '../state.ts';
import { decide } from './decision.ts';
import type { Answer } from './result.ts';
import { sourceTrouble } from './source-check.ts';
import { linkSetting, namespaceSetting, ownSetting } from './settings.ts';

/** A question for a MAC address, from somebody who has the address `asker`. */
export interface Question {
  readonly address: IpAddress;
  readonly asker: IpAddress;
}

/** Whether the namespace behind a port answers there; undefined if not. */
export function answerAt(state: HostState, { namespace: name, link }: LinkEnd, question: Question): Answer | undefined {
  const namespace = state.namespaces.get(name);
  if (namespace === undefined) return undefined;
  const { address, asker } = question;
  if (!isIpv4(address)) return isOnLink(namespace, link, address) ? 'owner' : undefined;
  const flow = { source: asker, destination: address, incoming: link, mark: 0 };
  const decision = decide(namespace, flow);
  if (sourceTrouble(namespace, flow, decision) !== undefined) return undefined;
  if (decision.kind === 'local') {
    const onlyThere = linkSetting(namespace, link, 'arp_ignore') > 0;
    return !onlyThere || isOnLink(namespace, link, address) ? 'owner' : undefined;
  }
  const proxies =
    decision.kind === 'route' &&
    decision.hop.link !== link &&
    linkSetting(namespace, link, 'proxy_arp') > 0 &&
    areApart(ownSetting(namespace, link, 'medium_id'), ownSetting(namespace, decision.hop.link, 'medium_id'));
  return proxies && namespaceSetting(namespace, 'net.ipv4.ip_forward') > 0 ? 'proxy' : undefined;
}

/** Whether two links are connected with different things, as far as they say: arp_fwd_proxy(). */
function areApart(medium: number, other: number): boolean {
  return medium === 0 || (medium !== -1 && other !== medium && other !== -1);
}

/** Whether a link has the address. */
function isOnLink({ addresses, links }: NamespaceState, link: LinkName, address: IpAddress): boolean {
  const mac = isIpv4(address) ? undefined : links.get(link)?.mac;
  if (mac !== undefined && linkLocalOf(mac) === address) return true;
  for (const own of addresses.values()) if (own.address === address && own.link === link) return true;
  return false;
}
