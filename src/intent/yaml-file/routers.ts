import { formatPrefix } from '../../model/address.ts';
import type { DraftPort, DraftRouter } from '../../model/draft.ts';
import { uuidFromText } from '../../model/names.ts';
import type { Path, Report } from '../../model/problem.ts';
import type { Directory } from './directory.ts';
import type { EntryList, Identified } from './entries.ts';
import type { PluggedNetwork } from './plugs.ts';
import type { InterfaceEntry, RouterEntry, SubnetEntry } from './schema.ts';
import type { Subnets } from './subnets.ts';

/** A router that has found its subnets, and not yet its floating IPs. */
export type ConnectedRouter = Omit<DraftRouter, 'floatingIps'>;

export interface Found {
  readonly networks: Directory<PluggedNetwork>;
  readonly subnetEntries: Directory<SubnetEntry>;
  readonly subnets: Subnets;
}

export function connectRouters(
  { entries }: EntryList<RouterEntry>,
  found: Found,
  report: Report,
): readonly ConnectedRouter[] {
  return entries.map((entry) => connectRouter(entry, found, report));
}

function connectRouter({ value, path, id }: Identified<RouterEntry>, found: Found, report: Report): ConnectedRouter {
  const reference = value.external_gateway_info?.network_id;
  const referencePath = [...path, 'external_gateway_info', 'network_id'];
  const external = reference === undefined ? undefined : found.networks.find({ value: reference, path: referencePath });
  const entries = value.interfaces ?? [];
  const interfaces = entries.flatMap((entry, index) => {
    const port = portOf(id.value, entry, [...path, 'interfaces', index], found, report);
    return port ?? [];
  });
  return {
    id,
    externalNetworkId: external === undefined ? undefined : { value: external.id.value, path: referencePath },
    interfaces,
    routes: (value.routes ?? []).map(({ destination, nexthop }, index) => ({
      destination: { value: destination, path: [...path, 'routes', index, 'destination'] },
      nexthop: { value: nexthop, path: [...path, 'routes', index, 'nexthop'] },
    })),
    snatPorts: [],
    complete: interfaces.length === entries.length && (reference === undefined || external !== undefined),
  };
}

/** One port for each subnet, as Neutron makes them for IPv4. */
function portOf(
  routerId: string,
  entry: InterfaceEntry,
  path: Path,
  found: Found,
  report: Report,
): DraftPort | undefined {
  const subnetPath = [...path, 'subnet_id'];
  const subnetEntry = found.subnetEntries.find({ value: entry.subnet_id, path: subnetPath });
  const subnet = found.subnets.byId.get(subnetEntry?.id.value ?? '');
  if (subnet === undefined) return undefined;
  const address = entry.ip_address ?? subnet.gateway?.value;
  if (address === undefined) {
    const message = `the subnet ${formatPrefix(subnet.cidr.value)} has no gateway_ip that could be the router's address`;
    report({
      code: 'BUOY_MISSING_KEY',
      path: [...path, 'ip_address'],
      message,
      remedy: () => 'Give the interface an `ip_address`.',
    });
    return undefined;
  }
  return {
    // Ids have no white space, so no two pairs of them make the same text.
    id: { value: uuidFromText(`router ${routerId} subnet ${subnet.id.value}`), path: subnetPath },
    networkId: subnet.networkId,
    mac: entry.mac_address === undefined ? undefined : { value: entry.mac_address, path: [...path, 'mac_address'] },
    addresses: [
      {
        address: { value: address, path: entry.ip_address === undefined ? subnetPath : [...path, 'ip_address'] },
        subnet: { value: subnet.cidr.value, path: subnetPath },
      },
    ],
    gateways: subnet.gateway === undefined ? [] : [subnet.gateway.value],
    extraSubnets: [],
  };
}
