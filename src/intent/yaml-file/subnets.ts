import { formatAddress, formatPrefix, prefixContains } from '../../model/address.ts';
import type { IpAddress, Prefix } from '../../model/address.ts';
import type { At, DraftSubnet } from '../../model/draft.ts';
import type { Path, Report } from '../../model/problem.ts';
import { defaultGateway, hostRange } from '../../model/subnet.ts';
import type { AddressRange } from '../../model/subnet.ts';
import type { Directory } from './directory.ts';
import { textUnder } from './entries.ts';
import type { EntryList, Identified } from './entries.ts';
import type { PluggedNetwork } from './plugs.ts';
import type { SubnetEntry } from './schema.ts';

/** A subnet that has found its network. */
export interface Subnet extends DraftSubnet {
  readonly networkId: string;
  readonly pools: readonly AddressRange[];
}

export interface Subnets {
  readonly byId: ReadonlyMap<string, Subnet>;
  readonly byNetwork: ReadonlyMap<string, readonly Subnet[]>;
  /** Networks that may have further subnets, which were left out; undefined stands for all. */
  readonly incomplete: ReadonlySet<string | undefined>;
}

export function joinSubnets(
  { entries, leftOut }: EntryList<SubnetEntry>,
  networks: Directory<PluggedNetwork>,
  report: Report,
): Subnets {
  const byId = new Map<string, Subnet>();
  const byNetwork = new Map<string, Subnet[]>();
  const incomplete = new Set<string | undefined>();
  const networkOf = (reference: string | undefined, path: Path): string | undefined => {
    if (reference === undefined) return undefined;
    const found = networks.find({ value: reference, path: [...path, 'network_id'] });
    return found?.id.value ?? (networks.isLeftOut(reference) ? reference : undefined);
  };
  for (const { value, path } of leftOut) incomplete.add(networkOf(textUnder('network_id', value), path));
  for (const entry of entries) {
    const networkId = networkOf(entry.value.network_id, entry.path);
    if (networkId === undefined || networks.isLeftOut(networkId)) {
      incomplete.add(networkId);
      continue;
    }
    const subnet = subnetOf(entry, networkId, report);
    if (!byId.has(subnet.id.value)) byId.set(subnet.id.value, subnet);
    const siblings = byNetwork.get(subnet.networkId);
    if (siblings === undefined) byNetwork.set(subnet.networkId, [subnet]);
    else siblings.push(subnet);
  }
  return { byId, byNetwork, incomplete };
}

/** Whether it is known which subnets a network has. */
export function isComplete({ incomplete }: Subnets, networkId: string): boolean {
  return !incomplete.has(undefined) && !incomplete.has(networkId);
}

function subnetOf({ value, path, id }: Identified<SubnetEntry>, networkId: string, report: Report): Subnet {
  const cidr = { value: value.cidr, path: [...path, 'cidr'] };
  const gateway = value.gateway_ip === undefined ? defaultGateway(value.cidr) : (value.gateway_ip ?? undefined);
  const gatewayPath = value.gateway_ip === undefined ? cidr.path : [...path, 'gateway_ip'];
  return {
    id,
    networkId,
    cidr,
    gateway: gateway === undefined ? undefined : { value: gateway, path: gatewayPath },
    pools: poolsOf(value, path, report),
  };
}

function poolsOf(subnet: SubnetEntry, path: Path, report: Report): readonly AddressRange[] {
  const { cidr, allocation_pools: pools } = subnet;
  if (pools === undefined) return [hostRange(cidr)];
  return pools.flatMap(({ start, end }, index) => {
    const at = (key: 'start' | 'end', value: IpAddress): At<IpAddress> => ({
      value,
      path: [...path, 'allocation_pools', index, key],
    });
    const inside = [at('start', start), at('end', end)].filter((address) => isInside(cidr, address, report));
    if (inside.length < 2) return [];
    if (start <= end) return [{ first: start, last: end }];
    const message = `the pool ends at ${formatAddress(end)}, before its start ${formatAddress(start)}`;
    report({ code: 'BUOY_INVALID_VALUE', path: [...path, 'allocation_pools', index, 'end'], message });
    return [];
  });
}

function isInside(cidr: Prefix, address: At<IpAddress>, report: Report): boolean {
  if (prefixContains(cidr, address.value)) return true;
  const message = `${formatAddress(address.value)} is not in the subnet ${formatPrefix(cidr)}`;
  report({ code: 'BUOY_ADDRESS_OUTSIDE_SUBNET', path: address.path, message });
  return false;
}
