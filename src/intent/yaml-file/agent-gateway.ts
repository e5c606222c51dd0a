// This host's own port on an external network (`network:floatingip_agent_gateway` in Neutron).
// Where the file gives it no address, it gets one that stays the same as long as the file does
// not need it for something else.

import { compareAddresses, formatAddress, isIpv4, lastAddress, prefixContains } from '../../model/address.ts';
import type { IpAddress } from '../../model/address.ts';
import type { At, DraftPort } from '../../model/draft.ts';
import { uuidFromText } from '../../model/names.ts';
import { quote } from '../../model/problem.ts';
import type { Problem, Report } from '../../model/problem.ts';
import { isHostAddress, previousAddress } from '../../model/subnet.ts';
import type { Identified } from './entries.ts';
import type { PluggedNetwork } from './plugs.ts';
import type { Subnet } from './subnets.ts';

interface Place {
  readonly address: At<IpAddress>;
  readonly subnet: Subnet;
}

/**
 * @param used all addresses that the file gives to something.
 * @param complete whether `subnets` are all that the network has. If not, nothing is said of an
 * address that cannot be found.
 */
export function agentGatewayOf(
  network: Identified<PluggedNetwork>,
  subnets: readonly Subnet[],
  used: ReadonlySet<IpAddress>,
  complete: boolean,
  report: Report,
): DraftPort | undefined {
  const given = network.value.agent_gateway_ip;
  const place =
    given === undefined
      ? freePlace(network, subnets, used)
      : givenPlace({ value: given, path: [...network.path, 'agent_gateway_ip'] }, subnets);
  if (place === undefined) {
    if (complete) report(missingPlace(network));
    return undefined;
  }
  const { address, subnet } = place;
  const mac = network.value.agent_gateway_mac;
  return {
    id: { value: uuidFromText(`floatingip_agent_gateway ${network.id.value}`), path: network.id.path },
    networkId: network.id.value,
    mac: mac === undefined ? undefined : { value: mac, path: [...network.path, 'agent_gateway_mac'] },
    addresses: [{ address, subnet: subnet.cidr }],
    gateways: subnet.gateway === undefined ? [] : [subnet.gateway.value],
    extraSubnets: subnets.filter((other) => other !== subnet).map((other) => other.cidr.value),
  };
}

function givenPlace(address: At<IpAddress>, subnets: readonly Subnet[]): Place | undefined {
  const subnet = subnets.find(({ cidr }) => prefixContains(cidr.value, address.value));
  return subnet === undefined ? undefined : { address, subnet };
}

function freePlace(
  network: Identified<PluggedNetwork>,
  subnets: readonly Subnet[],
  used: ReadonlySet<IpAddress>,
): Place | undefined {
  for (const subnet of subnets) {
    const value = isIpv4(subnet.cidr.value.address) ? highestFree(subnet, used) : undefined;
    if (value !== undefined) return { address: { value, path: network.id.path }, subnet };
  }
  return undefined;
}

function highestFree({ cidr, pools }: Subnet, used: ReadonlySet<IpAddress>): IpAddress | undefined {
  let untried = lastAddress(cidr.value);
  for (const { first, last } of [...pools].sort((a, b) => compareAddresses(b.last, a.last))) {
    if (last < untried) untried = last;
    for (; untried >= first; untried = previousAddress(untried)) {
      if (!used.has(untried) && isHostAddress(cidr.value, untried)) return untried;
    }
  }
  return undefined;
}

function missingPlace({ value, path, name }: Identified<PluggedNetwork>): Problem {
  if (value.agent_gateway_ip === undefined) {
    const message = `no subnet of the external network ${quote(name)} has a free IPv4 address for this host's gateway port`;
    return { code: 'BUOY_NO_FREE_ADDRESS', path, message };
  }
  const message = `${formatAddress(value.agent_gateway_ip)} is in no subnet of the network ${quote(name)}`;
  return { code: 'BUOY_ADDRESS_OUTSIDE_SUBNET', path: [...path, 'agent_gateway_ip'], message };
}
