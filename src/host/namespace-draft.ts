// A namespace of a HostState while it is being put together.

import type { Ipv4Address } from '../model/address.ts';
import type { LinkName } from '../model/names.ts';
import type { Address, Announced, Link, NamespaceState, Neighbour, NextHop, Route, RouteTable, Rule } from './state.ts';
import { EMPTY_NAMESPACE } from './state.ts';

/** A RouteTable that routes can be added to. */
export interface TableDraft extends RouteTable {
  readonly prefixes: Map<string, Route>;
  readonly hosts: Map<Ipv4Address, NextHop>;
}

/** As much as a HostState tells of a namespace, or of a part of one. */
export class NamespaceDraft implements NamespaceState {
  readonly links = new Map<LinkName, Link>();
  readonly addresses = new Map<string, Address>();
  readonly routes = new Map<number, RouteTable>();
  readonly #tables = new Map<number, TableDraft>();
  readonly rules = new Map<string, Rule>();
  lostRules: NamespaceState['lostRules'];
  readonly neighbours = new Map<string, Neighbour>();
  readonly sysctls = new Map<string, string>();
  ruleset: NamespaceState['ruleset'];
  otherTables: ReadonlySet<string> = EMPTY_NAMESPACE.otherTables;
  readonly announcements = new Map<LinkName, Announced>();
  /** Of those, the ones that were put together here and can be added to. */
  readonly #announced = new Map<LinkName, Set<Ipv4Address>>();

  /** Made where there is none of that number. */
  table(number: number): TableDraft {
    let table = this.#tables.get(number);
    if (table === undefined) {
      table = { prefixes: new Map(), hosts: new Map() };
      this.#tables.set(number, table);
      this.routes.set(number, table);
    }
    return table;
  }

  /** Adds all that a part of the same namespace has. */
  add(piece: NamespaceState): void {
    copy(piece.links, this.links);
    copy(piece.addresses, this.addresses);
    copy(piece.rules, this.rules);
    this.lostRules ??= piece.lostRules;
    copy(piece.neighbours, this.neighbours);
    copy(piece.sysctls, this.sysctls);
    for (const [number, { prefixes, hosts }] of piece.routes) {
      const table = this.table(number);
      copy(prefixes, table.prefixes);
      copy(hosts, table.hosts);
    }
    this.ruleset ??= piece.ruleset;
    if (piece.otherTables.size > 0) this.otherTables = new Set([...this.otherTables, ...piece.otherTables]);
    for (const [link, addresses] of piece.announcements) this.#announce(link, addresses);
  }

  /** Adds to a set of its own once there are several: a thousand routers announce on one link. */
  #announce(link: LinkName, addresses: Announced): void {
    const before = this.announcements.get(link);
    if (before === undefined) {
      this.announcements.set(link, addresses);
      return;
    }
    let own = this.#announced.get(link);
    if (own === undefined || own !== before) {
      own = new Set(before);
      this.#announced.set(link, own);
      this.announcements.set(link, own);
    }
    for (const address of addresses) own.add(address);
  }
}

function copy<K, V>(from: ReadonlyMap<K, V>, to: Map<K, V>): void {
  from.forEach((value, key) => to.set(key, value));
}
