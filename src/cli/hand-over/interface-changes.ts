// Routers' ports in subnets: which come, and which go before or after that.

import type { Port, Router } from '../agent/resource-types.ts';
import { PORTS } from '../agent/resource-types.ts';
import type { Call } from './call.ts';
import { Ref } from './call.ts';
import type { Match, Matches } from './match.ts';
import { refOf } from './match.ts';
import type { Stored } from './stored.ts';
import type { WantedInterface, WantedRouter } from './wanted.ts';

/** A port that a router loses. */
export interface Leaving {
  readonly router: Router;
  readonly ref: Ref;
  readonly port: Port;
}

export interface InterfaceChanges {
  /**
   * Those that must be gone before another can come, which has the same address, or the same router and subnet; before
   * their subnet can get another gateway; or before floating IPs can go through another router.
   */
  readonly early: readonly Leaving[];
  readonly additions: readonly Call[];
  readonly late: readonly Leaving[];
}

interface Coming {
  readonly router: Match<WantedRouter, Router>;
  readonly wanted: WantedInterface;
  readonly subnet: Ref;
}

export function interfaceChanges(matches: Matches, stored: Stored): InterfaceChanges {
  const portsOf = Map.groupBy(
    stored.ports.filter((port) => port.device_owner.startsWith('network:router_interface')),
    (port) => port.device_id,
  );
  const staying = new Set<Port>();
  const coming: Coming[] = [];
  for (const router of matches.routers.values()) {
    const ports = portsOf.get(router.stored?.id ?? '') ?? [];
    for (const wanted of router.wanted.interfaces) {
      const subnet = refOf(matches.subnets, wanted.subnet);
      const port = ports.find((each) => isAs(each, wanted, subnet));
      if (port === undefined) coming.push({ router, wanted, subnet });
      else staying.add(port);
    }
  }
  const refs = new Map([...matches.routers.values()].map(({ ref }) => [ref.id, ref]));
  const leaving = stored.routers.flatMap((router): Leaving[] => {
    const ref = refs.get(router.id) ?? new Ref(`router ${router.name}`, router.id);
    const ports = (portsOf.get(router.id) ?? []).filter((port) => !staying.has(port));
    return ports.map((port) => ({ router, ref, port }));
  });
  const formerGateways = new Set(
    [...matches.subnets.values()].flatMap(({ wanted, stored: before }) =>
      before === undefined || before.gateway_ip === wanted.gateway ? [] : `${before.id} ${before.gateway_ip}`,
    ),
  );
  const heirs = heirsOf(matches);
  const isEarly = (each: Leaving): boolean =>
    each.port.fixed_ips.some((fixed) => heirs.get(fixed.subnet_id)?.some((ref) => ref !== each.ref) === true) ||
    coming.some((other) => isInTheWay(each, other)) ||
    each.port.fixed_ips.some((fixed) => formerGateways.has(`${fixed.subnet_id} ${fixed.ip_address}`));
  return {
    early: leaving.filter(isEarly),
    additions: coming.flatMap((each) => additionOf(each, matches)),
    late: leaving.filter((each) => !isEarly(each)),
  };
}

/**
 * By subnets, the routers that floating IPs are to go through and that are not the gateway there: as long as another router
 * is, the agent takes that one.
 */
function heirsOf({ floatingIps, routers, subnets }: Matches): ReadonlyMap<string | undefined, readonly Ref[]> {
  const all = floatingIps.flatMap(({ wanted: { router: key, subnet: place } }) => {
    const router = routers.get(key);
    const subnet = subnets.get(place);
    const address = router?.wanted.interfaces.find((each) => each.subnet === place)?.address;
    if (router === undefined || subnet === undefined || address === subnet.wanted.gateway) return [];
    return [{ router: router.ref, subnet: subnet.ref.id }];
  });
  return new Map(
    Map.groupBy(all, ({ subnet }) => subnet)
      .entries()
      .map(([subnet, group]) => [subnet, [...new Set(group.map(({ router }) => router))]]),
  );
}

export function removal({ ref, port }: Leaving): Call {
  const addresses = port.fixed_ips.map((fixed) => fixed.ip_address).join(' ');
  return { action: 'remove interface', target: ref, attributes: { port_id: new Ref(addresses, port.id) } };
}

function isAs(port: Port, { address, mac }: WantedInterface, subnet: Ref): boolean {
  const isThere = port.fixed_ips.some((fixed) => fixed.subnet_id === subnet.id && fixed.ip_address === address);
  return isThere && (mac === undefined || mac === port.mac_address);
}

function isInTheWay({ router, port }: Leaving, coming: Coming): boolean {
  return port.fixed_ips.some(
    (fixed) =>
      fixed.subnet_id === coming.subnet.id &&
      (router.id === coming.router.ref.id || fixed.ip_address === coming.wanted.address),
  );
}

/** One with the gateway address of its subnet comes by itself; for another a port is made first. */
function additionOf({ router, wanted, subnet }: Coming, { networks, subnets }: Matches): readonly Call[] {
  const place = subnets.get(wanted.subnet)?.wanted;
  const { address, mac } = wanted;
  if (place === undefined || (address === place.gateway && mac === undefined))
    return [{ action: 'add interface', target: router.ref, attributes: { subnet_id: subnet } }];
  const port = new Ref(`port ${address} in ${subnet.label}`, undefined);
  const attributes = {
    network_id: refOf(networks, place.network),
    name: router.wanted.name,
    fixed_ips: [{ subnet_id: subnet, ip_address: address }],
    ...(mac !== undefined && { mac_address: mac }),
  };
  return [
    { action: 'create', type: PORTS, target: port, attributes },
    { action: 'add interface', target: router.ref, attributes: { port_id: port } },
  ];
}
