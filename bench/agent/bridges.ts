// Bridges of tenant networks, whose names are known when the store has been filled.

import { linuxBridgeName } from '../../src/model/names.ts';
import { MessageBatch } from '../../src/netlink/message.ts';
import { createBridge } from '../../src/netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../../src/netlink/socket.ts';
import { MTU } from '../models.ts';

/** After the bridge that is there already. */
const FIRST_INDEX = 2000;

/** Throws when the kernel refuses one. */
export function makeTenantBridges(networks: readonly string[]): void {
  using socket = NetlinkSocket.open(NETLINK.ROUTE);
  for (const [index, network] of networks.entries()) {
    const batch = new MessageBatch(1);
    createBridge(batch, { name: linuxBridgeName(network), index: FIRST_INDEX + index, mac: undefined, mtu: MTU });
    const [refusal] = socket.exchange(batch);
    if (refusal !== undefined) throw new Error(`no bridge: ${refusal.message}`);
  }
}
