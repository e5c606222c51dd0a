// Routers, their gateways and static routes.

import type { Router } from '../agent/resource-types.ts';
import { ROUTERS } from '../agent/resource-types.ts';
import type { Call } from './call.ts';
import { deletion, Ref, update } from './call.ts';
import type { InterfaceChanges } from './interface-changes.ts';
import { removal } from './interface-changes.ts';
import type { Match, Matches } from './match.ts';
import { refOf } from './match.ts';
import type { Stored } from './stored.ts';
import type { Route, WantedRouter } from './wanted.ts';

type RouterMatch = Match<WantedRouter, Router>;

/** New routers, names that are others, and gateways of those that have none. */
export function firstRouterCalls({ routers, networks }: Matches): readonly Call[] {
  return [...routers.values()].flatMap(({ wanted, stored, ref }): readonly Call[] => {
    const gateway = wanted.gateway === undefined ? {} : gatewayOf(refOf(networks, wanted.gateway));
    if (stored === undefined)
      return [{ action: 'create', type: ROUTERS, target: ref, attributes: { name: wanted.name, ...gateway } }];
    return update(ROUTERS, ref, {
      ...(stored.name !== wanted.name && { name: wanted.name }),
      ...(stored.external_gateway_info === null && gateway),
    });
  });
}

/** Routers that lose their gateway or get another one. */
export function regatewayed({ routers, networks }: Matches): readonly RouterMatch[] {
  return [...routers.values()].filter(({ wanted, stored }) => {
    const before = stored?.external_gateway_info?.network_id;
    const after = wanted.gateway === undefined ? undefined : refOf(networks, wanted.gateway).id;
    return before !== undefined && before !== after;
  });
}

/** Takes interfaces away that are in the way of others; no route may lead there meanwhile. */
export function earlyRemovals({ early }: InterfaceChanges): readonly Call[] {
  const withRoutes = new Map(early.filter(({ router }) => router.routes.length > 0).map(({ ref }) => [ref.id, ref]));
  return [...[...withRoutes.values()].flatMap((ref) => update(ROUTERS, ref, { routes: [] })), ...early.map(removal)];
}

/** Static routes while a router has its old interfaces and its new ones. Of one that gets another gateway, those that stay. */
export function routeCalls(matches: Matches, { early }: InterfaceChanges): readonly Call[] {
  const changing = new Set(regatewayed(matches));
  const cleared = new Set(early.map(({ ref }) => ref));
  return [...matches.routers.values()].flatMap((router) => {
    const { wanted, stored, ref } = router;
    const before = cleared.has(ref) ? [] : (stored?.routes ?? []);
    const after = changing.has(router) ? wanted.routes.filter((route) => includes(before, route)) : wanted.routes;
    return areSame(before, after) ? [] : update(ROUTERS, ref, { routes: after });
  });
}

/** New gateways of routers that have another one, and the routes that need them. */
export function gatewayChanges(matches: Matches, { early }: InterfaceChanges): readonly Call[] {
  const cleared = new Set(early.map(({ ref }) => ref));
  return regatewayed(matches).flatMap(({ wanted, stored, ref }) => {
    const before = cleared.has(ref) ? [] : (stored?.routes ?? []);
    const kept = wanted.routes.filter((route) => includes(before, route));
    const gateway =
      wanted.gateway === undefined
        ? { external_gateway_info: null }
        : gatewayOf(refOf(matches.networks, wanted.gateway));
    return [
      ...update(ROUTERS, ref, gateway),
      ...(areSame(kept, wanted.routes) ? [] : update(ROUTERS, ref, { routes: wanted.routes })),
    ];
  });
}

/** The interfaces that go, and the routers that the file does not name any more. */
export function lastRouterCalls({ routers }: Matches, { late }: InterfaceChanges, stored: Stored): readonly Call[] {
  const kept = new Set([...routers.values()].map(({ ref }) => ref.id));
  const gone = stored.routers.filter((router) => !kept.has(router.id));
  const refs = new Map(gone.map((router) => [router, new Ref(`router ${router.name}`, router.id)]));
  return [
    ...refs
      .entries()
      .flatMap(([router, ref]) => (router.routes.length > 0 ? update(ROUTERS, ref, { routes: [] }) : [])),
    ...late.map(removal),
    ...refs.values().map((ref) => deletion(ROUTERS, ref)),
  ];
}

function gatewayOf(network: Ref): { readonly external_gateway_info: object } {
  return { external_gateway_info: { network_id: network } };
}

function includes(routes: readonly Route[], route: Route): boolean {
  return routes.some(({ destination, nexthop }) => destination === route.destination && nexthop === route.nexthop);
}

function areSame(a: readonly Route[], b: readonly Route[]): boolean {
  return a.length === b.length && a.every((route) => includes(b, route));
}
