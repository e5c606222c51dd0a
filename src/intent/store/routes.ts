// Extra routes of routers (neutron/db/extraroute_db.py).

import { isIpv4, parseAddress, parsePrefix, prefixContains } from '../../model/address.ts';
import type { IpAddress, Prefix } from '../../model/address.ts';
import { readBody } from './body.ts';
import { NetworkingError } from './networking.ts';
import { conflict } from './refusals.ts';
import { MOST_MEMBERS, routesField } from './resources/fields.ts';
import type { Route } from './resources/fields.ts';
import { extraRoutesBody } from './resources/router.ts';
import { prefixOf, textOf } from './row.ts';
import { changeRouter } from './statuses.ts';
import type { Transaction } from './transaction.ts';

/** What a router is connected to. */
interface Surroundings {
  readonly subnets: readonly { readonly id: string; readonly cidr: Prefix }[];
  readonly own: ReadonlySet<string>;
}

export function setRoutes(tx: Transaction, routerId: string, routes: readonly Route[]): void {
  if (routes.length > MOST_MEMBERS) {
    const message = `Unable to complete operation for ${routerId}. The number of routes exceeds the maximum ${MOST_MEMBERS}.`;
    throw new NetworkingError(400, 'RoutesExhausted', message);
  }
  const around = surroundingsOf(tx, routerId);
  const destinations = new Set<string>();
  for (const route of routes) {
    if (destinations.has(route.destination)) throw invalid(route, 'there is a route to the same destination already');
    destinations.add(route.destination);
    const reason = whyUnreachable(around, route);
    if (reason !== undefined) throw invalid(route, reason);
  }
  tx.update('routers', routerId, { routes });
  changeRouter(tx, routerId);
}

/** The extension extraroute-atomic: adds what is not there, removes what is. */
export function changeRoutes(tx: Transaction, routerId: string, action: 'add' | 'remove', body: unknown): void {
  const { routes: named } = readBody(extraRoutesBody, body);
  const routes = routesOf(tx, routerId);
  const isNamed = (route: Route): boolean => named.some((other) => isSame(route, other));
  if (action === 'remove')
    return setRoutes(
      tx,
      routerId,
      routes.filter((route) => !isNamed(route)),
    );
  const added = named.filter((route, index) => named.findIndex((other) => isSame(route, other)) === index);
  setRoutes(tx, routerId, [...routes.filter((route) => !isNamed(route)), ...added]);
}

/** Throws 409 when a route needs one of those subnets, which the router is about to lose. */
export function refuseLossOf(tx: Transaction, routerId: string, subnetIds: readonly string[]): void {
  const { subnets, own } = surroundingsOf(tx, routerId);
  const left = { own, subnets: subnets.filter((subnet) => !subnetIds.includes(subnet.id)) };
  if (routesOf(tx, routerId).every((route) => whyUnreachable(left, route) === undefined)) return;
  const message = `Router interface for subnet ${subnetIds.join(', ')} on router ${routerId} cannot be deleted, as it is required by one or more routes.`;
  throw conflict('RouterInterfaceInUseByRoute', message);
}

function routesOf(tx: Transaction, routerId: string): readonly Route[] {
  return routesField.parse(JSON.parse(textOf(tx.row('routers', routerId), 'routes')));
}

function surroundingsOf(tx: Transaction, routerId: string): Surroundings {
  const ports = `SELECT port_id FROM router_interfaces WHERE router_id = ?1
    UNION SELECT gateway_port_id FROM routers WHERE id = ?1`;
  const rows = tx.sql.all(
    `SELECT ip_address, subnets.id, cidr FROM fixed_ips JOIN subnets ON subnets.id = subnet_id WHERE port_id IN (${ports})`,
    routerId,
  );
  return {
    subnets: rows.map((row) => ({ id: textOf(row, 'id'), cidr: prefixOf(row, 'cidr') })),
    own: new Set(rows.map((row) => textOf(row, 'ip_address'))),
  };
}

function whyUnreachable({ subnets, own }: Surroundings, { destination, nexthop }: Route): string | undefined {
  const hop: IpAddress | undefined = parseAddress(nexthop);
  const to = parsePrefix(destination);
  if (hop === undefined || to === undefined) return 'it cannot be read';
  if (isIpv4(hop) !== isIpv4(to.address)) return 'destination and nexthop are of different IP versions';
  if (own.has(nexthop)) return 'the nexthop is used by router';
  return subnets.some(({ cidr }) => prefixContains(cidr, hop)) ? undefined : 'the nexthop is not connected with router';
}

function invalid({ destination, nexthop }: Route, reason: string): NetworkingError {
  const message = `Invalid format for routes: [{destination: ${destination}, nexthop: ${nexthop}}], ${reason}`;
  return new NetworkingError(400, 'InvalidRoutes', message);
}

function isSame(a: Route, b: Route): boolean {
  return a.destination === b.destination && a.nexthop === b.nexthop;
}
