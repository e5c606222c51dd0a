// Models for tests, short to write. Ids are UUIDs that begin with a word of eight hexadecimal digits,
// so that names stay readable: the port `b0000001` becomes `qr-b0000001-00`.

import type { IpAddress, Ipv4Address, MacAddress, Prefix } from '../../src/model/address.ts';
import { isIpv4, parseAddress, parseIpv4, parseMac, parsePrefix } from '../../src/model/address.ts';
import type { FloatingIp, Model, Network, Plug, Port, Router, SnatPort } from '../../src/model/model.ts';
import type { LinkName } from '../../src/model/names.ts';
import { parseLinkName } from '../../src/model/names.ts';
import { must } from './must.ts';

export const ip = (text: string): IpAddress => must(parseAddress(text));
export const ipv4 = (text: string): Ipv4Address => must(parseIpv4(text));
export const prefix = (text: string): Prefix => must(parsePrefix(text));
export const mac = (text: string): MacAddress => must(parseMac(text));
export const link = (text: string): LinkName => must(parseLinkName(text));

export function uuid(word: string): string {
  return `${word}-0000-0000-0000-000000000000`;
}

export const bridge = (name: string): Plug => ({ driver: 'bridge', bridge: link(name) });
export const macvlan = (parent: string): Plug => ({ driver: 'macvlan', parent: link(parent) });

interface PortText {
  /** `10.0.0.1/24`, address and length of its subnet. */
  readonly addresses: readonly string[];
  readonly gateways?: readonly string[];
  readonly extraSubnets?: readonly string[];
  readonly mac?: string;
}

/** A port; its MAC address follows from its id unless it is given. */
export function port(word: string, networkWord: string, text: PortText): Port {
  const { addresses, gateways = [], extraSubnets = [] } = text;
  return {
    id: uuid(word),
    networkId: uuid(networkWord),
    mac: mac(text.mac ?? `fa:16:3e:${word.slice(0, 2)}:${word.slice(4, 6)}:${word.slice(6)}`),
    addresses: addresses.map((address) => {
      const [value = '', length] = address.split('/');
      return { address: ip(value), length: Number(length) };
    }),
    gateways: gateways.map(ip),
    extraSubnets: extraSubnets.map(prefix),
  };
}

/** A tenant's network. */
export function network(
  word: string,
  { plug = bridge('br-int'), mtu = 1450 }: { plug?: Plug; mtu?: number } = {},
): Network {
  return { id: uuid(word), external: false, mtu, plug };
}

/** An external network with this host's gateway port on it. */
export function external(
  word: string,
  gatewayPort: Omit<PortText, 'mac'> & { readonly port?: string },
  { plug = bridge('br-ex'), mtu = 1500 }: { plug?: Plug; mtu?: number } = {},
): Network {
  const agentGateway = port(gatewayPort.port ?? `f${word.slice(1)}`, word, gatewayPort);
  return { id: uuid(word), external: true, mtu, plug, agentGateway };
}

interface RouterText {
  readonly external?: string;
  readonly interfaces?: readonly Port[];
  /** Destination → nexthop. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Floating → fixed. */
  readonly floatingIps?: Readonly<Record<string, string>>;
  readonly snatPorts?: readonly SnatPort[];
}

export function router(word: string, text: RouterText): Router {
  const { interfaces = [], routes = {}, floatingIps = {}, snatPorts = [] } = text;
  const built = {
    id: uuid(word),
    interfaces,
    routes: Object.entries(routes).map(([destination, nexthop]) => ({
      destination: prefix(destination),
      nexthop: ip(nexthop),
    })),
    floatingIps: new Map(
      Object.entries(floatingIps).map(([floating, fixed]) => floatingIpEntry(ipv4(floating), ipv4(fixed))),
    ),
    snatPorts,
  };
  return text.external === undefined ? built : { ...built, externalNetworkId: uuid(text.external) };
}

function floatingIpEntry(floating: Ipv4Address, fixed: Ipv4Address): [Ipv4Address, FloatingIp] {
  return [floating, { floating, fixed }];
}

export function snatPort(networkWord: string, address: string, macAddress: string): SnatPort {
  const value = ip(address);
  if (!isIpv4(value)) throw new Error(`${address} is not an IPv4 address`);
  return { networkId: uuid(networkWord), address: value, mac: mac(macAddress) };
}

export function modelOf(networks: readonly Network[], routers: readonly Router[]): Model {
  return {
    networks: new Map(networks.map((one) => [one.id, one])),
    routers: new Map(routers.map((one) => [one.id, one])),
  };
}

export const NOTHING: Model = modelOf([], []);
