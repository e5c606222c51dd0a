// Intents of any size: routers that are all alike, each with a tenant network of its own in which
// the addresses are those of the others', as with real tenants, and all on one external network.

import type { IpAddress, Ipv4Address } from '../src/model/address.ts';
import { addressAfter, parseIpv4 } from '../src/model/address.ts';
import { deriveMac } from '../src/model/mac.ts';
import type { FloatingIp, Model, Network, Port, Router } from '../src/model/model.ts';
import type { LinkName } from '../src/model/names.ts';
import { linuxBridgeName, parseLinkName, uuidFromText } from '../src/model/names.ts';

/** How much there is of it. */
export interface Size {
  readonly routers: number;
  /** Of each router. */
  readonly floatingIps: number;
}

/** The name of the Buoy that all benches run. */
export const INSTANCE = 'bench';
export const MTU = 1500;
export const EXTERNAL_NETWORK = uuidFromText('external network');
/** Benchmark addresses (RFC 2544): the gateway, this host's own, and floating IPs after them. */
export const EXTERNAL_LENGTH = 15;
export const TENANT_LENGTH = 16;
const LAST_OF_A_ROUTER = 60_000;

/** The machine on the external network that is its gateway. */
export const OUTSIDE = ipv4('198.18.0.1');
const HOST_OUTSIDE = ipv4('198.18.0.2');
const FIRST_FLOATING = ipv4('198.18.1.0');
/** A router's own address on its tenant network. */
export const TENANT_GATEWAY = ipv4('10.0.0.1');
const FIRST_FIXED = ipv4('10.0.1.0');

export const EXTERNAL_BRIDGE = linkName('br-ex');

export const NO_MODEL: Model = { networks: new Map(), routers: new Map() };

/** Reads what `sizeArguments` wrote. */
export function readSize(routers: string | undefined, floatingIps: string | undefined): Size {
  const read = (text: string | undefined): number => {
    if (text === undefined || !/^\d{1,6}$/.test(text))
      throw new TypeError(`${text} is no number of routers or floating IPs`);
    return Number(text);
  };
  return { routers: read(routers), floatingIps: read(floatingIps) };
}

export function sizeText({ routers, floatingIps }: Size): string {
  const count = (value: number): string => value.toLocaleString('en');
  return `${count(routers)} × ${count(floatingIps)}`;
}

export function modelOf({ routers, floatingIps }: Size): Model {
  if (floatingIps > LAST_OF_A_ROUTER || routers * floatingIps > 120_000)
    throw new RangeError('more floating IPs than there are addresses');
  const external: Network = {
    id: EXTERNAL_NETWORK,
    external: true,
    mtu: MTU,
    plug: { driver: 'bridge', bridge: EXTERNAL_BRIDGE },
    agentGateway: port('gateway of this host', EXTERNAL_NETWORK, HOST_OUTSIDE, EXTERNAL_LENGTH, [OUTSIDE]),
  };
  const numbers = Array.from({ length: routers }, (_, number) => number);
  return {
    networks: new Map([external, ...numbers.map(tenantNetwork)].map((network) => [network.id, network])),
    routers: new Map(numbers.map((number) => routerOf(number, floatingIps)).map((one) => [one.id, one])),
  };
}

/** The model with one floating IP more, of its first router. */
export function withOneMore(model: Model): Model {
  const [first, ...others] = model.routers.values();
  if (first === undefined) throw new RangeError('a model without routers');
  const place = first.floatingIps.size + others.reduce((sum, { floatingIps }) => sum + floatingIps.size, 0);
  const more = floatingIp(place, first.floatingIps.size);
  const changed = { ...first, floatingIps: new Map([...first.floatingIps, [more.floating, more]]) };
  return { ...model, routers: new Map([changed, ...others].map((one) => [one.id, one])) };
}

/** The bridges that have to be there before the model can be applied. */
export function bridgesOf(model: Model): LinkName[] {
  return [...model.networks.values()].flatMap(({ plug }) => (plug.driver === 'bridge' ? [plug.bridge] : []));
}

/** A floating IP and where its workload is. */
export interface Served extends FloatingIp {
  readonly router: Router;
  readonly networkId: string;
  readonly bridge: LinkName;
}

/** The floating IP at a place among those of the router at a place among the routers. */
export function servedAt(model: Model, routerNumber: number, place: number): Served {
  const router = model.routers.get(routerId(routerNumber));
  const served = [...(router?.floatingIps.values() ?? [])][place];
  if (router === undefined || served === undefined)
    throw new RangeError(`no floating IP ${place} of router ${routerNumber}`);
  const networkId = tenantNetwork(routerNumber).id;
  return { ...served, router, networkId, bridge: linuxBridgeName(networkId) };
}

function tenantNetwork(number: number): Network {
  const id = uuidFromText(`tenant network ${number}`);
  return { id, external: false, mtu: MTU, plug: { driver: 'bridge', bridge: linuxBridgeName(id) } };
}

function routerOf(number: number, floatingIps: number): Router {
  const networkId = tenantNetwork(number).id;
  const served = Array.from({ length: floatingIps }, (_, index) => floatingIp(number * floatingIps + index, index));
  return {
    id: routerId(number),
    externalNetworkId: EXTERNAL_NETWORK,
    interfaces: [port(`port of router ${number}`, networkId, TENANT_GATEWAY, TENANT_LENGTH, [])],
    routes: [],
    floatingIps: new Map(served.map((one) => [one.floating, one])),
    snatPorts: [],
  };
}

function routerId(number: number): string {
  return uuidFromText(`router ${number}`);
}

/** By its place among all floating IPs, and among those of its router. */
function floatingIp(place: number, placeInRouter: number): FloatingIp {
  return { floating: addressAfter(FIRST_FLOATING, place), fixed: addressAfter(FIRST_FIXED, placeInRouter) };
}

function port(
  name: string,
  networkId: string,
  address: IpAddress,
  length: number,
  gateways: readonly IpAddress[],
): Port {
  const id = uuidFromText(name);
  return { id, networkId, mac: deriveMac(id, new Set()), addresses: [{ address, length }], gateways, extraSubnets: [] };
}

function ipv4(text: string): Ipv4Address {
  const address = parseIpv4(text);
  if (address === undefined) throw new TypeError(`${text} is no IPv4 address`);
  return address;
}

function linkName(text: string): LinkName {
  const name = parseLinkName(text);
  if (name === undefined) throw new TypeError(`${text} is no device name`);
  return name;
}
