// How the objects of a HostState read in listings and plans: close to what ip(8), nft(8) and
// sysctl(8) print. One line each, and two lines are equal exactly when the objects are.

import type { Prefix } from '../model/address.ts';
import { formatAddress, formatPrefix, isIpv4 } from '../model/address.ts';
import type { NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';
import type { Chain, Statement } from './ruleset.ts';
import type { Address, Link, LinkEnd, LinkKind, Neighbour, NextHop, Rule } from './state.ts';
import { MAIN_TABLE, PROTOCOL_STATIC } from './state.ts';

export function namespaceText(name: NamespaceName): string {
  return name === HOST ? 'host' : `netns ${name}`;
}

export function linkText(link: Link): string {
  return ['link', link.name, ...propertyWords(link), ...kindWords(link.kind)].join(' ');
}

/** A pair of veth ends that is made at once, in one line. */
export function linkPairText(link: Link, peer: Link): string {
  return [linkText(link), ...propertyWords(peer)].join(' ');
}

/** What may change while a link stays the same link. */
function propertyWords({ mac, mtu, master, alias, up }: Link): string[] {
  const words: string[] = [];
  if (mac !== undefined) words.push('address', mac);
  if (mtu !== undefined) words.push('mtu', String(mtu));
  if (master !== undefined) words.push('master', master);
  if (alias !== undefined) words.push('alias', JSON.stringify(alias));
  words.push(up ? 'up' : 'down');
  return words;
}

function kindWords(kind: LinkKind): string[] {
  switch (kind.type) {
    case 'loopback':
      return [];
    case 'veth':
      return ['type veth peer', kind.peer === undefined ? 'elsewhere' : linkEndText(kind.peer)];
    case 'macvlan':
      return ['type macvlan on', kind.parent ?? 'something else'];
    case 'other':
      return ['type', kind.word];
  }
}

export function linkEndText({ namespace, link }: LinkEnd): string {
  return `${link} ${namespace === HOST ? 'on the host' : `in ${namespace}`}`;
}

/** Each property that differs, as `mtu 1500 → 1450`. */
export function linkChangeText(before: Link, after: Link): string {
  const changes: string[] = [];
  const compare = (name: string, from: string | number | undefined, to: string | number | undefined): void => {
    if (from !== to) changes.push(`${name} ${from ?? 'none'} → ${to ?? 'none'}`);
  };
  if (after.mac !== undefined) compare('address', before.mac, after.mac);
  if (after.mtu !== undefined) compare('mtu', before.mtu, after.mtu);
  compare('master', before.master, after.master);
  compare('alias', quoted(before.alias), quoted(after.alias));
  if (before.up !== after.up) changes.push(after.up ? 'down → up' : 'up → down');
  return `link ${after.name} ${changes.join(', ')}`;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}

export function addressText({ link, address, length }: Address): string {
  return `addr ${formatAddress(address)}/${length} dev ${link}`;
}

export function neighbourText({ link, address, mac }: Neighbour): string {
  return `neigh ${formatAddress(address)} dev ${link} lladdr ${mac}`;
}

export function ruleText({ family, priority, table, from, incoming, mark, other }: Rule): string {
  const words = [`${family === 4 ? 'rule' : 'rule6'} ${priority}:`];
  words.push('from', from === undefined ? 'all' : formatPrefix(from));
  if (incoming !== undefined) words.push('iif', incoming);
  if (mark !== undefined) words.push('fwmark', `${hex(mark.value)}/${hex(mark.mask)}`);
  if (other !== undefined) words.push(other);
  words.push('lookup', tableText(table));
  return words.join(' ');
}

export function routeText(table: number, destination: Prefix, hop: NextHop): string {
  const words = ['route'];
  if (hop.type !== 'unicast') words.push(hop.type);
  if (hop.other !== undefined) words.push(`metric ${hop.other.metric} tos ${hop.other.tos}`);
  words.push(destinationText(destination), hopText(hop));
  if (table !== MAIN_TABLE) words.push('table', String(table));
  return words.join(' ');
}

/** The same, as a change from one next hop to another. */
export function routeChangeText(table: number, destination: Prefix, before: NextHop, after: NextHop): string {
  const words = ['route', destinationText(destination)];
  if (table !== MAIN_TABLE) words.push('table', String(table));
  const type = before.type === after.type ? ['', ''] : [`${before.type} `, `${after.type} `];
  words.push(`${type[0]}${hopText(before)} → ${type[1]}${hopText(after)}`);
  return words.join(' ');
}

/** IPv6's default route is written out, so that the two do not read alike. */
function destinationText(destination: Prefix): string {
  return destination.length === 0 && isIpv4(destination.address) ? 'default' : formatPrefix(destination);
}

function hopText({ link, gateway, protocol }: NextHop): string {
  const words = gateway === undefined ? [] : ['via', formatAddress(gateway)];
  words.push('dev', link);
  if (protocol !== PROTOCOL_STATIC) words.push('proto', String(protocol));
  return words.join(' ');
}

export function tableText(table: number): string {
  return table === MAIN_TABLE ? 'main' : String(table);
}

export function chainText(name: string, chain: Chain): string {
  return `chain ${name} { type ${chain.type} hook ${chain.hook} priority ${chain.priority} }`;
}

/** One rule of a chain. */
export function statementsText(statements: readonly Statement[]): string {
  return statements.map(statementText).join(' ');
}

function statementText(statement: Statement): string {
  switch (statement.kind) {
    case 'interface':
      return `${statement.direction === 'in' ? 'iifname' : 'oifname'} "${statement.name}"`;
    case 'source-in-set':
      return `ip saddr @${statement.set}`;
    case 'destination-in-set':
      return `ip daddr @${statement.set}`;
    case 'set-mark-bits':
      return `meta mark set meta mark or ${hex(statement.bits)}`;
    case 'destination-nat':
      return `dnat to ip daddr map @${statement.map}`;
    case 'source-nat':
      return `snat to ip saddr map @${statement.map}`;
    case 'notrack':
      return 'notrack';
    case 'unknown':
      return `(${statement.text})`;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
