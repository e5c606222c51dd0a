// nftables transactions (net/netfilter/nf_tables_api.c): all of one is done, or nothing.

import type { Ipv4Address } from '../../../model/address.ts';
import type { Element } from '../../../host/plan.ts';
import type { Chain } from '../../../host/ruleset.ts';
import type { RulesetOperation } from '../../operation-kinds.ts';
import type { SimulatedNamespace, SimulatedRuleset, SimulatedSet } from '../namespace.ts';
import type { Errno } from './errno.ts';

/** What takes back one change. */
type Undo = () => void;

/** Does all of the operations, or none and answers the first refusal. */
export function commit(namespace: SimulatedNamespace, operations: readonly RulesetOperation[]): Errno | undefined {
  const undo: Undo[] = [];
  for (const operation of operations) {
    const refusal = change(namespace, operation, undo);
    if (refusal === undefined) continue;
    for (const one of undo.reverse()) one();
    return refusal;
  }
  namespace.touch('ruleset');
  return undefined;
}

function change(namespace: SimulatedNamespace, operation: RulesetOperation, undo: Undo[]): Errno | undefined {
  switch (operation.kind) {
    case 'ruleset.define':
      return define(namespace, operation, undo);
    case 'table.delete':
      if (!namespace.otherTables.delete(operation.table)) return 'ENOENT';
      namespace.touch('otherTables');
      undo.push(() => namespace.otherTables.add(operation.table));
      return undefined;
    case 'elements.set':
    case 'elements.delete': {
      // Without elements there is nothing to send.
      if (operation.elements.length === 0) return undefined;
      const set = namespace.ruleset?.sets.get(operation.set);
      if (set === undefined) return 'ENOENT';
      set.told = undefined;
      return operation.kind === 'elements.set'
        ? setElements(set, operation.elements, undo)
        : deleteElements(set, operation.elements, undo);
    }
  }
}

function define(
  namespace: SimulatedNamespace,
  { chains, sets, replace }: Extract<RulesetOperation, { kind: 'ruleset.define' }>,
  undo: Undo[],
): Errno | undefined {
  const before = namespace.ruleset;
  if (before === undefined) return 'ENOENT';
  const kept: SimulatedRuleset = replace ? { chains: new Map(), sets: new Map() } : before;
  const after = { chains: new Map(kept.chains), sets: new Map(kept.sets) };
  for (const [name, kind] of sets) {
    const there = after.sets.get(name);
    if (there !== undefined && there.kind !== kind) return 'EEXIST';
    if (there === undefined) after.sets.set(name, { kind, elements: new Map(), counts: new Map(), told: undefined });
  }
  for (const [name, chain] of chains) {
    const there = after.chains.get(name);
    if (there !== undefined && there.type !== chain.type) return 'EEXIST';
    if (there !== undefined && !hasSamePlace(there, chain)) return 'EOPNOTSUPP';
    const refusal = rulesRefusal(chain, after.sets);
    if (refusal !== undefined) return refusal;
    after.chains.set(name, chain);
  }
  namespace.ruleset = after;
  undo.push(() => (namespace.ruleset = before));
  return undefined;
}

function hasSamePlace(one: Chain, other: Chain): boolean {
  return one.hook === other.hook && one.priority === other.priority;
}

/** A rule may name only what is there and is of the kind that it needs (nft_lookup_init()). */
function rulesRefusal({ rules }: Chain, sets: ReadonlyMap<string, SimulatedSet>): Errno | undefined {
  for (const statement of rules.flat()) {
    const [name, isMap] = 'set' in statement ? [statement.set, false] : 'map' in statement ? [statement.map, true] : [];
    if (name === undefined) continue;
    const set = sets.get(name);
    if (set === undefined) return 'ENOENT';
    if ((set.kind === 'map') !== isMap) return 'EINVAL';
  }
  return undefined;
}

/** Those that have another value are deleted first. */
function setElements(set: SimulatedSet, elements: readonly Element[], undo: Undo[]): Errno | undefined {
  for (const { key, before } of elements) {
    if (before === undefined) continue;
    if (!set.elements.has(key)) return 'ENOENT';
    remove(set, key, undo);
  }
  for (const { key, value } of elements) {
    if ((value === undefined) === (set.kind === 'map')) return 'EINVAL';
    if (!set.elements.has(key)) {
      set.elements.set(key, value);
      undo.push(() => set.elements.delete(key));
    } else if (set.elements.get(key) !== value) return 'EEXIST';
  }
  return undefined;
}

function deleteElements(set: SimulatedSet, elements: readonly Element[], undo: Undo[]): Errno | undefined {
  for (const { key } of elements) {
    if (!set.elements.has(key)) return 'ENOENT';
    remove(set, key, undo);
  }
  return undefined;
}

function remove({ elements, counts }: SimulatedSet, key: Ipv4Address, undo: Undo[]): void {
  const value = elements.get(key);
  const count = counts.get(key);
  elements.delete(key);
  counts.delete(key);
  undo.push(() => {
    elements.set(key, value);
    if (count !== undefined) counts.set(key, count);
  });
}
