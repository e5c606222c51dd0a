// Reads a host: every namespace that carries our mark, and the links in the host's own namespace
// that are ours.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { HostState, Link, LinkEnd, LinkKind, NamespaceState } from '../../host/state.ts';
import { EMPTY_NAMESPACE } from '../../host/state.ts';
import { disableIpv6 } from '../../host/sysctls.ts';
import { OWN_TABLE, readTables } from '../../netlink/nftables/index.ts';
import type { KernelLink } from '../../netlink/route/index.ts';
import { readLinks } from '../../netlink/route/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import { isLeftover, listNames } from './namespace-name.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';
import { openInTurn } from './open-in-turn.ts';
import type { NamespaceReading } from './read-namespace.ts';
import { readNamespace } from './read-namespace.ts';
import { FIRST_CHOSEN } from './session.ts';

export const ENOENT = 2;
/** What opening or entering something else than a network namespace says: EISDIR, EINVAL, ELOOP, ENXIO. */
export const NO_NAMESPACE = new Set([21, 22, 40, 6]);

/** Throws SystemError, NetlinkError, MalformedReply. */
export async function readHost(namespaces: Namespaces, directory: string, mark: string): Promise<HostState> {
  const readings = new Map<NamespaceName, NamespaceReading>();
  const foreign = new Map<NamespaceName, string>();
  for await (const [name, namespace] of openInTurn(namespaces, listNames(directory))) {
    if (namespace instanceof SystemError) {
      if (namespace.errno === ENOENT || isLeftover(directory, name, mark)) continue;
      if (!NO_NAMESPACE.has(namespace.errno)) throw namespace;
      foreign.set(name, `not a network namespace (${namespace.message})`);
      continue;
    }
    const { own, others } = readTables(namespace.netfilter);
    if (own?.comment === mark) readings.set(name, readNamespace(namespace, own, others));
    else
      foreign.set(
        name,
        own?.comment === undefined
          ? 'a namespace without our mark'
          : `a namespace whose nftables table ${OWN_TABLE} says ${JSON.stringify(own.comment)}`,
      );
  }
  return assemble(readings, await readOwnLinks(namespaces), foreign, mark);
}

async function readOwnLinks(namespaces: Namespaces): Promise<readonly KernelLink[]> {
  const [opened] = await namespaces.open([HOST]);
  if (opened === undefined || opened instanceof SystemError) throw opened ?? new Error('the worker did not answer');
  using host: OpenNamespace = opened;
  return readLinks(host.route);
}

function assemble(
  readings: ReadonlyMap<NamespaceName, NamespaceReading>,
  host: readonly KernelLink[],
  foreignNamespaces: ReadonlyMap<NamespaceName, string>,
  mark: string,
): HostState {
  const ends = new LinkEnds(readings, host);
  const namespaces = new Map<NamespaceName, NamespaceState>();
  const foreignLinks = new Map<LinkName, string>();
  const ownLinks = new Map<LinkName, Link>();
  const hostSysctls = new Map<string, string>();
  for (const link of host) {
    const kind = ends.kindOf(link);
    // A pair of which both ends are in the host's own namespace is somebody else's.
    const leadsToOurs = kind.type === 'veth' && kind.peer !== undefined && kind.peer.namespace !== HOST;
    const isOurs = link.alias === mark || leadsToOurs;
    if (isOurs) {
      ownLinks.set(link.name, linkState(link, kind, ends.hostName(link.master)));
      hostSysctls.set(disableIpv6(link.name), link.isWithoutIpv6 ? '1' : '0');
    } else {
      foreignLinks.set(link.name, link.kind);
    }
  }
  namespaces.set(HOST, { ...EMPTY_NAMESPACE, links: ownLinks, sysctls: hostSysctls });
  for (const [name, reading] of readings) {
    const byIndex = new Map(reading.links.map((link) => [link.index, link.name]));
    const links = new Map(
      reading.links.map((link) => [link.name, linkState(link, ends.kindOf(link), byIndex.get(link.master))]),
    );
    const { addresses, routes, rules, neighbours, sysctls, ruleset, otherTables } = reading;
    namespaces.set(name, {
      links,
      addresses,
      routes,
      rules,
      neighbours,
      sysctls,
      ruleset,
      otherTables,
      announcements: new Map(),
    });
  }
  return { namespaces, foreign: { namespaces: foreignNamespaces, links: foreignLinks } };
}

function linkState(link: KernelLink, kind: LinkKind, master: LinkName | undefined): Link {
  const { name, mac, mtu, up, alias } = link;
  return {
    name,
    kind,
    mac: kind.type === 'loopback' ? undefined : mac,
    mtu: kind.type === 'loopback' ? undefined : mtu,
    up,
    master,
    alias,
  };
}

/**
 * Finds the other end of a veth. Each end tells the index of the other, so two ends belong
 * together when each names the other's index. That says something only of indexes that Buoy chose:
 * they are hashes of names, and found nowhere else. Low ones, which the kernel hands out, are the same in
 * every namespace, so a pair that has one is of somebody else's making.
 */
class LinkEnds {
  readonly #veths = new Map<string, LinkEnd>();
  readonly #hostNames: ReadonlyMap<number, LinkName>;

  constructor(readings: ReadonlyMap<NamespaceName, NamespaceReading>, host: readonly KernelLink[]) {
    this.#hostNames = new Map(host.map((link) => [link.index, link.name]));
    const add = (namespace: NamespaceName, links: readonly KernelLink[]) => {
      for (const link of links)
        if (link.kind === 'veth' && isChosen(link))
          this.#veths.set(`${link.index} ${link.lower}`, { namespace, link: link.name });
    };
    add(HOST, host);
    for (const [namespace, reading] of readings) add(namespace, reading.links);
  }

  hostName(index: number): LinkName | undefined {
    return this.#hostNames.get(index);
  }

  kindOf(link: KernelLink): LinkKind {
    if (link.kind === 'loopback') return { type: 'loopback' };
    if (link.kind === 'veth')
      return { type: 'veth', peer: isChosen(link) ? this.#veths.get(`${link.lower} ${link.index}`) : undefined };
    if (link.kind === 'macvlan') return { type: 'macvlan', parent: this.#hostNames.get(link.lower) };
    return { type: 'other', word: link.kind };
  }
}

function isChosen(link: KernelLink): boolean {
  return link.index >= FIRST_CHOSEN && link.lower >= FIRST_CHOSEN;
}
