// Plug drivers: how a port inside a namespace is connected to the network outside of it.

import type { Network, Plug, Port } from '../model/model.ts';
import type { LinkName } from '../model/names.ts';
import { HOST, tapName } from '../model/names.ts';
import type { Link, LinkKind } from '../host/state.ts';
import { disableIpv6 } from '../host/sysctls.ts';
import type { HostDraft, PartDraft } from './host-draft.ts';
import { onLink } from './host-draft.ts';
import { BRIDGE_PORT, linkMac } from './mac.ts';

/** What a driver makes of a port. */
interface Plugged {
  /** What kind of link the port is. */
  readonly kind: LinkKind;
  /** A link in HOST that belongs to it. */
  readonly hostLink?: Pick<Link, 'name' | 'kind' | 'mac' | 'master'>;
}

/** Puts a port of a network into a namespace, with its addresses, and what subnets are on the link beside theirs. */
export function plugPort(draft: HostDraft, namespace: PartDraft, name: LinkName, port: Port, network: Network): void {
  const { mtu, plug } = network;
  const { kind, hostLink } = plugged(plug, namespace, name, port);
  namespace.addLink({ name, kind, mac: port.mac, mtu });
  if (hostLink !== undefined) {
    draft.host.addLink({ ...hostLink, mtu, alias: draft.mark });
    draft.host.sysctls.set(disableIpv6(hostLink.name), '1');
  }
  for (const { address, length } of port.addresses) namespace.addAddress(name, address, length);
  for (const subnet of port.extraSubnets) namespace.addRoute(subnet, onLink(name));
}

function plugged(plug: Plug, namespace: PartDraft, name: LinkName, port: Port): Plugged {
  switch (plug.driver) {
    case 'bridge': {
      const tap = tapName(port.id);
      const kind = { type: 'veth', peer: { namespace: namespace.name, link: name } } as const;
      const hostLink = { name: tap, kind, mac: linkMac(BRIDGE_PORT, tap, port.id), master: plug.bridge };
      return { kind: { type: 'veth', peer: { namespace: HOST, link: tap } }, hostLink };
    }
    case 'macvlan':
      return { kind: { type: 'macvlan', parent: plug.parent } };
  }
}
