// The kernel of a simulated host: what outlives the processes that talk to it.
//
// Its time is counted in operations. A namespace that is deleted loses its name at once and is taken
// apart at some later time, which the seed decides.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST, NAMESPACE_PREFIXES, routerIdOf } from '../../model/names.ts';
import { TABLE_NAME } from '../../host/ruleset.ts';
import type { HostState, Link, NamespaceState } from '../../host/state.ts';
import type { FloatingTraffic } from '../../host/counters.ts';
import { trafficOf } from '../../host/counters.ts';
import { EMPTY_NAMESPACE, NO_FOREIGN } from '../../host/state.ts';
import { disableIpv6 } from '../../host/sysctls.ts';
import { RECEIVED, SENT } from '../../host/translation.ts';
import { loopback } from './device.ts';
import { linkOf, SimulatedNamespace } from './namespace.ts';
import { destroyAll, insert } from './perform/devices.ts';
import { randomSource } from './random.ts';
import { restore } from './restore.ts';
import type { Watcher } from './watcher.ts';
import { disturbanceBetween } from './disturbance-between.ts';

export interface SimulatedHostOptions {
  /** What the host has at the beginning; nothing but a loopback device unless given. */
  readonly state?: HostState;
  /** The owner's mark on what is in `state`. */
  readonly mark?: string;
  readonly seed?: number;
  /** Sysctls of a new namespace. */
  readonly sysctls?: ReadonlyMap<string, string>;
}

const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };

const DEFAULT_SYSCTLS: ReadonlyMap<string, string> = new Map([
  ['net.ipv4.ip_forward', '0'],
  ['net.ipv4.ip_nonlocal_bind', '0'],
  ['net.ipv4.conf.all.arp_announce', '0'],
  ['net.ipv4.conf.all.arp_ignore', '0'],
  ['net.ipv4.conf.all.arp_notify', '0'],
  ['net.ipv4.conf.all.promote_secondaries', '0'],
  ['net.ipv4.conf.all.rp_filter', '0'],
  ['net.ipv4.conf.default.rp_filter', '0'],
  ['net.ipv4.conf.all.send_redirects', '1'],
  ['net.ipv4.conf.default.send_redirects', '1'],
  ['net.ipv6.conf.all.disable_ipv6', '0'],
  ['net.ipv6.conf.all.forwarding', '0'],
]);

/** Operations until a namespace without a name is gone, at most. */
const LONGEST_DEATH = 64;

export class SimulatedHost {
  readonly #namespaces = new Map<NamespaceName, SimulatedNamespace>();
  /** Namespaces without a name, and when they are gone. */
  #dying: { readonly namespace: SimulatedNamespace; readonly gone: number; readonly isByOthers: boolean }[] = [];
  readonly #sysctls: ReadonlyMap<string, string>;
  readonly #random: () => number;
  /** Marks of those who began a run that did not end well. */
  readonly unfinished = new Set<string>();
  readonly watchers = new Set<Watcher>();
  /** Something is done that nobody's kernel does. */
  #isByOthers = false;
  #now = 0;

