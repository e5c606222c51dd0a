// Which router each floating IP belongs to, and which one is meant where the file does not say.

import { formatIpv4 } from '../../model/address.ts';
import type { Ipv4Address } from '../../model/address.ts';
import type { At, DraftFloatingIp } from '../../model/draft.ts';
import { PrefixIndex } from '../../model/prefix-index.ts';
import { quote } from '../../model/problem.ts';
import type { Path, Report } from '../../model/problem.ts';
import { Directory } from './directory.ts';
import type { Entries, Identified } from './entries.ts';
import type { PluggedNetwork } from './plugs.ts';
import type { ConnectedRouter, Found } from './routers.ts';
import type { FloatingIpEntry } from './schema.ts';

const MOST_NAMED = 5;

/** The floating IPs of each router, under the router's id. */
export type FloatingIpsOf = ReadonlyMap<string, readonly DraftFloatingIp[]>;

export function assignFloatingIps(
  entries: Entries,
  routers: readonly ConnectedRouter[],
  found: Found,
  report: Report,
): FloatingIpsOf {
  const directory = new Directory('router', entries.routers, report);
  const finder = new RouterFinder(entries, routers, found, report);
  const floatingIpsOf = new Map<string, DraftFloatingIp[]>();
  for (const entry of entries.floatingIps) {
    const { value, path } = entry;
    const given = { network: value.floating_network_id, router: value.router_id };
    const network =
      given.network === undefined
        ? undefined
        : found.networks.find({ value: given.network, path: [...path, 'floating_network_id'] });
    if (given.network !== undefined && network === undefined) continue;
    const routerId =
      given.router === undefined
        ? finder.find(entry, network)
        : directory.find({ value: given.router, path: [...path, 'router_id'] })?.id.value;
    if (routerId === undefined) continue;
    const floatingIp: DraftFloatingIp = {
      floating: { value: value.floating_ip_address, path: [...path, 'floating_ip_address'] },
      fixed: { value: value.fixed_ip_address, path: [...path, 'fixed_ip_address'] },
      networkId:
        network === undefined ? undefined : { value: network.id.value, path: [...path, 'floating_network_id'] },
    };
    const siblings = floatingIpsOf.get(routerId);
    if (siblings === undefined) floatingIpsOf.set(routerId, [floatingIp]);
    else siblings.push(floatingIp);
  }
  return floatingIpsOf;
}

/** Finds the one router that a floating IP without `router_id` can belong to. */
class RouterFinder {
  readonly #report: Report;
  /** Whether all is known that could fit. If not, nothing is said of what does not fit. */
  readonly #complete: boolean;
  readonly #networks = new PrefixIndex<string>();
  /** Routers by the subnets that they reach, for each network with a gateway. */
  readonly #routers = new Map<string, PrefixIndex<string>>();

  constructor(
    { networks, routers: entries }: Entries,
    routers: readonly ConnectedRouter[],
    { subnets }: Found,
    report: Report,
  ) {
    this.#report = report;
    const leftOut = networks.leftOut.length + entries.leftOut.length + subnets.incomplete.size;
    this.#complete = leftOut === 0 && routers.every((router) => router.complete);
    for (const { value, id } of networks.entries) {
      if (value['router:external'] !== true) continue;
      for (const { cidr } of subnets.byNetwork.get(id.value) ?? []) this.#networks.add(cidr.value, id.value);
    }
    for (const router of routers) this.#add(router);
  }

  #add({ id, externalNetworkId, interfaces }: ConnectedRouter): void {
    if (externalNetworkId === undefined) return;
    let index = this.#routers.get(externalNetworkId.value);
    if (index === undefined) this.#routers.set(externalNetworkId.value, (index = new PrefixIndex<string>()));
    for (const { subnet } of interfaces.flatMap((port) => port.addresses)) index.add(subnet.value, id.value);
  }

  find({ value, path }: At<FloatingIpEntry>, network: Identified<PluggedNetwork> | undefined): string | undefined {
    const networkId = network?.id.value ?? this.#networkOf(value.floating_ip_address, path);
    if (networkId === undefined) return undefined;
    const candidates = distinct(this.#routers.get(networkId)?.containing(value.fixed_ip_address) ?? []);
    const [candidate, ...others] = candidates;
    if (others.length === 0 && candidate !== undefined) return candidate;
    const fixed = formatIpv4(value.fixed_ip_address);
    if (candidate !== undefined) {
      const message = `several routers (${named(candidates)}) reach the fixed IP ${fixed}`;
      this.#report({
        code: 'BUOY_AMBIGUOUS_REFERENCE',
        path: [...path, 'router_id'],
        message,
        remedy: () => 'Say which one with `router_id`.',
      });
    } else if (this.#complete) {
      const message = `no router with a gateway on ${quote(networkId)} reaches the fixed IP ${fixed}`;
      this.#report({ code: 'BUOY_FIXED_IP_UNREACHABLE', path: [...path, 'fixed_ip_address'], message });
    }
    return undefined;
  }

  #networkOf(address: Ipv4Address, path: Path): string | undefined {
    const candidates = distinct(this.#networks.containing(address));
    const [candidate, ...others] = candidates;
    if (others.length === 0 && candidate !== undefined) return candidate;
    const text = formatIpv4(address);
    if (candidate !== undefined) {
      const message = `several networks (${named(candidates)}) have the floating IP ${text}`;
      const remedy = () => 'Say which one with `floating_network_id`, or the router with `router_id`.';
      this.#report({ code: 'BUOY_AMBIGUOUS_REFERENCE', path: [...path, 'floating_network_id'], message, remedy });
    } else if (this.#complete) {
      const message = `the floating IP ${text} is in no subnet of an external network`;
      this.#report({ code: 'BUOY_ADDRESS_OUTSIDE_SUBNET', path: [...path, 'floating_ip_address'], message });
    }
    return undefined;
  }
}

/** As many different ones as a message names, and one more. */
function distinct(ids: Iterable<string>): readonly string[] {
  const found = new Set<string>();
  for (const id of ids) {
    found.add(id);
    if (found.size > MOST_NAMED) break;
  }
  return [...found];
}

function named(ids: readonly string[]): string {
  const text = ids.slice(0, MOST_NAMED).map(quote).join(', ');
  return ids.length > MOST_NAMED ? `${text}, …` : text;
}
