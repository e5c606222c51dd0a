// Whether what the kernel has works: judged from the kernel's state alone, and, where there is an
// intent, against that too.

import type { HostState } from '../../host/state.ts';
import type { Ipv4Address } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST, routerIdOf, routerNamespace } from '../../model/names.ts';
import { floatingIpsOf } from './floating-ips.ts';
import { namespaceProblems } from './namespace.ts';
import { routerProblems, wayOutOf } from './router.ts';

export interface Health {
  readonly namespaces: readonly NamespaceHealth[];
  readonly routers: readonly RouterHealth[];
  readonly floatingIps: readonly FloatingIpHealth[];
}

/** What is wrong, a short sentence each; none means healthy. */
interface Judged {
  readonly problems: readonly string[];
}

export interface NamespaceHealth extends Judged {
  readonly name: NamespaceName;
  /** Operations that would make it as the intent says; 0 without an intent. */
  readonly differences: number;
}

export interface RouterHealth extends Judged {
  readonly id: string;
  /** The fip namespace that it is linked to. */
  readonly fip: NamespaceName | undefined;
  readonly floatingIps: number;
}

export interface FloatingIpHealth extends Judged {
  readonly floating: Ipv4Address;
  /** Undefined where the kernel does not say. */
  readonly fixed: Ipv4Address | undefined;
  readonly routerId: string;
}

export function judge(state: HostState): Health {
  const names = [...state.namespaces.keys()].filter((name) => name !== HOST).toSorted();
  const routers: RouterHealth[] = [];
  const floatingIps: FloatingIpHealth[] = [];
  for (const name of names) {
    const id = routerIdOf(name);
    const router = state.namespaces.get(name);
    if (id === undefined || router === undefined) continue;
    const wayOut = wayOutOf(state, id);
    const own = floatingIpsOf(id, router, wayOut);
    floatingIps.push(...own);
    routers.push({
      id,
      fip: wayOut?.fip,
      floatingIps: own.length,
      problems: routerProblems(router, wayOut, own.length > 0),
    });
  }
  return {
    namespaces: names.map((name) => ({ name, differences: 0, problems: namespaceProblems(state, name) })),
    routers,
    floatingIps,
  };
}

/** Whether nothing is wrong anywhere, and nothing differs from the intent. */
export function isHealthy({ namespaces, routers, floatingIps }: Health): boolean {
  const allWell = (judged: readonly Judged[]): boolean => judged.every(({ problems }) => problems.length === 0);
  return (
    allWell(namespaces) &&
    allWell(routers) &&
    allWell(floatingIps) &&
    namespaces.every(({ differences }) => differences === 0)
  );
}

/** For each floating IP, what is broken of all that it shares with others: its router, and the namespaces on its way. */
export function sharedTroubles({ namespaces, routers }: Health): (floatingIp: FloatingIpHealth) => readonly string[] {
  const broken = new Set(namespaces.filter(({ problems }) => problems.length > 0).map(({ name }) => name));
  const ofRouter = new Map(
    routers.map(({ id, fip, problems }) => {
      const onTheWay = [routerNamespace(id), ...(fip === undefined ? [] : [fip])].filter((name) => broken.has(name));
      return [id, [...(problems.length > 0 ? [`router ${id}`] : []), ...onTheWay].map((name) => `${name} is broken`)];
    }),
  );
  return ({ routerId }) => ofRouter.get(routerId) ?? [];
}
