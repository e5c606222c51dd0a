// Routes. The host routes of a fip namespace are as many as floating IPs; in a plan for one of
// them all others are walked over, so that walk is numbers only.

import type { Ipv4Address, Prefix } from '../../model/address.ts';
import type { NextHop, RouteTable } from '../state.ts';
import { MAIN_TABLE } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';
import { isLost, isUndisturbed, sortedWhere } from './namespace-diff.ts';

const EMPTY: RouteTable = { prefixes: new Map(), hosts: new Map() };

/**
 * Sets before it deletes, and what is on the link itself before what leads through a gateway on it.
 * Routes on a link that goes by itself are not deleted, except for the host routes of floating IPs.
 */
export function diffRoutes(diff: NamespaceDiff): void {
  const { actual, wanted } = diff;
  for (const [number, table] of wanted.routes) {
    const before = actual.routes.get(number) ?? EMPTY;
    if (before === table && isUndisturbed(diff)) continue;
    diffPrefixes(diff, number, before, table);
    diffHosts(diff, number, before.hosts, table.hosts);
  }
  for (const [number, table] of actual.routes) {
    if (wanted.routes.has(number)) continue;
    diffPrefixes(diff, number, table, EMPTY);
    diffHosts(diff, number, table.hosts, EMPTY.hosts);
  }
}

function diffPrefixes(diff: NamespaceDiff, table: number, actual: RouteTable, wanted: RouteTable): void {
  for (const [key, { destination, hop }] of wanted.prefixes) {
    const found = actual.prefixes.get(key);
    const before = found === undefined || isLost(diff, found.hop.link, destination.address) ? undefined : found.hop;
    if (before === undefined || !sameHop(before, hop)) set(diff, table, destination, hop, before);
  }
  const unwanted = sortedWhere(
    actual.prefixes,
    ({ destination, hop }, key) =>
      !wanted.prefixes.has(key) && !isLost(diff, hop.link, destination.address) && !diff.links.leaving.has(hop.link),
  );
  for (const { destination, hop } of unwanted) {
    const subject = diff.owners.actual.ofRoute(diff.namespace, table, hop);
    diff.plan.unmake(subject, 'routes', { kind: 'route.delete', namespace: diff.namespace, table, destination, hop });
  }
}

type Hosts = RouteTable['hosts'];

function diffHosts(diff: NamespaceDiff, table: number, actual: Hosts, wanted: Hosts): void {
  const undisturbed = isUndisturbed(diff);
  if (actual === wanted && undisturbed) return;
  let found = 0;
  // Thousands of routes share a next hop, so the last comparison is mostly the next one too.
  let same: readonly [NextHop, NextHop] | undefined;
  wanted.forEach((hop, destination) => {
    const there = actual.get(destination);
    if (there !== undefined) found++;
    const before = there === undefined || (!undisturbed && isLost(diff, there.link, destination)) ? undefined : there;
    if (before === undefined) return set(diff, table, { address: destination, length: 32 }, hop, undefined);
    if (same !== undefined && same[0] === before && same[1] === hop) return;
    if (sameHop(before, hop)) same = [before, hop];
    else set(diff, table, { address: destination, length: 32 }, hop, before);
  });
  if (found < actual.size) deleteHosts(diff, table, actual, wanted);
}

function deleteHosts(diff: NamespaceDiff, table: number, actual: Hosts, wanted: Hosts): void {
  const { namespace, owners, links, plan } = diff;
  const unwanted: [Ipv4Address, NextHop][] = [];
  for (const [destination, hop] of actual) {
    if (wanted.has(destination) || isLost(diff, hop.link, destination)) continue;
    // Floating IPs are withdrawn, even if their link goes by itself afterwards.
    const isWithdrawal = owners.actual.ofLink(namespace, hop.link) !== namespace;
    if (isWithdrawal || !links.leaving.has(hop.link)) unwanted.push([destination, hop]);
  }
  unwanted.sort(([a], [b]) => a - b);
  for (const [address, hop] of unwanted) {
    const subject = owners.actual.ofRoute(namespace, table, hop);
    const destination = { address, length: 32 };
    plan.unmake(subject, 'host routes', { kind: 'route.delete', namespace, table, destination, hop });
  }
}

function set(diff: NamespaceDiff, table: number, destination: Prefix, hop: NextHop, before: NextHop | undefined): void {
  const { namespace, owners, links, plan, setHosts } = diff;
  const { address, length } = destination;
  const isHost = length === 32 && typeof address === 'number';
  const stage = hop.gateway === undefined ? 'on-link routes' : isHost ? 'host routes' : 'routes';
  const subject = owners.wanted.ofRoute(namespace, table, hop);
  plan.make(subject, stage, { kind: 'route.set', namespace, table, destination, hop, before });
  // A link that goes takes with it what could not be led elsewhere.
  if (before !== undefined && links.leaving.has(before.link))
    plan.handOver(owners.actual.ofLink(namespace, before.link), subject);
  if (!isHost || table !== MAIN_TABLE) return;
  setHosts.push(address);
  if (before !== undefined) plan.handOver(owners.actual.ofRoute(namespace, table, before), subject);
}

function sameHop(a: NextHop, b: NextHop): boolean {
  return a === b || (a.link === b.link && a.gateway === b.gateway && a.protocol === b.protocol && a.type === b.type);
}
