// What a watch hears with, and asks with.

import { attachNftablesFilter, attachRouteFilter } from '../../../netlink/event-filter.ts';
import { EventSocket } from '../../../netlink/event-socket.ts';
import { ROUTE_GROUPS } from '../../../netlink/route/index.ts';
import { NETLINK } from '../../../netlink/socket.ts';
import { HOST } from '../../../model/names.ts';
import type { Namespaces } from '../namespaces.ts';
import { OpenNamespace } from '../namespaces.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NFNLGRP_NFTABLES = 7;

export interface WatchSockets {
  readonly control: OpenNamespace;
  readonly route: EventSocket;
  readonly nftables: EventSocket;
}

/** Opened in the host's own namespace. Throws SystemError (EPERM without CAP_NET_BROADCAST). */
export async function openSockets(namespaces: Namespaces): Promise<WatchSockets> {
  await using opened = new AsyncDisposableStack();
  const [control] = await namespaces.open([HOST]);
  if (!(control instanceof OpenNamespace)) throw control ?? new Error('the worker did not answer');
  opened.use(control);
  const socket = (protocol: number) => namespaces.socket(HOST, AF_NETLINK, SOCK_RAW, protocol);
  const { ownPorts } = namespaces;
  const route = opened.use(
    new EventSocket(await socket(NETLINK.ROUTE), Object.values(ROUTE_GROUPS), (descriptor) =>
      attachRouteFilter(descriptor, ownPorts),
    ),
  );
  const nftables = opened.use(
    new EventSocket(await socket(NETLINK.NETFILTER), [NFNLGRP_NFTABLES], (descriptor) =>
      attachNftablesFilter(descriptor, ownPorts),
    ),
  );
  opened.move();
  return { control, route, nftables };
}
