// Which way a namespace sends a packet: fib_lookup() of the kernel, over the rules, tables and
// routes of a NamespaceState and those that the kernel makes by itself (net/ipv4/fib_rules.c,
// fib_frontend.c, fib_trie.c).

import type { IpAddress, Prefix } from '../../model/address.ts';
import { addressBits, isIpv4, lastAddress, networkOf, prefixContains } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import { LOOPBACK } from '../../model/names.ts';
import type { NamespaceState, NextHop, RouteTable, Rule } from '../state.ts';
import { MAIN_TABLE } from '../state.ts';

/** What a decision depends on. */
export interface Flow {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly incoming: LinkName;
  readonly mark: number;
}

export type Decision =
  | { readonly kind: 'local' }
  | { readonly kind: 'broadcast' }
  /** `hop` is of type `unicast`, and its link is up. */
  | {
      readonly kind: 'route';
      readonly rule: Rule;
      readonly destination: Prefix;
      readonly hop: NextHop;
    }
  | { readonly kind: 'refused'; readonly type: string }
  | { readonly kind: 'no route'; readonly tables: readonly number[] }
  | { readonly kind: 'foreign rule'; readonly rule: Rule };

interface Found {
  readonly destination: Prefix;
  readonly hop: NextHop;
}

/** `RT_TABLE_DEFAULT` (linux/rtnetlink.h). */
const DEFAULT_TABLE = 253;
/** `RTPROT_KERNEL` (linux/rtnetlink.h). */
const PROTOCOL_KERNEL = 2;
/** Those of the kernel that a HostState leaves out; the one before all others, for `local`, is not even among them. */
const KERNEL_RULES: { readonly 4: readonly Rule[]; readonly 6: readonly Rule[] } = {
  4: [
    { family: 4, priority: 32766, table: MAIN_TABLE },
    { family: 4, priority: 32767, table: DEFAULT_TABLE },
  ],
  6: [{ family: 6, priority: 32766, table: MAIN_TABLE }],
};

export function decide(namespace: NamespaceState, flow: Flow): Decision {
  const { destination } = flow;
  const own = ownDecision(namespace, destination);
  if (own !== undefined) return own;
  const tables: number[] = [];
  for (const rule of matchingRules(namespace, flow)) {
    if (rule.other !== undefined) return { kind: 'foreign rule', rule };
    tables.push(rule.table);
    const found = findRoute(namespace, rule.table, destination);
    if (found === undefined || found.hop.type === 'throw') continue;
    if (found.hop.type === 'local') return { kind: 'local' };
    if (found.hop.type !== 'unicast') return { kind: 'refused', type: found.hop.type };
    return { kind: 'route', rule, ...found };
  }
  return { kind: 'no route', tables };
}

/**
 * By the table `local`. It has the IPv4 addresses of links that are down as well: only the routes to
 * their subnets go (fib_sync_down_dev() in net/ipv4/fib_semantics.c). On a loopback device, all of
 * the subnet is local.
 */
export function ownDecision(
  { addresses, links }: NamespaceState,
  destination: IpAddress,
): Extract<Decision, { kind: 'local' | 'broadcast' }> | undefined {
  for (const { link, address, length } of addresses.values()) {
    if (!isIpv4(address) || !isIpv4(destination)) {
      if (address === destination && links.get(link)?.up === true) return { kind: 'local' };
      continue;
    }
    if (address === destination) return { kind: 'local' };
    const network = networkOf(address, length);
    if (network !== networkOf(destination, length) || links.get(link)?.up !== true) continue;
    if (link === LOOPBACK) return { kind: 'local' };
    if (length < 31 && lastAddress({ address: network, length }) === destination) return { kind: 'broadcast' };
  }
  return undefined;
}

/** In the order in which they are asked. Rules of one priority are asked in the order in which they were made. */
function matchingRules({ rules }: NamespaceState, flow: Flow): readonly Rule[] {
  const own = KERNEL_RULES[isIpv4(flow.destination) ? 4 : 6];
  let matching: Rule[] | undefined;
  for (const rule of rules.values()) if (matches(rule, flow)) (matching ??= [...own]).push(rule);
  return matching?.sort((a, b) => a.priority - b.priority) ?? own;
}

function matches({ family, from, incoming, mark }: Rule, flow: Flow): boolean {
  return (
    (family === 4) === isIpv4(flow.destination) &&
    (incoming === undefined || incoming === flow.incoming) &&
    (mark === undefined || ((mark.value ^ flow.mark) & mark.mask) === 0) &&
    (from === undefined || prefixContains(from, flow.source))
  );
}

/** The longest prefix, and of those the one with the lowest metric. */
function findRoute(namespace: NamespaceState, table: number, destination: IpAddress): Found | undefined {
  const explicit = findInTable(namespace, namespace.routes.get(table), destination);
  if (table !== MAIN_TABLE || explicit?.destination.length === addressBits(destination)) return explicit;
  return findOnLink(namespace, destination, explicit);
}

function findInTable(
  namespace: NamespaceState,
  table: RouteTable | undefined,
  destination: IpAddress,
): Found | undefined {
  if (table === undefined) return undefined;
  const host = isIpv4(destination) ? table.hosts.get(destination) : undefined;
  if (host !== undefined && isAlive(namespace, host))
    return { destination: { address: destination, length: 32 }, hop: host };
  let best: Found | undefined;
  for (const route of table.prefixes.values()) {
    if ((best !== undefined && !isBetter(route, best)) || !prefixContains(route.destination, destination)) continue;
    // A route for a type of service is none for packets without.
    if ((route.hop.other?.tos ?? 0) === 0 && isAlive(namespace, route.hop)) best = route;
  }
  return best;
}

function isBetter(route: Found, than: Found): boolean {
  const longer = route.destination.length - than.destination.length;
  return longer > 0 || (longer === 0 && (route.hop.other?.metric ?? 0) < (than.hop.other?.metric ?? 0));
}

/** The kernel takes a link's routes away when it goes down; a route of another type leads over none. */
function isAlive({ links }: NamespaceState, { type, link }: NextHop): boolean {
  return type !== 'unicast' || links.get(link)?.up === true;
}

/** The routes that the kernel makes to the subnets of addresses (fib_add_ifaddr() in net/ipv4/fib_frontend.c). */
function findOnLink(
  { addresses, links }: NamespaceState,
  destination: IpAddress,
  explicit: Found | undefined,
): Found | undefined {
  let length = explicit?.destination.length ?? -1;
  let link: LinkName | undefined;
  for (const own of addresses.values()) {
    if (own.length <= length || isIpv4(own.address) !== isIpv4(destination)) continue;
    if (networkOf(own.address, own.length) !== networkOf(destination, own.length)) continue;
    if (links.get(own.link)?.up !== true) continue;
    ({ length, link } = own);
  }
  if (link === undefined) return explicit;
  const hop = { link, gateway: undefined, protocol: PROTOCOL_KERNEL, type: 'unicast' };
  return { destination: { address: networkOf(destination, length), length }, hop };
}
