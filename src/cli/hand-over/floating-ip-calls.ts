// New floating IPs, the ports that floating IPs lead to, and what goes of both.

import { formatAddress, parseAddress } from '../../model/address.ts';
import type { IpAddress } from '../../model/address.ts';
import type { Report } from '../../model/problem.ts';
import { previousAddress } from '../../model/subnet.ts';
import type { Port } from '../agent/resource-types.ts';
import { FLOATING_IPS, PORTS, ROUTERS } from '../agent/resource-types.ts';
import type { Call } from './call.ts';
import { deletion, Ref, update } from './call.ts';
import type { Matches } from './match.ts';
import { isServicePort, refOf } from './match.ts';
import type { Stored } from './stored.ts';
import { isOfFile } from './stored.ts';

/** New floating IPs, which lead nowhere yet. A router's gateway that has the address of one gets another. */
export function newFloatingIpCalls(matches: Matches, stored: Stored, report: Report): readonly Call[] {
  const addresses = new Addresses(matches, stored);
  return matches.floatingIps.flatMap(({ wanted, stored: found, ref }): readonly Call[] => {
    const { address, description, path } = wanted;
    if (found !== undefined) return found.description === description ? [] : update(FLOATING_IPS, ref, { description });
    const network = refOf(matches.networks, wanted.network);
    const attributes = { floating_network_id: network, floating_ip_address: address, description };
    const creation = { action: 'create', type: FLOATING_IPS, target: ref, attributes } as const;
    const holder = addresses.holder(network.id, address);
    if (holder === undefined) return [creation];
    const move = addresses.move(holder, address, network);
    if (move !== undefined) return [move, creation];
    const owner = holder.device_owner === '' ? '' : ` (${holder.device_owner})`;
    report({
      code: 'BUOY_AGENT_HAS_OTHER',
      path: [...path, 'floating_ip_address'],
      message: `${address} is the address of the port ${holder.id}${owner} of the agent`,
    });
    return [creation];
  });
}

export function newPortCalls({ ports, subnets, networks }: Matches): readonly Call[] {
  return ports.flatMap(({ wanted, stored, ref }): readonly Call[] => {
    const network = subnets.get(wanted.subnet)?.wanted.network;
    if (stored !== undefined || network === undefined) return [];
    const attributes = {
      network_id: refOf(networks, network),
      name: wanted.fixedIp,
      fixed_ips: [{ subnet_id: refOf(subnets, wanted.subnet), ip_address: wanted.fixedIp }],
    };
    return [{ action: 'create', type: PORTS, target: ref, attributes }];
  });
}

/** Ports made from a file that no floating IP leads to any more, unless one that somebody else made does. */
export function lastPortCalls({ ports }: Matches, stored: Stored): readonly Call[] {
  const kept = new Set(ports.map(({ ref }) => ref.id));
  const needed = new Set(stored.floatingIps.filter((each) => !isOfFile(each)).map((each) => each.port_id));
  return stored.ports
    .filter((port) => isOfFile(port) && !isServicePort(port) && !kept.has(port.id) && !needed.has(port.id))
    .map((port) => deletion(PORTS, new Ref(`port ${port.name}`, port.id)));
}

/** Who has which address of external networks. */
class Addresses {
  readonly #stored: Stored;
  readonly #holders: ReadonlyMap<string, Port>;
  /** Addresses that are in use or will be, on any network. */
  readonly #used: Set<string>;

  constructor({ floatingIps }: Matches, stored: Stored) {
    this.#stored = stored;
    const ports = stored.ports.flatMap((port) => port.fixed_ips.map((fixed) => [fixed.ip_address, port] as const));
    this.#holders = new Map(ports.map(([address, port]) => [`${port.network_id} ${address}`, port]));
    this.#used = new Set([...ports.map(([address]) => address), ...floatingIps.map(({ wanted }) => wanted.address)]);
  }

  holder(networkId: string | undefined, address: string): Port | undefined {
    return this.#holders.get(`${networkId} ${address}`);
  }

  /** Gives the gateway of a file's router another address; undefined if the port is none, or no address is free. */
  move(port: Port, address: string, network: Ref): Call | undefined {
    const router = this.#stored.routers.find(({ id }) => id === port.device_id);
    const gateway = router?.external_gateway_info;
    if (port.device_owner !== 'network:router_gateway' || router === undefined || !gateway) return undefined;
    const subnetId = port.fixed_ips.find((fixed) => fixed.ip_address === address)?.subnet_id;
    const free = subnetId === undefined ? undefined : this.#free(subnetId);
    if (free === undefined) return undefined;
    this.#used.add(free);
    const fixedIps = gateway.external_fixed_ips.map((fixed) => ({
      subnet_id: this.#subnet(fixed.subnet_id),
      ip_address: fixed.ip_address === address ? free : fixed.ip_address,
    }));
    const info = { network_id: network, external_fixed_ips: fixedIps };
    return {
      action: 'update',
      type: ROUTERS,
      target: new Ref(`router ${router.name}`, router.id),
      attributes: { external_gateway_info: info },
    };
  }

  #subnet(id: string): Ref {
    return new Ref(`subnet ${this.#stored.subnets.find((each) => each.id === id)?.name ?? id}`, id);
  }

  /** The last address of the pools that nobody has: floating IPs are rather taken from the beginning. */
  #free(subnetId: string): string | undefined {
    const pools = this.#stored.subnets.find(({ id }) => id === subnetId)?.allocation_pools ?? [];
    for (const { start, end } of pools.toReversed()) {
      const [first, last] = [parseAddress(start), parseAddress(end)];
      if (first === undefined || last === undefined) continue;
      for (let address: IpAddress = last; address >= first; address = previousAddress(address)) {
        const text = formatAddress(address);
        if (!this.#used.has(text)) return text;
      }
    }
    return undefined;
  }
}
