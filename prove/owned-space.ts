import type { Operation, Plan } from '../src/host/plan.ts';
import { trespassOf } from '../src/host/owned-space.ts';
import type { HostState } from '../src/host/state.ts';
import type { LinkName } from '../src/model/names.ts';
import { disableIpv6, linkOfSysctl } from '../src/host/sysctls.ts';
import { HOST } from '../src/model/names.ts';
import { MARK } from './undisturbed.ts';

/**
 * The first operation of a plan that touches what is not Buoy's: a namespace that neither is its own nor is
 * to become it, or a link in the host that is foreign; or one that the agent's privileged process would refuse.
 * Undefined if there is none.
 */
export function outsideOwnSpace(
  plan: Plan,
  { actual, wanted }: { actual: HostState; wanted: HostState },
): string | undefined {
  const isOwn = (operation: Operation): boolean => {
    const { namespace } = operation;
    if (actual.foreign.namespaces.has(namespace)) return false;
    if (namespace !== HOST) return actual.namespaces.has(namespace) || wanted.namespaces.has(namespace);
    const name = linkOf(operation);
    return name !== undefined && !actual.foreign.links.has(name);
  };
  for (const { operations } of plan.steps) {
    for (const operation of operations) if (!isOwn(operation)) return `${operation.kind} in ${operation.namespace}`;
  }
  const trespass = trespassOf(plan, { mark: MARK, devices: undefined }, actual.foreign.links);
  return trespass && `${trespass.operation.kind} in ${trespass.operation.namespace}: ${trespass.reason}`;
}

/** The link of the host that an operation there is about. Buoy has nothing but links there. */
function linkOf(operation: Operation): LinkName | undefined {
  switch (operation.kind) {
    case 'link.create':
    case 'link.change':
      return operation.link.name;
    case 'link.delete':
      return operation.link;
    case 'sysctl.set': {
      const name = linkOfSysctl(operation.name);
      return name !== undefined && operation.name === disableIpv6(name) ? name : undefined;
    }
    default:
      return undefined;
  }
}
