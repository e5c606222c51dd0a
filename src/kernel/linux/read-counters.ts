// Reads what was counted of the packets of floating IPs, and nothing else of the host.

import type { FloatingTraffic } from '../../host/counters.ts';
import { trafficOf } from '../../host/counters.ts';
import { RECEIVED, SENT } from '../../host/translation.ts';
import type { NamespaceName } from '../../model/names.ts';
import { routerIdOf } from '../../model/names.ts';
import { readCounters, readTables } from '../../netlink/nftables/index.ts';
import { NETLINK } from '../../netlink/socket.ts';
import { SystemError } from '../../sys/system-error.ts';
import { isLeftover, listNames } from './namespace-name.ts';
import type { Namespaces } from './namespaces.ts';
import { inTurn } from './open-in-turn.ts';
import type { Source } from './read-host.ts';
import { ENOENT, NO_NAMESPACE } from './read-host.ts';

/** Those of `wanted`, or of all routers. Throws SystemError, NetlinkError, MalformedReply. */
export async function readHostCounters(
  { namespaces, directory, mark }: Source,
  wanted: ReadonlySet<NamespaceName> | undefined,
): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
  const names = listNames(directory).filter(
    (name) => routerIdOf(name) !== undefined && (wanted === undefined || wanted.has(name)),
  );
  const found = new Map<NamespaceName, FloatingTraffic>();
  const open = (some: readonly NamespaceName[]): ReturnType<Namespaces['netlinkSockets']> =>
    namespaces.netlinkSockets(some, NETLINK.NETFILTER);
  for await (const [name, netfilter] of inTurn(names, open)) {
    if (netfilter instanceof SystemError) {
      const isGone = netfilter.errno === ENOENT || isLeftover(directory, name, mark);
      if (isGone || NO_NAMESPACE.has(netfilter.errno)) continue;
      throw netfilter;
    }
    if (readTables(netfilter).own?.comment !== mark) continue;
    found.set(name, trafficOf(readCounters(netfilter, RECEIVED), readCounters(netfilter, SENT)));
  }
  return found;
}