  constructor({ state = NOTHING, mark, seed = 0, sysctls = DEFAULT_SYSCTLS }: SimulatedHostOptions = {}) {
    this.#sysctls = sysctls;
    this.#random = randomSource(seed);
    const host = new SimulatedNamespace(HOST, undefined, []);
    insert(loopback(host));
    this.#namespaces.set(HOST, host);
    for (const name of state.namespaces.keys()) if (name !== HOST) this.#add(name, mark);
    for (const name of state.foreign.namespaces.keys()) this.#add(name, undefined);
    restore(state, this.#namespaces);
  }

  /** The namespace of that name. */
  namespace(name: NamespaceName): SimulatedNamespace | undefined {
    return this.#namespaces.get(name);
  }

  /** Makes a namespace with a loopback device; undefined if something has the name. */
  createNamespace(name: NamespaceName, mark: string | undefined): SimulatedNamespace | undefined {
    return this.#namespaces.has(name) ? undefined : this.#add(name, mark);
  }

  /** Takes a namespace's name away. Its links, and the other ends of its veths, go later. */
  deleteNamespace(namespace: SimulatedNamespace): void {
    if (!namespace.isNamed) return;
    namespace.isNamed = false;
    this.#namespaces.delete(namespace.name);
    for (const { peer } of namespace.devices.values()) peer?.namespace.touch('links');
    const gone = this.#now + Math.floor(this.#random() * (LONGEST_DEATH + 1));
    this.#dying.push({ namespace, gone, isByOthers: this.#isByOthers });
    this.advance(0);
  }

  /** Lets so many operations' time pass. */
  advance(operations: number): void {
    this.#now += operations;
    if (this.#dying.length === 0) return;
    const due = this.#dying.filter(({ gone }) => gone <= this.#now);
    this.#dying = this.#dying.filter(({ gone }) => gone > this.#now);
    for (const { namespace, isByOthers } of due) {
      const destroy = () => destroyAll(namespace);
      if (isByOthers) this.byOthers(destroy);
      else destroy();
    }
  }

  /** Does something that is not done through a kernel: who watches is told what it has changed. */
  byOthers<Result>(work: () => Result): Result {
    const befores = [...this.watchers].map((watcher) => ({ watcher, before: this.read(watcher.mark) }));
    const wasByOthers = this.#isByOthers;
    this.#isByOthers = true;
    try {
      return work();
    } finally {
      this.#isByOthers = wasByOthers;
      for (const { watcher, before } of befores) watcher.disturb(disturbanceBetween(before, this.read(watcher.mark)));
    }
  }

  /** Lets time pass until everything is gone that has no name. */
  settle(): void {
    this.advance(LONGEST_DEATH);
  }

  /** All that carries a mark, and what of others could stand in its way. */
  read(mark: string): HostState {
    const namespaces = new Map<NamespaceName, NamespaceState>();
    const foreign = new Map<NamespaceName, string>();
    const ownLinks = new Map<LinkName, Link>();
    const foreignLinks = new Map<LinkName, string>();
    const sysctls = new Map<string, string>();
    namespaces.set(HOST, { ...EMPTY_NAMESPACE, links: ownLinks, sysctls });
    for (const namespace of this.#namespaces.values()) {
      const { name } = namespace;
      if (!NAMESPACE_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
      if (namespace.mark === mark) namespaces.set(name, namespace.state());
      else foreign.set(name, foreignText(namespace.mark));
    }
    for (const device of this.#host().devices.values()) {
      const peer = device.peer?.namespace;
      const leadsToOurs = peer !== undefined && peer.isNamed && peer.mark === mark;
      if (device.alias === mark || leadsToOurs) {
        ownLinks.set(device.name, linkOf(device));
        sysctls.set(disableIpv6(device.name), device.hasIpv6 ? '0' : '1');
      } else {
        foreignLinks.set(device.name, device.word);
      }
    }
    return {
      namespaces,
      foreign: { namespaces: foreign, links: foreignLinks },
      isUnfinished: this.unfinished.has(mark),
    };
  }

  /** What the routers that carry a mark have counted: all, or those among these names. */
  readCounters(mark: string, names?: ReadonlySet<NamespaceName>): ReadonlyMap<NamespaceName, FloatingTraffic> {
    const found = new Map<NamespaceName, FloatingTraffic>();
    for (const [name, namespace] of this.#namespaces) {
      if (namespace.mark !== mark || routerIdOf(name) === undefined || names?.has(name) === false) continue;
      found.set(name, trafficOf(namespace.counted(RECEIVED), namespace.counted(SENT)));
    }
    return found;
  }

  #host(): SimulatedNamespace {
    const host = this.#namespaces.get(HOST);
    if (host === undefined) throw new Error('a host without a namespace');
    return host;
  }

  #add(name: NamespaceName, mark: string | undefined): SimulatedNamespace {
    const namespace = new SimulatedNamespace(name, mark, this.#sysctls);
    insert(loopback(namespace));
    this.#namespaces.set(name, namespace);
    return namespace;
  }
}

function foreignText(mark: string | undefined): string {
  return mark === undefined
    ? 'a namespace without our mark'
    : `a namespace whose nftables table ip ${TABLE_NAME} says ${JSON.stringify(mark)}`;
}
