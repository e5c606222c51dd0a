// A packet, and where it comes from.

import type { IpAddress } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import type { LinkEnd } from '../state.ts';

/** The first packet of a connection, or an answer to it. */
export interface Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Bytes, IP header included; it may not be fragmented. Without a size, it fits everywhere. */
  readonly size?: number;
}

/**
 * What ports of several namespaces share, and others that a HostState knows nothing of: a device of
 * the host that is a bridge, or the parent of macvlans.
 */
export type Wire = LinkName;

export type Place =
  /** A frame for this link, sent by whoever knows its MAC address. */
  | ({ readonly kind: 'link' } & LinkEnd)
  /** Somebody on the wire who asks for the MAC address of `nexthop`, and sends to the one that answers. */
  | { readonly kind: 'wire'; readonly wire: Wire; readonly nexthop: IpAddress };
