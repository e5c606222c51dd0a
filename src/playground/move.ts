// One floating IP moves to another workload of its router.

import type { Ipv4Address } from '../model/address.ts';
import type { Model } from '../model/model.ts';
import type { Workload } from './machine.ts';
import type { World } from './world.ts';

export interface Move {
  /** The model after the move. */
  readonly model: Model;
  readonly floating: Ipv4Address;
  readonly from: Workload;
  readonly to: Workload;
}

/** A move of the first floating IP that can move to a workload without one; undefined where none can. */
export function firstPossibleMove(model: Model, world: World): Move | undefined {
  for (const router of model.routers.values()) {
    const served = new Set([...router.floatingIps.values()].map(({ fixed }) => fixed));
    const here = world.workloads.filter(({ routerId }) => routerId === router.id);
    const to = here.find(({ address, behind }) => !served.has(address) && behind.length === 0);
    for (const { floating, fixed } of router.floatingIps.values()) {
      const from = here.find(({ address }) => address === fixed);
      if (from === undefined || to === undefined) continue;
      const floatingIps = new Map(router.floatingIps).set(floating, { floating, fixed: to.address });
      const routers = new Map(model.routers).set(router.id, { ...router, floatingIps });
      return { model: { ...model, routers }, floating, from, to };
    }
  }
  return undefined;
}
