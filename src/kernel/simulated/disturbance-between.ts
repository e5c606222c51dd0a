// What is told of a change: where only something is gone, what; else that there was one.

import { isDeepStrictEqual } from 'node:util';
import type { Gone } from '../../host/gone.ts';
import { without } from '../../host/gone.ts';
import type { Address, HostState, NamespaceState } from '../../host/state.ts';
import { isIpv4 } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { Disturbed } from '../disturbance.ts';

/** Of namespaces that are ours before or after. */
export function disturbanceBetween({ namespaces: before }: HostState, { namespaces: after }: HostState): Disturbed {
  const namespaces = new Set<NamespaceName>();
  const gone: Gone[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [one, other] = [before.get(name), after.get(name)];
    if (isSame(name, one, other)) continue;
    const found = one === undefined || other === undefined ? undefined : goneBetween(name, one, other);
    if (found === undefined) namespaces.add(name);
    else gone.push(...found);
  }
  return { namespaces, gone };
}

/** What is gone, if that is all that has changed. */
function goneBetween(namespace: NamespaceName, before: NamespaceState, after: NamespaceState): Gone[] | undefined {
  const gone: Gone[] = [];
  let left = before;
  const note = (one: Gone): void => {
    gone.push(one);
    left = without(left, one) ?? left;
  };
  for (const link of before.links.keys()) if (!after.links.has(link)) note({ kind: 'link', namespace, link });
  for (const [key, { link, address }] of left.addresses) {
    if (after.addresses.has(key)) continue;
    const isOther = (other: Address): boolean => other.link === link && isIpv4(other.address);
    const others = [...left.addresses].filter(([another, value]) => another !== key && isOther(value));
    note({ kind: 'address', namespace, key, link, isLastIpv4: isIpv4(address) && others.length === 0 });
  }
  for (const key of left.rules.keys()) if (!after.rules.has(key)) note({ kind: 'rule', namespace, key });
  for (const key of left.neighbours.keys()) if (!after.neighbours.has(key)) note({ kind: 'neighbour', namespace, key });
  for (const [table, { prefixes, hosts }] of left.routes) {
    const found = after.routes.get(table);
    for (const [key, route] of prefixes)
      if (found?.prefixes.has(key) !== true) note({ kind: 'route', namespace, table, route });
    for (const [address, hop] of hosts)
      if (found?.hosts.has(address) !== true)
        note({ kind: 'route', namespace, table, route: { destination: { address, length: 32 }, hop } });
  }
  for (const [set, { elements }] of left.ruleset?.sets ?? [])
    for (const key of elements.keys())
      if (after.ruleset?.sets.get(set)?.elements.has(key) !== true) note({ kind: 'element', namespace, set, key });
  return isDeepStrictEqual(left, after) ? gone : undefined;
}

/** A simulated namespace tells the same object of itself until it is touched; what HOST tells is put together each time. */
function isSame(name: NamespaceName, one: NamespaceState | undefined, other: NamespaceState | undefined): boolean {
  if (one === other) return true;
  return name === HOST && one !== undefined && other !== undefined && textOfHost(one) === textOfHost(other);
}

function textOfHost({ links, sysctls }: NamespaceState): string {
  return JSON.stringify([[...links.values()], [...sysctls]]);
}
