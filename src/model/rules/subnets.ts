// Subnets that no host can be in, and subnets that would be ambiguous beside each other.

import {
  compareAddresses,
  formatAddress,
  formatPrefix,
  isIpv4,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../address.ts';
import type { Prefix } from '../address.ts';
import type { At, Draft, DraftSubnet } from '../draft.ts';
import type { Report } from '../problem.ts';
import { isHostAddress } from '../subnet.ts';
import { overlapping } from './network-map.ts';
import type { NetworkMap } from './network-map.ts';

const SPECIAL: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'the addresses of no particular host (RFC 1122)'],
  ['127.0.0.0/8', 'loopback addresses'],
  ['169.254.64.0/18', 'the links between routers and their floating IP namespace'],
  ['224.0.0.0/3', 'multicast and reserved addresses'],
  ['::/127', 'the unspecified and the loopback address'],
  ['fe80::/10', 'link-local addresses'],
  ['ff00::/8', 'multicast addresses'],
];

const SPECIAL_RANGES = SPECIAL.flatMap(([text, use]) => {
  const range = parsePrefix(text);
  return range === undefined ? [] : [{ range, use }];
});

export function checkSubnets(draft: Draft, networks: NetworkMap, report: Report): void {
  for (const { subnets } of draft.networks) {
    for (const subnet of subnets) checkSubnet(subnet, report);
    checkOverlap(
      subnets.map((subnet) => subnet.cidr),
      'another subnet of its network',
      report,
    );
  }
  for (const { interfaces, externalNetworkId } of draft.routers) {
    const inside = interfaces.flatMap((port) => port.addresses.map((address) => address.subnet));
    checkOverlap(inside, 'another subnet of the same router', report);
    const external = networks.get(externalNetworkId?.value ?? '');
    const outside = external?.network.external === true ? external.sorted : [];
    for (const cidr of inside) {
      const other = overlapping(outside, cidr.value);
      if (other !== undefined) reportOverlap(cidr, other, "a subnet of the router's external network", report);
    }
  }
}

/** Why no host can be in a subnet: `10.0.0.0/8 has addresses in …, which are …`; undefined where one can. */
export function unusableSubnet(cidr: Prefix): string | undefined {
  const special = SPECIAL_RANGES.find(({ range }) => prefixesOverlap(range, cidr));
  if (special === undefined) return undefined;
  return `${formatPrefix(cidr)} has addresses in ${formatPrefix(special.range)}, which are ${special.use}`;
}

function checkSubnet(subnet: DraftSubnet, report: Report): void {
  const { cidr, gateway } = subnet;
  const reason = unusableSubnet(cidr.value);
  if (reason !== undefined) report({ code: 'BUOY_ADDRESS_UNUSABLE', path: cidr.path, message: reason });
  if (gateway === undefined) return;
  const text = formatAddress(gateway.value);
  if (isIpv4(gateway.value) !== isIpv4(cidr.value.address)) {
    const message = `the gateway ${text} and the subnet ${formatPrefix(cidr.value)} are of different IP versions`;
    report({ code: 'BUOY_ADDRESS_OUTSIDE_SUBNET', path: gateway.path, message });
  } else if (prefixContains(cidr.value, gateway.value) && !isHostAddress(cidr.value, gateway.value)) {
    const message = `the gateway ${text} is the network or broadcast address of ${formatPrefix(cidr.value)}`;
    report({ code: 'BUOY_ADDRESS_UNUSABLE', path: gateway.path, message });
  }
}

/**
 * Two prefixes either nest or are apart, so in order of their addresses it is enough to compare
 * each with the last one that no other contains.
 */
function checkOverlap(cidrs: readonly At<Prefix>[], what: string, report: Report): void {
  const sorted = cidrs
    .map((cidr, index) => ({ ...cidr, index }))
    .sort((a, b) => compareAddresses(a.value.address, b.value.address) || a.value.length - b.value.length);
  let outer = sorted[0];
  for (const cidr of sorted.slice(1)) {
    if (outer === undefined || !prefixContains(outer.value, cidr.value.address)) {
      outer = cidr;
      continue;
    }
    const [earlier, later] = outer.index < cidr.index ? [outer, cidr] : [cidr, outer];
    reportOverlap(later, earlier.value, what, report);
  }
}

function reportOverlap(cidr: At<Prefix>, other: Prefix, what: string, report: Report): void {
  const message = `the subnet ${formatPrefix(cidr.value)} overlaps ${formatPrefix(other)}, ${what}`;
  report({ code: 'BUOY_SUBNETS_OVERLAP', path: cidr.path, message });
}
