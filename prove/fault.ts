// What goes wrong in a run, drawn at random: the kernel refuses operations, or the process dies.

import type { Operation } from '../src/host/plan.ts';
import type { Fault } from '../src/kernel/simulated/index.ts';
import { choose } from './intent.ts';

export interface FaultDraw {
  readonly kind: 'refuse' | 'die before' | 'die after';
  /** Chooses the operation. */
  readonly at: number;
  /** How many operations in a row are refused. */
  readonly count: number;
  /** Chooses what they are refused with. */
  readonly errno: number;
}

/** Draws a fault. `random` answers a natural number below its argument. */
export function drawFault(random: (below: number) => number): FaultDraw {
  const kinds = ['refuse', 'die before', 'die after'] as const;
  return {
    kind: choose(kinds, random(3)),
    at: random(10_000),
    count: choose([1, 1, 2, 8], random(4)),
    errno: random(1000),
  };
}

/** The fault in a plan of so many operations, as a simulated kernel asks for it. */
export function faultIn(
  draw: FaultDraw,
  operations: number,
): (operation: Operation, index: number) => Fault | undefined {
  const at = draw.at % Math.max(1, operations);
  return ({ kind }, index) => {
    if (index < at || index >= at + (draw.kind === 'refuse' ? draw.count : 1)) return undefined;
    return draw.kind === 'refuse' ? { errno: choose(errnosOf(kind), draw.errno) } : draw.kind;
  };
}

/**
 * What the kernel may refuse an operation with. Not among them is what says that nothing was left to be
 * done (a link to be deleted is gone): that is no refusal.
 */
function errnosOf(kind: Operation['kind']): readonly string[] {
  return [...ANY, ...(OF_KIND[kind] ?? [])];
}

/** Out of memory, buffers, or privileges. */
const ANY = ['ENOMEM', 'ENOBUFS', 'EPERM'];

const OF_KIND: Partial<Record<Operation['kind'], readonly string[]>> = {
  'namespace.create': ['EMFILE', 'ENOSPC', 'EEXIST', 'EROFS'],
  'namespace.delete': ['EMFILE', 'EBUSY', 'EROFS', 'ESTALE'],
  'sysctl.set': ['EACCES', 'ENOENT', 'EINVAL', 'EROFS'],
  'link.create': ['EEXIST', 'ENODEV', 'EBUSY', 'EADDRINUSE', 'EINVAL'],
  'link.change': ['EBUSY', 'ENODEV', 'EADDRNOTAVAIL', 'EINVAL'],
  'link.delete': ['EBUSY', 'EOPNOTSUPP'],
  'address.add': ['EEXIST', 'ENODEV', 'EACCES', 'EINVAL'],
  'address.delete': ['EBUSY'],
  'route.set': ['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'ENODEV', 'EINVAL'],
  'route.delete': ['EBUSY', 'EINVAL'],
  'rule.add': ['EINVAL', 'EAFNOSUPPORT'],
  'rule.delete': ['EBUSY', 'EINVAL'],
  'neighbour.set': ['ENETDOWN', 'EINVAL', 'ENOENT'],
  'neighbour.delete': ['EBUSY', 'EINVAL'],
  'ruleset.define': ['EBUSY', 'EEXIST', 'EOPNOTSUPP', 'ERESTART'],
  'elements.set': ['EEXIST', 'ENOENT', 'ENFILE', 'ERESTART'],
  'elements.delete': ['ENOENT', 'EBUSY', 'ERESTART'],
  'table.delete': ['EBUSY', 'ERESTART'],
  'connections.flush': ['EBUSY', 'EINTR'],
  'address.announce': ['ENETDOWN', 'ENXIO', 'EMFILE'],
};
