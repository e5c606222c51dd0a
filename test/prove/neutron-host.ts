// A host as neutron-l3-agent left it, in namespaces that were given to Buoy: all that was captured of the
// agent's own objects, and of its iptables the names of the tables.

import { readdirSync, readFileSync } from 'node:fs';
import type { HostState, Link, LinkKind, NamespaceState, NextHop, Route, Rule } from '../../src/host/state.ts';
import { addressKey, MAIN_TABLE, neighbourKey, routeKey, ruleKey } from '../../src/host/state.ts';
import { parseNeutronRouters } from '../../src/intent/index.ts';
import type { Ipv4Address } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import type { LinkName, NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK, parseNamespaceName } from '../../src/model/names.ts';
import { strangers } from '../../prove/foreign.ts';
import { neutronLines } from '../layout/neutron-state.ts';
import { ip, link, mac, prefix } from '../support/models.ts';
import { must } from '../support/must.ts';

const CAPTURES = new URL('../fixtures/neutron/dvr/', import.meta.url);
/** Where the ports of the captured namespaces are plugged. */
const BRIDGE = link('br-a');

export interface NeutronHost {
  readonly state: HostState;
  /** What neutron-server wanted of the agent. */
  readonly model: Model;
}

/** The host of which the captures are that were made with devices plugged by this driver. */
export function neutronHost(driver: 'openvswitch' | 'linuxbridge'): NeutronHost {
  const folder = new URL(`${driver}/`, CAPTURES);
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const captured = names.map(({ name }) => new Captured(must(parseNamespaceName(name)), folder));
  const taps = captured.flatMap((namespace) => [...namespace.connect(captured)]);
  const begin = strangers();
  const host = must(begin.namespaces.get(HOST));
  const namespaces = new Map<NamespaceName, NamespaceState>(captured.map((one) => [one.name, one]));
  namespaces.set(HOST, { ...host, links: new Map(taps.map((tap) => [tap.name, tap])) });
  return { state: { ...begin, namespaces }, model: modelOf(folder) };
}

function modelOf(folder: URL): Model {
  const text = readFileSync(new URL('routers.json', folder), 'utf8');
  const parse = (bridges: ReadonlyMap<string, LinkName>): Model =>
    parseNeutronRouters(text, 'routers.json', { host: 'labhost', bridges });
  return parse(new Map([...parse(new Map()).networks.keys()].map((id) => [id, BRIDGE])));
}

/** A captured namespace, line by line. */
class Captured implements NamespaceState {
  readonly name: NamespaceName;
  readonly links = new Map<LinkName, Link>();
  readonly addresses: NamespaceState['addresses'];
  readonly routes = new Map<number, { prefixes: Map<string, Route>; hosts: Map<Ipv4Address, NextHop> }>();
  readonly rules: NamespaceState['rules'];
  readonly neighbours: NamespaceState['neighbours'];
  readonly sysctls: NamespaceState['sysctls'];
  readonly ruleset = { chains: new Map(), sets: new Map() };
  readonly otherTables = new Set(['ip filter', 'ip mangle', 'ip nat', 'ip raw', 'ip6 filter', 'ip6 mangle']);
  readonly announcements: NamespaceState['announcements'] = new Map();

  constructor(name: NamespaceName, folder: URL) {
    this.name = name;
    const text = neutronLines(new URL(name, folder).pathname).join('\n');
    const found = (pattern: RegExp): string[][] => [...text.matchAll(pattern)].map(([, ...words]) => words);
    const kinds = new Map(found(/^link (\S+) type (\S+)$/gm).map(([on = '', kind = '']) => [on, kind]));
    const macs = new Map(found(/^link (\S+) address (\S+)$/gm).map(([on = '', address = '']) => [on, mac(address)]));
    const mtus = new Map(found(/^link (\S+) mtu (\d+)$/gm).map(([on = '', mtu]) => [on, Number(mtu)]));
    for (const [on = '', state] of found(/^link (\S+) (up|down)$/gm)) {
      const linkName = link(on);
      const kind = kindOf(linkName, kinds.get(on) ?? '');
      const common = { master: undefined, alias: undefined, up: state === 'up' };
      this.links.set(linkName, { name: linkName, kind, mac: macs.get(on), mtu: mtus.get(on), ...common });
    }
    const addresses = found(/^addr (\S+)\/(\d+) dev (\S+)$/gm).map(([address = '', length, on = '']) => {
      return { link: link(on), address: ip(address), length: Number(length) };
    });
    this.addresses = new Map(addresses.map((one) => [addressKey(one), one]));
    const neighbours = found(/^neigh (\S+) dev (\S+) lladdr (\S+)$/gm).map(([address = '', on = '', lladdr = '']) => {
      return { link: link(on), address: ip(address), mac: mac(lladdr) };
    });
    this.neighbours = new Map(neighbours.map((one) => [neighbourKey(one), one]));
    const rules = found(/^rule ipv4 (\d+): from (\S+)(?: iif (\S+))? lookup (\d+)$/gm).map(
      ([priority, from = '', incoming, table]): Rule => ({
        family: 4,
        priority: Number(priority),
        table: Number(table),
        ...(from !== 'all' && { from: prefix(from) }),
        ...(incoming !== undefined && { incoming: link(incoming) }),
      }),
    );
    this.rules = new Map(rules.map((rule) => [ruleKey(rule), rule]));
    this.sysctls = new Map(found(/^sysctl (\S+) = (.*)$/gm).map(([sysctl = '', value = '']) => [sysctl, value]));
    for (const [destination = '', gateway, on = '', table = ''] of found(
      /^route unicast (\S+)(?: via (\S+))? dev (\S+) table (\S+) proto static$/gm,
    ))
      this.#addRoute(prefix(destination), gateway, link(on), table === 'main' ? MAIN_TABLE : Number(table));
  }

  #addRoute(destination: Route['destination'], gateway: string | undefined, on: LinkName, number: number): void {
    const table = this.routes.get(number) ?? { prefixes: new Map(), hosts: new Map() };
    this.routes.set(number, table);
    const hop = { link: on, gateway: gateway === undefined ? undefined : ip(gateway), protocol: 4, type: 'unicast' };
    const { address, length } = destination;
    if (length === 32 && typeof address === 'number') table.hosts.set(address, hop);
    else table.prefixes.set(routeKey({ destination, hop }), { destination, hop });
  }

  /** Gives its veths their other ends: in another of the namespaces, or in the host, whose links it answers. */
  *connect(all: readonly Captured[]): Generator<Link> {
    for (const one of this.links.values()) {
      if (one.kind.type !== 'veth') continue;
      const twin = link(one.name.replace(/^(?:rfp|fpr)/, (word) => (word === 'rfp' ? 'fpr' : 'rfp')));
      const elsewhere = all.find((other) => other !== this && other.links.has(twin));
      const tap = link(one.name.replace(/^\w+/, 'tap'));
      const peer = elsewhere === undefined ? { namespace: HOST, link: tap } : { namespace: elsewhere.name, link: twin };
      this.links.set(one.name, { ...one, kind: { type: 'veth', peer } });
      if (elsewhere !== undefined) continue;
      const kind = { type: 'veth', peer: { namespace: this.name, link: one.name } } as const;
      yield { ...one, name: tap, kind, mac: mac('fe:00:00:00:00:01'), master: BRIDGE };
    }
  }
}

function kindOf(name: LinkName, word: string): LinkKind {
  if (name === LOOPBACK) return { type: 'loopback' };
  return word === 'veth' ? { type: 'veth', peer: undefined } : { type: 'other', word };
}
