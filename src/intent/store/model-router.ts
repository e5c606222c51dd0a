// A router of the store as part of the Model, with the choices that neutron-l3-agent makes: one that
// is switched off is not there; an interface that is switched off takes along what leads over it.

import { BuoyError } from '../../errors.ts';
import { networkOf, parseIpv4, parseAddress, parsePrefix, prefixContains } from '../../model/address.ts';
import type { IpAddress, Ipv4Address, Prefix } from '../../model/address.ts';
import type { ExtraRoute, FloatingIp, Port, Router } from '../../model/model.ts';
import { portModel } from './model-port.ts';
import { routesField } from './resources/fields.ts';
import type { Row } from './row.ts';
import { booleanOf, prefixOf, textOf, textOrNull } from './row.ts';
import type { Sql } from './sql.ts';

/** Undefined when there is none with that id, or it is switched off. */
export function routerModel(sql: Sql, id: string): Router | undefined {
  const row = sql.get('SELECT * FROM routers WHERE id = ?', id);
  if (row === undefined || !booleanOf(row, 'admin_state_up')) return undefined;
  const interfaces = interfacesOf(sql, id);
  const inside = prefixesOf(interfaces);
  const connected = [...inside, ...outsidePrefixes(sql, textOrNull(row, 'gateway_port_id'))];
  const router: Router = {
    id,
    interfaces,
    routes: routesOf(row).filter(({ nexthop }) => isIn(connected, nexthop)),
    floatingIps: floatingIpsOf(sql, id, inside),
    snatPorts: [],
  };
  const externalNetworkId = textOrNull(row, 'external_network_id');
  return externalNetworkId === null ? router : { ...router, externalNetworkId };
}

/** The floating IP of a router with that address, as it is now; without an entry when it has gone. */
export function floatingIpModel(
  sql: Sql,
  router: Router,
  address: string,
): { readonly floating: Ipv4Address; readonly entry: FloatingIp | undefined } {
  const query = `SELECT floating_ip_address, fixed_ip_address FROM floatingips
    WHERE floating_network_id = ? AND floating_ip_address = ? AND router_id = ?`;
  const row = sql.get(query, router.externalNetworkId ?? null, address, router.id);
  const entry = row === undefined ? undefined : entryOf(row);
  const isServed = entry !== undefined && isIn(prefixesOf(router.interfaces), entry.fixed);
  return { floating: ipv4(address), entry: isServed ? entry : undefined };
}

function interfacesOf(sql: Sql, routerId: string): readonly Port[] {
  const query = `SELECT * FROM ports WHERE admin_state_up AND id IN
    (SELECT port_id FROM router_interfaces WHERE router_id = ?) ORDER BY rowid`;
  return sql.all(query, routerId).map((row) => portModel(sql, row));
}

function floatingIpsOf(sql: Sql, routerId: string, inside: readonly Prefix[]): ReadonlyMap<Ipv4Address, FloatingIp> {
  const query = 'SELECT floating_ip_address, fixed_ip_address FROM floatingips WHERE router_id = ? ORDER BY rowid';
  const entries = sql.all(query, routerId).map(entryOf);
  return new Map(entries.filter(({ fixed }) => isIn(inside, fixed)).map((entry) => [entry.floating, entry]));
}

function entryOf(row: Row): FloatingIp {
  return { floating: ipv4(textOf(row, 'floating_ip_address')), fixed: ipv4(textOf(row, 'fixed_ip_address')) };
}

function outsidePrefixes(sql: Sql, gatewayPortId: string | null): readonly Prefix[] {
  const query = 'SELECT cidr FROM fixed_ips JOIN subnets ON subnets.id = subnet_id WHERE port_id = ?';
  return sql.all(query, gatewayPortId).map((row) => prefixOf(row, 'cidr'));
}

function routesOf(row: Row): readonly ExtraRoute[] {
  return routesField.parse(JSON.parse(textOf(row, 'routes'))).map((route) => {
    const destination = parsePrefix(route.destination);
    const nexthop = parseAddress(route.nexthop);
    if (destination === undefined || nexthop === undefined) throw unreadable(JSON.stringify(route));
    return { destination, nexthop };
  });
}

function prefixesOf(ports: readonly Port[]): readonly Prefix[] {
  return ports.flatMap((port) =>
    port.addresses.map(({ address, length }) => ({ address: networkOf(address, length), length })),
  );
}

function isIn(prefixes: readonly Prefix[], address: IpAddress): boolean {
  return prefixes.some((prefix) => prefixContains(prefix, address));
}

function ipv4(text: string): Ipv4Address {
  const address = parseIpv4(text);
  if (address === undefined) throw unreadable(text);
  return address;
}

function unreadable(text: string): BuoyError {
  return new BuoyError('BUOY_INTERNAL', `the store has ${text} where it cannot be`);
}
