// Which ways packets can go in a world, and as whom they shall be seen at the other end. Pure: from
// a Model and the World around it.

import type { Ipv4Address } from '../model/address.ts';
import { formatPrefix, prefixContains } from '../model/address.ts';
import type { Model, Router } from '../model/model.ts';
import { freeAddress, prefixOf, usedAddresses } from './free-address.ts';
import type { Machine, Workload } from './machine.ts';
import type { World } from './world.ts';

export interface Journey {
  /** What is tried, for people. */
  readonly way: string;
  readonly from: Machine;
  /** The address of `from` that the packets come from. */
  readonly source: Ipv4Address;
  /** The address that they are sent to. */
  readonly to: Ipv4Address;
  /** Who has to do with them at the other end, and at which of its own addresses; undefined: nobody. */
  readonly target: { readonly machine: Machine; readonly address: Ipv4Address } | undefined;
  /** Whom the target shall take them to come from; undefined: they shall not arrive, and nobody shall answer. */
  readonly expectedSeenAs: Ipv4Address | undefined;
}

/** A workload and the floating IP that leads to it. */
interface Served {
  readonly workload: Workload;
  readonly floating: Ipv4Address;
}

/**
 * From outside to every floating IP and back, and for one of them also from beyond the link and to
 * the gateway itself; to the floating IP of another workload behind the same router, and behind the
 * next one; to other subnets and over extra routes; and what shall lead nowhere: out without a
 * floating IP, and in to an address that is none.
 */
export function journeysOf(model: Model, world: World): Journey[] {
  const routers = [...model.routers.values()];
  return [
    ...world.outside.flatMap((outside) => journeysByWayOf(outside, routers, model, world)),
    ...routers.flatMap((router) => [...betweenSubnets(router, world), ...overExtraRoutes(router, world)]),
  ];
}

function journeysByWayOf(outside: Machine, routers: readonly Router[], model: Model, world: World): Journey[] {
  const here = routers.filter((router) => router.externalNetworkId === outside.networkId);
  const byRouter = here.map((router) => servedWorkloads(router, world)).filter((served) => served.length > 0);
  const served = byRouter.flat();
  const first = served.slice(0, 1);
  const [far = outside.address] = outside.behind;
  return [
    ...served.map((one) => inward('in by floating IP', outside, outside.address, one)),
    ...(far === outside.address ? [] : first.map((one) => inward('in from beyond the link', outside, far, one))),
    ...served.map((one) => outward('out by floating IP', one, outside, far)),
    ...(far === outside.address
      ? []
      : first.map((one) => outward('out to the gateway', one, outside, outside.address))),
    ...byRouter.flatMap(([from, to]) => (from && to ? [across('to a floating IP, same router', from, to)] : [])),
    ...byRouter.flatMap(([from], index) => {
      const to = byRouter[(index + 1) % byRouter.length]?.[0];
      return from && to && from !== to ? [across('to a floating IP, next router', from, to)] : [];
    }),
    ...here.flatMap((router) => outOverExtraRoutes(router, world)),
    ...here.flatMap((router) => outWithoutFloatingIp(router, outside, far, world)),
    ...inToNobody(outside, model, world),
  ];
}

function servedWorkloads(router: Router, world: World): Served[] {
  return [...router.floatingIps.values()].flatMap(({ floating, fixed }) => {
    const ports = router.interfaces.filter((port) =>
      port.addresses.some((own) => prefixContains(prefixOf(own), fixed)),
    );
    const workload = world.workloads.find(
      ({ address, networkId }) => address === fixed && ports.some((port) => port.networkId === networkId),
    );
    return workload === undefined ? [] : [{ workload, floating }];
  });
}

function inward(way: string, outside: Machine, source: Ipv4Address, { workload, floating }: Served): Journey {
  return { way, from: outside, source, to: floating, target: itself(workload), expectedSeenAs: source };
}

function outward(way: string, { workload, floating }: Served, outside: Machine, to: Ipv4Address): Journey {
  return {
    way,
    from: workload,
    source: workload.address,
    to,
    target: { machine: outside, address: to },
    expectedSeenAs: floating,
  };
}

function across(way: string, from: Served, to: Served): Journey {
  const { workload } = from;
  return {
    way,
    from: workload,
    source: workload.address,
    to: to.floating,
    target: itself(to.workload),
    expectedSeenAs: from.floating,
  };
}

function outOverExtraRoutes(router: Router, world: World): Journey[] {
  const [first] = servedWorkloads(router, world);
  const beyond = world.nexthops.filter(({ networkId }) => networkId === router.externalNetworkId);
  return router.routes.flatMap(({ destination, nexthop }) => {
    const machine = beyond.find(({ address }) => address === nexthop);
    const to = machine?.behind.find((address) => prefixContains(destination, address));
    if (machine === undefined || first === undefined || to === undefined) return [];
    return [outward('out over an extra route', first, machine, to)];
  });
}

function outWithoutFloatingIp(router: Router, outside: Machine, to: Ipv4Address, world: World): Journey[] {
  const served = new Set(servedWorkloads(router, world).map(({ workload }) => workload));
  const plain = behindRouter(router, world).find((workload) => !served.has(workload));
  if (plain === undefined) return [];
  const target = { machine: outside, address: to };
  return [
    { way: 'out without a floating IP', from: plain, source: plain.address, to, target, expectedSeenAs: undefined },
  ];
}

function inToNobody(outside: Machine, model: Model, world: World): Journey[] {
  const subnet = outside.addresses.find(({ address }) => address === outside.address);
  const used = usedAddresses([model]);
  for (const { addresses } of [...world.outside, ...world.nexthops])
    for (const { address } of addresses) used.add(address);
  const to = subnet === undefined ? undefined : freeAddress(prefixOf(subnet), used);
  if (to === undefined) return [];
  return [
    {
      way: 'in to an address of nobody',
      from: outside,
      source: outside.address,
      to,
      target: undefined,
      expectedSeenAs: undefined,
    },
  ];
}

/** Between the first workloads of one subnet and the next: routed, and never translated. */
function betweenSubnets(router: Router, world: World): Journey[] {
  const bySubnet = new Map(
    behindRouter(router, world)
      .toReversed()
      .map((workload) => [subnetOf(workload), workload]),
  );
  const [from, ...others] = [...bySubnet.values()].reverse();
  if (from === undefined) return [];
  return others.map((to) => ({
    way: 'to another subnet',
    from,
    source: from.address,
    to: to.address,
    target: itself(to),
    expectedSeenAs: from.address,
  }));
}

function overExtraRoutes(router: Router, world: World): Journey[] {
  const workloads = behindRouter(router, world);
  return router.routes.flatMap(({ destination, nexthop }) => {
    const machine = workloads.find(({ address }) => address === nexthop);
    const from = workloads.findLast((other) => other !== machine);
    const to = machine?.behind.find((address) => prefixContains(destination, address));
    if (machine === undefined || from === undefined || to === undefined) return [];
    const target = { machine, address: to };
    return [{ way: 'over an extra route', from, source: from.address, to, target, expectedSeenAs: from.address }];
  });
}

function behindRouter(router: Router, world: World): Workload[] {
  return world.workloads.filter((workload) => workload.routerId === router.id);
}

function subnetOf({ networkId, addresses }: Workload): string {
  return `${networkId} ${addresses.map((own) => formatPrefix(prefixOf(own))).join(' ')}`;
}

function itself(machine: Machine): { machine: Machine; address: Ipv4Address } {
  return { machine, address: machine.address };
}
