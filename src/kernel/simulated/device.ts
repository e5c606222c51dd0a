// A network device of a simulated host, and what hangs on it: what goes when the device goes.

import type { IpAddress, Ipv4Address, Ipv6Address, MacAddress } from '../../model/address.ts';
import type { LinkName } from '../../model/names.ts';
import { LOOPBACK } from '../../model/names.ts';
import type { Address, Link, LinkKind, Neighbour } from '../../host/state.ts';
import type { SimulatedNamespace } from './namespace.ts';

/** A route that the kernel makes by itself in the main table, for the subnet of an IPv4 address. */
export interface ConnectedRoute {
  readonly network: Ipv4Address;
  readonly length: number;
  /** Of several to one subnet, the one with the lowest number came first. */
  readonly order: number;
}

export class Device {
  readonly namespace: SimulatedNamespace;
  readonly name: LinkName;
  readonly type: LinkKind['type'];
  /** As `ip -details link` calls the kind. */
  readonly word: string;
  mac: MacAddress | undefined;
  mtu: number | undefined;
  up: boolean;
  alias: string | undefined;
  master: Device | undefined;
  /** The other end of a veth. */
  peer: Device | undefined;
  /** The device of a macvlan. */
  parent: Device | undefined;
  /** Those that are on it, in whatever namespace. */
  readonly macvlans = new Set<Device>();
  /** False before it is made and after it is gone. */
  isThere = false;
  /** In the kernel's order: the first of a subnet is the primary one. */
  addresses: readonly Address[] = [];
  neighbours: ReadonlyMap<IpAddress, Neighbour> = new Map();
  connected: readonly ConnectedRoute[] = [];
  readonly sysctls = new Map<string, string>();
  /** An IPv6 address that the kernel made of an earlier MAC address. */
  linkLocal: Ipv6Address | undefined;
  /** Whether its sysctl `disable_ipv6` is 0. */
  hasIpv6: boolean;
  /** Whether a loopback device has 127.0.0.1. */
  hasLocalhost = false;

  /** Not there yet, and down. */
  constructor(namespace: SimulatedNamespace, link: Pick<Link, 'name' | 'kind' | 'mac' | 'mtu'>) {
    this.namespace = namespace;
    this.name = link.name;
    this.type = link.kind.type;
    this.word = link.kind.type === 'other' ? link.kind.word : link.kind.type;
    this.mac = link.mac;
    this.mtu = link.mtu;
    this.up = false;
    this.hasIpv6 = namespace.givesIpv6;
  }

  /** Whether packets can leave it: a bridge needs a port for that. */
  get hasCarrier(): boolean {
    if (this.type === 'veth') return this.peer === undefined || this.peer.up;
    if (this.word === 'bridge') return this.namespace.devices.values().some((port) => port.master === this && port.up);
    return this.parent === undefined || this.parent.hasCarrier;
  }
}

/** The device that a namespace is born with. */
export function loopback(namespace: SimulatedNamespace): Device {
  return new Device(namespace, { name: LOOPBACK, kind: { type: 'loopback' }, mac: undefined, mtu: undefined });
}
