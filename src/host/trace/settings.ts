// Sysctls as the kernel takes them. One that a state does not name is 0, as in a new namespace of a
// host that has changed none: new namespaces inherit IPv4's settings from the host's first one
// (net.core.devconf_inherit_init_net).

import type { LinkName } from '../../model/names.ts';
import type { NamespaceState } from '../state.ts';

export function namespaceSetting({ sysctls }: NamespaceState, name: string): number {
  return Number(sysctls.get(name) ?? 0);
}

/** Of those that hold when either the link or `all` says so, and the higher of both where they are numbers. */
export function linkSetting(
  namespace: NamespaceState,
  link: LinkName,
  name: 'arp_ignore' | 'proxy_arp' | 'rp_filter',
): number {
  const of = (scope: string): number => namespaceSetting(namespace, `net.ipv4.conf.${scope}.${name}`);
  return Math.max(of('all'), of(link));
}

/** Of those that are a link's alone. */
export function ownSetting(namespace: NamespaceState, link: LinkName, name: 'medium_id'): number {
  return namespaceSetting(namespace, `net.ipv4.conf.${link}.${name}`);
}
