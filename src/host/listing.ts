// The canonical text of a HostState: what `show` prints, what golden tests compare, and what two
// states are compared by.

import type { IpAddress, Ipv4Address, Prefix } from '../model/address.ts';
import { compareAddresses, formatAddress, formatIpv4 } from '../model/address.ts';
import type { NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';
import type { AddressSet, Ruleset } from './ruleset.ts';
import { TABLE_NAME } from './ruleset.ts';
import type { HostState, NamespaceState, NextHop, RouteTable } from './state.ts';
import { ruleKey } from './state.ts';
import {
  addressText,
  chainText,
  linkText,
  namespaceText,
  neighbourText,
  routeText,
  ruleText,
  statementsText,
} from './text.ts';

/**
 * The state as text, one object a line, one namespace a section, the host first. Two states that
 * differ in no more than announcements and what is foreign read the same.
 */
export function listing(state: HostState): string {
  const names = [...state.namespaces.keys()].sort(compareNames);
  return names.map((name) => section(name, state.namespaces.get(name))).join('\n');
}

/** The host's own namespace, then the others by code unit. */
function compareNames(a: NamespaceName, b: NamespaceName): number {
  return Number(b === HOST) - Number(a === HOST) || compareText(a, b);
}

function section(name: NamespaceName, state: NamespaceState | undefined): string {
  const lines = state === undefined ? [] : namespaceLines(state);
  return [namespaceText(name), ...lines.map((line) => `  ${line}`), ''].join('\n');
}

function namespaceLines(state: NamespaceState): string[] {
  return [
    ...[...state.sysctls].sort(byKey).map(([name, value]) => `sysctl ${name} = ${value}`),
    ...[...state.links].sort(byKey).map(([, link]) => linkText(link)),
    ...[...state.addresses.values()].sort(byLinkAndAddress).map(addressText),
    ...[...state.neighbours.values()].sort(byLinkAndAddress).map(neighbourText),
    ...[...state.rules.values()].sort(byPriority).map(ruleText),
    ...[...state.routes].sort(([a], [b]) => a - b).flatMap(([number, table]) => routeLines(number, table)),
    ...(state.ruleset === undefined ? [] : rulesetLines(state.ruleset)),
    ...[...state.otherTables].sort(compareText).map((table) => `table ${table}`),
  ];
}

function routeLines(number: number, { prefixes, hosts }: RouteTable): string[] {
  const routes: { destination: Prefix; hop: NextHop }[] = [...prefixes.values()];
  for (const [address, hop] of hosts) routes.push({ destination: { address, length: 32 }, hop });
  const compare = (a: Prefix, b: Prefix): number => compareAddresses(a.address, b.address) || a.length - b.length;
  return routes
    .sort((a, b) => compare(a.destination, b.destination))
    .map(({ destination, hop }) => routeText(number, destination, hop));
}

function rulesetLines({ chains, sets }: Ruleset): string[] {
  const lines = [`table ip ${TABLE_NAME}`];
  for (const [name, chain] of [...chains].sort(byKey)) {
    lines.push(`  ${chainText(name, chain)}`, ...chain.rules.map((rule) => `    ${statementsText(rule)}`));
  }
  for (const [name, set] of [...sets].sort(byKey)) {
    lines.push(`  ${set.kind} ${name}`, ...elementLines(set).map((line) => `    ${line}`));
  }
  return lines;
}

function elementLines(set: AddressSet): string[] {
  if (set.kind !== 'map') return [...set.elements].sort(byValue).map(formatIpv4);
  return [...set.elements]
    .sort(([a], [b]) => byValue(a, b))
    .map(([key, value]) => `${formatIpv4(key)} : ${formatAddress(value)}`);
}

function byValue(a: Ipv4Address, b: Ipv4Address): number {
  return a - b;
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareText(a[0], b[0]);
}

interface OnLink {
  readonly link: string;
  readonly address: IpAddress;
  readonly length?: number;
}

function byLinkAndAddress(a: OnLink, b: OnLink): number {
  return compareText(a.link, b.link) || compareAddresses(a.address, b.address) || (a.length ?? 0) - (b.length ?? 0);
}

function byPriority(a: Parameters<typeof ruleKey>[0], b: Parameters<typeof ruleKey>[0]): number {
  return a.family - b.family || a.priority - b.priority || compareText(ruleKey(a), ruleKey(b));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
