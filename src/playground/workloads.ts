// Workloads on the tenant networks: at every fixed IP, at every nexthop, and one more on every
// interface that has no floating IP.

import type { IpAddress, Ipv4Address, Prefix } from '../model/address.ts';
import { compareAddresses, isIpv4, networkOf, prefixContains } from '../model/address.ts';
import type { Model, Network, Router } from '../model/model.ts';
import { hostRange } from '../model/subnet.ts';
import { freeAddress, prefixOf, usedAddresses } from './free-address.ts';
import type { Workload } from './machine.ts';
import { bridgeOf, machineNamespace, networkLabel } from './machine.ts';

/** An IPv4 address of a router on a tenant network, as its workloads see it. */
interface Seat {
  readonly routerId: string;
  readonly network: Network;
  readonly gateway: Ipv4Address;
  readonly prefix: Prefix;
}

interface Place {
  readonly seat: Seat;
  readonly address: Ipv4Address;
  readonly behind: readonly Ipv4Address[];
}

/** In the order of networks and addresses, and named and numbered in it: `blue-1`, `blue-2`, … */
export function workloads(models: readonly Model[], networks: ReadonlyMap<string, Network>): Workload[] {
  const places = new Map<string, Place>();
  const take = (place: Place): void => {
    const key = `${place.seat.network.id} ${place.address}`;
    if (!places.has(key)) places.set(key, place);
  };
  const seats = models.flatMap((model) => [...model.routers.values()].flatMap((router) => seatsOf(router, networks)));
  for (const router of models.flatMap((model) => [...model.routers.values()])) placesOf(router, networks).forEach(take);
  const used = usedAddresses(models);
  const spare = new Map([...networks.keys()].map((id) => [id, new Set(used)]));
  for (const seat of firstOfEach(seats)) {
    const usedHere = spare.get(seat.network.id);
    const address = usedHere && freeAddress(seat.prefix, usedHere);
    if (address === undefined) continue;
    usedHere?.add(address);
    take({ seat, address, behind: [] });
  }
  return named([...places.values()].sort(inOrderOf([...networks.keys()])));
}

function seatsOf(router: Router, networks: ReadonlyMap<string, Network>): Seat[] {
  return router.interfaces.flatMap((port) => {
    const network = networks.get(port.networkId);
    if (network === undefined) return [];
    return port.addresses.flatMap(({ address, length }) =>
      isIpv4(address)
        ? [{ routerId: router.id, network, gateway: address, prefix: prefixOf({ address, length }) }]
        : [],
    );
  });
}

/** Where a router's floating IPs and extra routes lead. */
function placesOf(router: Router, networks: ReadonlyMap<string, Network>): Place[] {
  const seats = seatsOf(router, networks);
  const at = (address: IpAddress, behind: readonly Ipv4Address[]): Place[] => {
    const seat = seats.find(({ prefix }) => prefixContains(prefix, address));
    return seat === undefined || !isIpv4(address) ? [] : [{ seat, address, behind }];
  };
  return [
    ...router.routes.flatMap(({ destination, nexthop }) => {
      const { first } = hostRange(destination);
      return isIpv4(first) ? at(nexthop, [first]) : [];
    }),
    ...[...router.floatingIps.values()].flatMap(({ fixed }) => at(fixed, [])),
  ];
}

/** Several models have the same interfaces. */
function firstOfEach(seats: readonly Seat[]): Iterable<Seat> {
  return new Map(seats.toReversed().map((seat) => [`${seat.network.id} ${seat.gateway}`, seat]))
    .values()
    .toArray()
    .reverse();
}

function inOrderOf(networkIds: readonly string[]): (a: Place, b: Place) => number {
  const position = new Map(networkIds.map((id, index) => [id, index]));
  const of = (place: Place): number => position.get(place.seat.network.id) ?? 0;
  return (a, b) => of(a) - of(b) || compareAddresses(a.address, b.address);
}

function named(places: readonly Place[]): Workload[] {
  const counts = new Map<string, number>();
  return places.map(({ seat, address, behind }) => {
    const label = networkLabel(seat.network.id);
    const number = (counts.get(label) ?? 0) + 1;
    counts.set(label, number);
    const name = `${label}-${number}`;
    return {
      name,
      namespace: machineNamespace(name),
      networkId: seat.network.id,
      routerId: seat.routerId,
      bridge: bridgeOf(seat.network),
      mtu: seat.network.mtu,
      address,
      addresses: [{ address, length: seat.prefix.length }],
      behind,
      routes: [{ destination: { address: networkOf(address, 0), length: 0 }, gateway: seat.gateway }],
    };
  });
}
