// A network namespace of a simulated host. What it tells of itself is copied when it has changed since
// it was last asked, part by part, so that a host of which little changes is read in no time.

import type { Ipv4Address } from '../../model/address.ts';
import { linkLocalOf } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { Count } from '../../host/counters.ts';
import { NOTHING_COUNTED } from '../../host/counters.ts';
import type { AddressSet, Chain, Ruleset } from '../../host/ruleset.ts';
import type {
  Address,
  Link,
  LinkKind,
  NamespaceState,
  Neighbour,
  NextHop,
  Route,
  RouteTable,
  Rule,
} from '../../host/state.ts';
import { addressKey, neighbourKey } from '../../host/state.ts';
import { hasLinkSysctls, linkSysctls } from '../../host/sysctls.ts';
import type { Device } from './device.ts';

export interface SimulatedTable {
  readonly prefixes: Map<string, Route>;
  readonly hosts: Map<Ipv4Address, NextHop>;
  /** The table as it was told last, unless it has changed. */
  told: RouteTable | undefined;
}

export interface SimulatedSet {
  readonly kind: AddressSet['kind'];
  /** The elements of a set have no value. */
  readonly elements: Map<Ipv4Address, Ipv4Address | undefined>;
  /** Of elements that packets were found in; only in a set that counts. */
  readonly counts: Map<Ipv4Address, Count>;
  told: AddressSet | undefined;
}

export interface SimulatedRuleset {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, SimulatedSet>;
}

type Parts = { -readonly [Part in keyof NamespaceState]: NamespaceState[Part] | undefined };

const NOTHING_TOLD: Parts = {
  links: undefined,
  addresses: undefined,
  routes: undefined,
  rules: undefined,
  neighbours: undefined,
  sysctls: undefined,
  ruleset: undefined,
  otherTables: undefined,
  announcements: undefined,
};

export class SimulatedNamespace {
  readonly name: NamespaceName;
  /** The comment of its nftables table `ip buoy`; undefined where there is none. */
  readonly mark: string | undefined;
  /** Whether it can be found under its name; without it is being taken apart. */
  isNamed = true;
  readonly devices = new Map<LinkName, Device>();
  readonly tables = new Map<number, SimulatedTable>();
  /** In the order of their making, which decides among those of one priority. */
  readonly rules = new Map<string, Rule>();
  readonly sysctls: Map<string, string>;
  readonly otherTables = new Set<string>();
  /** Whether new devices have IPv6. */
  givesIpv6 = true;
  ruleset: SimulatedRuleset | undefined;
  #order = 0;
  #told: Parts = { ...NOTHING_TOLD };
  #state: NamespaceState | undefined;

  constructor(name: NamespaceName, mark: string | undefined, sysctls: Iterable<readonly [string, string]>) {
    this.name = name;
    this.mark = mark;
    this.sysctls = new Map(sysctls);
    this.ruleset = mark === undefined ? undefined : { chains: new Map(), sets: new Map() };
  }

  /** To be called when something of that part has changed. */
  touch(part: keyof NamespaceState): void {
    this.#told[part] = undefined;
    this.#state = undefined;
  }

  table(number: number): SimulatedTable {
    let table = this.tables.get(number);
    if (table === undefined) {
      table = { prefixes: new Map(), hosts: new Map(), told: undefined };
      this.tables.set(number, table);
    }
    return table;
  }

  touchTable(table: SimulatedTable): void {
    table.told = undefined;
    this.touch('routes');
  }

  /** A number after all that were given out. */
  nextOrder(): number {
    return this.#order++;
  }

  /** Gives its table `ip buoy` those contents, as somebody might with nft(8). */
  setRuleset({ chains, sets }: Ruleset): void {
    const copies = Array.from(sets, ([name, set]): [string, SimulatedSet] => [
      name,
      {
        kind: set.kind,
        elements:
          set.kind === 'map' ? new Map(set.elements) : new Map(Array.from(set.elements, (key) => [key, undefined])),
        counts: new Map(),
        told: undefined,
      },
    ]);
    this.ruleset = { chains, sets: new Map(copies) };
    this.touch('ruleset');
  }

  /** Lets a packet be found in a set, which counts it if it does that. */
  count(name: string, address: Ipv4Address, bytes: number): void {
    const set = this.ruleset?.sets.get(name);
    if (set?.kind !== 'counters' || !set.elements.has(address)) return;
    const { packets, bytes: before } = set.counts.get(address) ?? NOTHING_COUNTED;
    set.counts.set(address, { packets: packets + 1, bytes: before + bytes });
  }

