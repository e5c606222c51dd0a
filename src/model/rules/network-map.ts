// The networks of a draft, ready for the questions that every router and floating IP asks of them.

import { compareAddresses, lastAddress, prefixesOverlap } from '../address.ts';
import type { Prefix } from '../address.ts';
import type { Draft, DraftNetwork } from '../draft.ts';
import { PrefixIndex } from '../prefix-index.ts';

export interface MappedNetwork {
  readonly network: DraftNetwork;
  /** Its subnets by the addresses in them. */
  readonly subnets: PrefixIndex<Prefix>;
  /** Its subnets in the order of their addresses. */
  readonly sorted: readonly Prefix[];
}

export type NetworkMap = ReadonlyMap<string, MappedNetwork>;

export function mapNetworks(draft: Draft): NetworkMap {
  return new Map(draft.networks.map((network) => [network.id.value, mapNetwork(network)]));
}

function mapNetwork(network: DraftNetwork): MappedNetwork {
  const subnets = new PrefixIndex<Prefix>();
  for (const { cidr } of network.subnets) subnets.add(cidr.value, cidr.value);
  const sorted = network.subnets
    .map((subnet) => subnet.cidr.value)
    .sort((a, b) => compareAddresses(a.address, b.address));
  return { network, subnets, sorted };
}

/**
 * A prefix of `sorted` that overlaps the given one. As those of one network are apart from each
 * other, only the last that begins before the given one ends can.
 */
export function overlapping(sorted: readonly Prefix[], prefix: Prefix): Prefix | undefined {
  const end = lastAddress(prefix);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate !== undefined && compareAddresses(candidate.address, end) <= 0) low = middle + 1;
    else high = middle;
  }
  const last = sorted[low - 1];
  return last !== undefined && prefixesOverlap(last, prefix) ? last : undefined;
}
