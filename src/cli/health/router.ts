// The way of a router's packets from the mark to the external network, each part of it.

import type { HostState, NamespaceState } from '../../host/state.ts';
import { FIXED, FLOATING, MARKED } from '../../host/translation.ts';
import type { Statement } from '../../host/ruleset.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { fipToRouterName, isFipNamespace, routerNamespace, routerToFipName } from '../../model/names.ts';

/** The pair of links between a router and its fip namespace. */
export interface WayOut {
  /** In the router: rfp-. */
  readonly link: LinkName;
  readonly fip: NamespaceName;
  readonly fipState: NamespaceState;
  /** In the fip namespace: fpr-. */
  readonly fipLink: LinkName;
}

/** Undefined where there is no pair, or not both of its ends. */
export function wayOutOf(host: HostState, routerId: string): WayOut | undefined {
  const link = host.namespaces.get(routerNamespace(routerId))?.links.get(routerToFipName(routerId));
  const peer = link?.kind.type === 'veth' ? link.kind.peer : undefined;
  if (
    link === undefined ||
    peer === undefined ||
    !isFipNamespace(peer.namespace) ||
    peer.link !== fipToRouterName(routerId)
  )
    return undefined;
  const fipState = host.namespaces.get(peer.namespace);
  return fipState === undefined ? undefined : { link: link.name, fip: peer.namespace, fipState, fipLink: peer.link };
}

/** Of all that the floating IPs of a router share. Nothing of it is needed by a router that has none and no way out. */
export function routerProblems(router: NamespaceState, wayOut: WayOut | undefined, needsWayOut: boolean): string[] {
  if (wayOut === undefined) return needsWayOut ? ['is not linked to a fip namespace (rfp-, fpr-)'] : [];
  const problems: string[] = [];
  const marked = [...router.rules.values()].filter(({ mark }) => mark !== undefined);
  if (marked.length === 0) problems.push('no rule for marked packets');
  else if (!marked.some(({ table }) => defaultLink(router, table) === wayOut.link))
    problems.push(`no default route over ${wayOut.link} in table ${marked[0]?.table}`);
  const { fip, fipLink, fipState } = wayOut;
  const onward = [...fipState.rules.values()].find(({ incoming }) => incoming === fipLink);
  if (onward === undefined) problems.push(`no rule in ${fip} for what comes in from ${fipLink}`);
  else if (defaultLink(fipState, onward.table) === undefined)
    problems.push(`no default route in table ${onward.table} of ${fip}`);

  const statements = [...(router.ruleset?.chains.values() ?? [])].flatMap((chain) => chain.rules);
  const has = (holds: (statement: Statement) => boolean): boolean => statements.some((rule) => rule.some(holds));
  const bits = marked.map(({ mark }) => mark?.value);
  if (!has((statement) => statement.kind === 'set-mark-bits' && (bits.length === 0 || bits.includes(statement.bits))))
    problems.push(`no nftables rule marks the packets of @${MARKED}`);
  if (!has((statement) => statement.kind === 'destination-nat' && statement.map === FLOATING))
    problems.push(`no nftables rule translates by @${FLOATING}`);
  if (!has((statement) => statement.kind === 'source-nat' && statement.map === FIXED))
    problems.push(`no nftables rule translates by @${FIXED}`);
  return problems;
}

function defaultLink(state: NamespaceState, table: number): LinkName | undefined {
  return state.routes.get(table)?.prefixes.get('0.0.0.0/0')?.hop.link;
}