  /** What the elements of a set have counted; none if it does not count, or is not there. */
  counted(name: string): ReadonlyMap<Ipv4Address, Count> {
    const set = this.ruleset?.sets.get(name);
    if (set?.kind !== 'counters') return new Map();
    return new Map(Array.from(set.elements.keys(), (key) => [key, set.counts.get(key) ?? NOTHING_COUNTED]));
  }

  /** All that is in it, the same object as before unless something has changed. */
  state(): NamespaceState {
    if (this.#state !== undefined) return this.#state;
    const told = this.#told;
    return (this.#state = {
      links: (told.links ??= new Map(Array.from(this.devices.values(), (device) => [device.name, linkOf(device)]))),
      addresses: (told.addresses ??= this.#addresses()),
      routes: (told.routes ??= this.#routes()),
      rules: (told.rules ??= new Map(this.rules)),
      neighbours: (told.neighbours ??= this.#neighbours()),
      sysctls: (told.sysctls ??= this.#sysctls()),
      ruleset: (told.ruleset ??= this.ruleset && rulesetState(this.ruleset)),
      otherTables: (told.otherTables ??= new Set(this.otherTables)),
      announcements: (told.announcements ??= new Map()),
    });
  }

  #addresses(): Map<string, Address> {
    const addresses = new Map<string, Address>();
    for (const { name, mac, linkLocal, addresses: own } of this.devices.values()) {
      for (const address of own) addresses.set(addressKey(address), address);
      if (linkLocal === undefined || mac === undefined || linkLocal === linkLocalOf(mac)) continue;
      const old = { link: name, address: linkLocal, length: 64 };
      addresses.set(addressKey(old), old);
    }
    return addresses;
  }

  #neighbours(): Map<string, Neighbour> {
    const neighbours = new Map<string, Neighbour>();
    for (const device of this.devices.values())
      for (const neighbour of device.neighbours.values()) neighbours.set(neighbourKey(neighbour), neighbour);
    return neighbours;
  }

  #routes(): Map<number, RouteTable> {
    const routes = new Map<number, RouteTable>();
    for (const [number, table] of this.tables) {
      if (table.prefixes.size === 0 && table.hosts.size === 0) continue;
      table.told ??= { prefixes: new Map(table.prefixes), hosts: new Map(table.hosts) };
      routes.set(number, table.told);
    }
    return routes;
  }

  #sysctls(): Map<string, string> {
    const sysctls = new Map(this.sysctls);
    for (const { name, sysctls: own } of this.devices.values()) {
      if (!hasLinkSysctls(name)) continue;
      const { mediumId, proxyArp, proxyDelay } = linkSysctls(name);
      sysctls.set(mediumId, own.get(mediumId) ?? '0');
      sysctls.set(proxyArp, own.get(proxyArp) ?? '0').set(proxyDelay, own.get(proxyDelay) ?? DEFAULT_PROXY_DELAY);
    }
    return sysctls;
  }
}

/** In ticks of 1/100 s, with the rounding of a kernel that has 250 ticks a second. */
const DEFAULT_PROXY_DELAY = '80';

export function linkOf(device: Device): Link {
  const { name, type, mac, mtu, up, alias, master } = device;
  const values = type === 'loopback' ? { mac: undefined, mtu: undefined } : { mac, mtu };
  return { name, kind: kindOf(device), ...values, up, master: master?.name, alias };
}

function kindOf({ type, word, peer, parent }: Device): LinkKind {
  if (type === 'veth')
    return { type, peer: isFound(peer) ? { namespace: peer.namespace.name, link: peer.name } : undefined };
  if (type === 'macvlan') return { type, parent: parent?.name };
  return type === 'loopback' ? { type } : { type, word };
}

/** Whether who reads a host gets to see that end of a veth. */
function isFound(peer: Device | undefined): peer is Device {
  return (
    peer !== undefined && peer.namespace.isNamed && (peer.namespace.name === HOST || peer.namespace.mark !== undefined)
  );
}

function rulesetState({ chains, sets }: SimulatedRuleset): Ruleset {
  return { chains, sets: new Map(Array.from(sets, ([name, set]) => [name, (set.told ??= setState(set))])) };
}

function setState({ kind, elements }: SimulatedSet): AddressSet {
  if (kind !== 'map') return { kind, elements: new Set(elements.keys()) };
  const pairs = new Map<Ipv4Address, Ipv4Address>();
  for (const [key, value] of elements) if (value !== undefined) pairs.set(key, value);
  return { kind, elements: pairs };
}
