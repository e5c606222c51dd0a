// The world around a host, as far as an intent needs one to be tried out: someone outside on every
// external network, and workloads behind the routers. It is derived from Models, so that no address
// is written down twice.

import type { Model, Network } from '../model/model.ts';
import type { LinkName } from '../model/names.ts';
import type { Machine, Workload } from './machine.ts';
import { bridgeOf } from './machine.ts';
import { outsideHosts, outsideNexthops } from './outside.ts';
import { workloads } from './workloads.ts';

export interface World {
  readonly wires: readonly Wire[];
  /** The gateways of external networks. */
  readonly outside: readonly Machine[];
  /** Machines on external networks that extra routes lead over. */
  readonly nexthops: readonly Machine[];
  readonly workloads: readonly Workload[];
}

/** A bridge in the host's namespace; with `nic`, a cable leads from it to a NIC of that name. */
export interface Wire {
  readonly bridge: LinkName;
  /** Bytes. */
  readonly mtu: number;
  readonly nic: LinkName | undefined;
}

/**
 * The world in which each of the models can be tried out: on every external network one machine
 * that is its gateway and has an address that is not on the link; at every fixed IP of a floating
 * IP a workload, and on every interface of a router one more without a floating IP; at every nexthop
 * of an extra route whoever it leads to. What a later model says of a network holds.
 */
export function worldOf(...models: readonly Model[]): World {
  const networks = new Map(models.flatMap((model) => [...model.networks]));
  return {
    wires: wiresOf(models.flatMap((model) => [...model.networks.values()])),
    outside: outsideHosts(models, networks),
    nexthops: outsideNexthops(models, networks),
    workloads: workloads(models, networks),
  };
}

function wiresOf(networks: readonly Network[]): Wire[] {
  const wires = new Map<LinkName, Wire>();
  for (const network of networks) {
    const bridge = bridgeOf(network);
    wires.set(bridge, {
      bridge,
      mtu: network.mtu,
      nic: network.plug.driver === 'macvlan' ? network.plug.parent : undefined,
    });
  }
  return [...wires.values()];
}
