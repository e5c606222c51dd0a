// From two states to the plan between them.
//
// A plan is in an order in which floating IPs work at every moment. Everything is made before
// anything else goes. First what the routers of an external network share; then each router: its
// namespace, links, addresses, routes and translations, then its part of the fip namespace, with
// the host routes of its floating IPs last; and only when all of that is there is an address
// announced. A floating IP that moves from one router to another is thereby switched in one
// operation, the change of its host route, when the other router is ready for it. What goes, goes
// the other way round: the host route, the translation, the connections that used it, the rest.
//
// It takes care of what the kernel does unasked: with a link go its addresses, routes and
// neighbours and the other end of a veth; with a namespace all that is in it; with a MAC address the
// neighbours; with the last IPv4 address of a link its IPv4 routes. What is wanted of that is made
// anew, and what is not wanted is not deleted a second time.

import type { NamespaceName } from '../model/names.ts';
import { HOST, isFipNamespace } from '../model/names.ts';
import { diffAddresses } from './diff/addresses.ts';
import { diffAnnouncements } from './diff/announcements.ts';
import { LinkDiff } from './diff/links.ts';
import type { NamespaceDiff } from './diff/namespace-diff.ts';
import { diffNeighbours } from './diff/neighbours.ts';
import { Owners } from './diff/owners.ts';
import { PlanDraft } from './diff/plan-draft.ts';
import { diffRoutes } from './diff/routes.ts';
import { diffRules } from './diff/rules.ts';
import { diffRuleset } from './diff/ruleset.ts';
import { diffSysctls } from './diff/sysctls.ts';
import type { Plan } from './plan.ts';
import type { HostState, LinkEnd } from './state.ts';
import { EMPTY_NAMESPACE } from './state.ts';

/**
 * The operations that turn `actual` into `wanted`, whatever the two are. Empty when they are equal
 * already: in all but announcements, what is foreign, and what the wanted state leaves open
 * (sysctls that it does not name, a MAC address or MTU that is undefined).
 */
export function diff(actual: HostState, wanted: HostState): Plan {
  const plan = new PlanDraft();
  const owners = { actual: new Owners(actual), wanted: new Owners(wanted) };
  const links = new LinkDiff(actual, wanted, plan);
  for (const namespace of wanted.namespaces.keys()) {
    if (namespace === HOST || actual.namespaces.has(namespace)) continue;
    plan.make(namespace, 'namespace', { kind: 'namespace.create', namespace });
  }
  links.make(owners.wanted);
  links.unmake(owners.actual);
  for (const [namespace, state] of wanted.namespaces) {
    diffNamespace({
      namespace,
      actual: actual.namespaces.get(namespace) ?? EMPTY_NAMESPACE,
      wanted: state,
      owners,
      links: links.in(namespace),
      stripped: new Set(),
      addedAddresses: [],
      setHosts: [],
      isUnfinished: actual.isUnfinished === true,
      plan,
    });
  }
  const stays = (namespace: NamespaceName): boolean => namespace === HOST || wanted.namespaces.has(namespace);
  for (const [namespace, { links: inside }] of actual.namespaces) {
    if (stays(namespace)) continue;
    const peers = [...inside.values()].flatMap(({ kind }) => (kind.type === 'veth' ? (kind.peer ?? []) : []));
    // One that was displaced is gone, and what has its name by then is another link.
    const isLeft = (peer: LinkEnd): boolean => !links.in(peer.namespace).displaced.has(peer.link);
    const ends = peers.filter((peer) => stays(peer.namespace) && isLeft(peer));
    plan.unmake(namespace, 'namespace', { kind: 'namespace.delete', namespace, ends });
    // While it answers for floating IPs, the routers that they lead to are left as they are.
    if (!isFipNamespace(namespace)) continue;
    for (const peer of peers) if (peer.namespace !== HOST) plan.handOver(peer.namespace, namespace);
  }
  return plan.finish();
}

function diffNamespace(namespace: NamespaceDiff): void {
  diffSysctls(namespace);
  diffAddresses(namespace);
  diffNeighbours(namespace);
  diffRoutes(namespace);
  diffRules(namespace);
  diffRuleset(namespace);
  diffAnnouncements(namespace);
}
