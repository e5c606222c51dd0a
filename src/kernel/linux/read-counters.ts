// Reads what was counted of the packets of floating IPs, and nothing else of the host.

import type { FloatingTraffic } from '../../host/counters.ts';
import { trafficOf } from '../../host/counters.ts';
import { RECEIVED, SENT } from '../../host/translation.ts';
import type { NamespaceName } from '../../model/names.ts';
import { routerIdOf } from '../../model/names.ts';
import { readCounters, readTables } from '../../netlink/nftables/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import { isLeftover, listNames } from './namespace-name.ts';
import type { Namespaces } from './namespaces.ts';
import { openInTurn } from './open-in-turn.ts';
import { ENOENT, NO_NAMESPACE } from './read-host.ts';

/** Those of `wanted`, or of all routers. Throws SystemError, NetlinkError, MalformedReply. */
export async function readHostCounters(
  namespaces: Namespaces,
  directory: string,
  mark: string,
  wanted: ReadonlySet<NamespaceName> | undefined,
): Promise<ReadonlyMap<NamespaceName, FloatingTraffic>> {
  const names = listNames(directory).filter(
    (name) => routerIdOf(name) !== undefined && (wanted === undefined || wanted.has(name)),
  );
  const found = new Map<NamespaceName, FloatingTraffic>();
  for await (const [name, namespace] of openInTurn(namespaces, names)) {
    if (namespace instanceof SystemError) {
      const isGone = namespace.errno === ENOENT || isLeftover(directory, name, mark);
      if (isGone || NO_NAMESPACE.has(namespace.errno)) continue;
      throw namespace;
    }
    const { netfilter } = namespace;
    if (readTables(netfilter).own?.comment !== mark) continue;
    found.set(name, trafficOf(readCounters(netfilter, RECEIVED), readCounters(netfilter, SENT)));
  }
  return found;
}
