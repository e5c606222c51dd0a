// Reads a host: the namespaces that carry our mark, and the links in the host's own namespace
// that are ours; all of it, or a part.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { HostState, Link, LinkKind, NamespaceState } from '../../host/state.ts';
import { EMPTY_NAMESPACE } from '../../host/state.ts';
import { disableIpv6 } from '../../host/sysctls.ts';
import { OWN_TABLE, readTables } from '../../netlink/nftables/index.ts';
import type { KernelLink } from '../../netlink/route/index.ts';
import { readLinks } from '../../netlink/route/index.ts';
import { SystemError } from '../../sys/system-error.ts';
import { LinkEnds } from './link-ends.ts';
import { hasOurPrefix, isLeftover, listNames } from './namespace-name.ts';
import type { Namespaces, OpenNamespace } from './namespaces.ts';
import { openInTurn } from './open-in-turn.ts';
import type { NamespaceReading } from './read-namespace.ts';
import { readNamespace } from './read-namespace.ts';

export const ENOENT = 2;
/** What opening or entering something else than a network namespace says: EISDIR, EINVAL, ELOOP, ENXIO. */
export const NO_NAMESPACE = new Set([21, 22, 40, 6]);

/** What is read, and as whose. */
export interface Source {
  readonly namespaces: Namespaces;
  /** Where namespaces have their names. */
  readonly directory: string;
  readonly mark: string;
}

/** Who keeps what is read: told of each namespace in the moment that it is read in. */
export interface Reader {
  /** A namespace is ours, and about to be read. */
  readonly enter: (namespace: OpenNamespace) => void;
  readonly read: (name: NamespaceName, reading: NamespaceReading) => void;
  readonly readHost: (links: readonly KernelLink[]) => void;
  /** There is no such namespace, or it is not ours. */
  readonly miss: (name: NamespaceName) => void;
  /** All is read, and is about to be put together. */
  readonly catchUp: () => void;
}

interface Readings {
  readonly ours: ReadonlyMap<NamespaceName, NamespaceReading>;
  readonly foreign: ReadonlyMap<NamespaceName, string>;
}

/** Throws SystemError, NetlinkError, MalformedReply. */
export async function readHost(source: Source, reader?: Reader): Promise<HostState> {
  const readings = await readAll(source, listNames(source.directory), reader);
  const host = await readOwnLinks(source.namespaces, reader);
  const ends = new LinkEnds();
  ends.replace(HOST, host);
  for (const [name, { links }] of readings.ours) ends.replace(name, links);
  return assemble(readings, host, ends, source.mark);
}

/** As `readHost` of these namespaces alone; what their links lead to is known from `ends`. Throws as `readHost`. */
export async function readParts(
  source: Source,
  names: ReadonlySet<NamespaceName>,
  ends: LinkEnds,
  reader: Reader,
): Promise<HostState> {
  const readings = await readAll(source, [...names].filter(hasOurPrefix).toSorted(), reader);
  const host = names.has(HOST) ? await readOwnLinks(source.namespaces, reader) : undefined;
  reader.catchUp();
  return assemble(readings, host, ends, source.mark);
}

async function readAll(
  { namespaces, directory, mark }: Source,
  names: readonly NamespaceName[],
  reader: Reader | undefined,
): Promise<Readings> {
  const ours = new Map<NamespaceName, NamespaceReading>();
  const foreign = new Map<NamespaceName, string>();
  for await (const [name, namespace] of openInTurn(namespaces, names)) {
    if (namespace instanceof SystemError) {
      reader?.miss(name);
      if (namespace.errno === ENOENT || isLeftover(directory, name, mark)) continue;
      if (!NO_NAMESPACE.has(namespace.errno)) throw namespace;
      foreign.set(name, `not a network namespace (${namespace.message})`);
      continue;
    }
    const { own, others } = readTables(namespace.netfilter);
    if (own?.comment === mark) {
      reader?.enter(namespace);
      const reading = readNamespace(namespace, own, others);
      ours.set(name, reading);
      reader?.read(name, reading);
      continue;
    }
    reader?.miss(name);
    foreign.set(
      name,
      own?.comment === undefined
        ? 'a namespace without our mark'
        : `a namespace whose nftables table ${OWN_TABLE} says ${JSON.stringify(own.comment)}`,
    );
  }
  return { ours, foreign };
}

async function readOwnLinks(namespaces: Namespaces, reader: Reader | undefined): Promise<readonly KernelLink[]> {
  const [opened] = await namespaces.open([HOST]);
  if (opened === undefined || opened instanceof SystemError) throw opened ?? new Error('the worker did not answer');
  using host: OpenNamespace = opened;
  const links = readLinks(host.route);
  reader?.readHost(links);
  return links;
}

/** `host`: undefined to leave HOST out. */
function assemble(
  readings: Readings,
  host: readonly KernelLink[] | undefined,
  ends: LinkEnds,
  mark: string,
): HostState {
  const namespaces = new Map<NamespaceName, NamespaceState>();
  const foreignLinks = new Map<LinkName, string>();
  if (host !== undefined) {
    const links = new Map<LinkName, Link>();
    const sysctls = new Map<string, string>();
    for (const link of host) {
      if (ends.isOurs(link, mark)) {
        links.set(link.name, linkState(link, ends.kindOf(link), ends.hostName(link.master)));
        sysctls.set(disableIpv6(link.name), link.isWithoutIpv6 ? '1' : '0');
      } else {
        foreignLinks.set(link.name, link.kind);
      }
    }
    namespaces.set(HOST, { ...EMPTY_NAMESPACE, links, sysctls });
  }
  for (const [name, reading] of readings.ours) {
    const byIndex = new Map(reading.links.map((link) => [link.index, link.name]));
    const links = new Map(
      reading.links.map((link) => [link.name, linkState(link, ends.kindOf(link), byIndex.get(link.master))]),
    );
    const { addresses, routes, rules, lostRules, neighbours, sysctls, ruleset, otherTables } = reading;
    namespaces.set(name, {
      links,
      addresses,
      routes,
      rules,
      ...(lostRules.length > 0 && { lostRules }),
      neighbours,
      sysctls,
      ruleset,
      otherTables,
      announcements: new Map(),
    });
  }
  return { namespaces, foreign: { namespaces: readings.foreign, links: foreignLinks } };
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
