// What operations touch and by which way they go to a kernel: those that go the same way, one after
// the other in one namespace, go together.

import type { Operation } from '../host/plan.ts';
import type { NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';

export type RouteOperation = Exclude<
  Extract<Operation, { kind: `${'link' | 'address' | 'route' | 'rule' | 'neighbour'}.${string}` }>,
  { kind: 'address.announce' }
>;

export type RulesetOperation = Extract<
  Operation,
  { kind: 'ruleset.define' | 'elements.set' | 'elements.delete' | 'table.delete' }
>;

/** Whether it is done by rtnetlink, where every message of a batch is tried, whatever became of those before it. */
export function isRouteOperation(operation: Operation): operation is RouteOperation {
  switch (operation.kind) {
    case 'link.create':
    case 'link.change':
    case 'link.delete':
    case 'address.add':
    case 'address.delete':
    case 'route.set':
    case 'route.delete':
    case 'rule.add':
    case 'rule.delete':
    case 'neighbour.set':
    case 'neighbour.delete':
      return true;
    default:
      return false;
  }
}

/** Whether it is done by an nftables transaction, of which all is done or nothing. */
export function isRulesetOperation(operation: Operation): operation is RulesetOperation {
  return (
    operation.kind === 'ruleset.define' ||
    operation.kind === 'elements.set' ||
    operation.kind === 'elements.delete' ||
    operation.kind === 'table.delete'
  );
}

/** Adds the namespaces that an operation needs to `names`. */
export function addTouched(operation: Operation, names: Set<NamespaceName>): void {
  names.add(operation.namespace);
  if (operation.kind === 'namespace.delete') for (const end of operation.ends) names.add(end.namespace);
  if (operation.kind !== 'link.create') return;
  const { kind } = operation.link;
  names.add(kind.type === 'veth' && kind.peer !== undefined ? kind.peer.namespace : HOST);
}

const GONE = new Set(['ENOENT', 'ESRCH', 'ENODEV', 'EADDRNOTAVAIL']);

/** A plan may be applied again after a crash: what is gone needs no deleting, a rule that is there no adding. */
export function isDoneAlready({ kind }: RouteOperation, errno: string): boolean {
  if (kind === 'rule.add') return errno === 'EEXIST';
  return kind.endsWith('.delete') && GONE.has(errno);
}
