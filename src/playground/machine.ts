// Machines of the playground: each is a namespace with one network device.

import type { IpAddress, Ipv4Address, Prefix } from '../model/address.ts';
import type { Network, PortAddress } from '../model/model.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { parseLinkName, parseNamespaceName, shortId } from '../model/names.ts';
import { BuoyError } from '../errors.ts';

/** A machine with one network device, in a namespace of its own. */
export interface Machine {
  /** Short and unique, for people: `blue-1`. */
  readonly name: string;
  readonly namespace: NamespaceName;
  readonly networkId: string;
  readonly bridge: LinkName;
  /** Bytes. */
  readonly mtu: number;
  /** The one of its addresses that it speaks from. */
  readonly address: Ipv4Address;
  /** On its device. */
  readonly addresses: readonly PortAddress[];
  /** On its loopback: addresses that are reached by way of this machine only. */
  readonly behind: readonly Ipv4Address[];
  /** Over its device, to a gateway or on the link. */
  readonly routes: readonly MachineRoute[];
}

export interface MachineRoute {
  readonly destination: Prefix;
  readonly gateway: IpAddress | undefined;
}

/** A machine on a tenant network that has a router as its default gateway. */
export interface Workload extends Machine {
  readonly routerId: string;
}

/** The bridge that a network's machines are plugged into: its own, or one at the other end of its NIC's cable. */
export function bridgeOf({ plug }: Network): LinkName {
  return plug.driver === 'bridge' ? plug.bridge : linkName(`br-${shortId(plug.parent)}`);
}

/** A network in few characters: its id, or the beginning of one that is long. */
export function networkLabel(networkId: string): string {
  const longest = 12;
  return networkId.length <= longest ? networkId : networkId.slice(0, 8);
}

/** The host's end of the cable to a machine or a NIC. */
export function cableName(to: string): LinkName {
  return parseLinkName(`to-${to}`) ?? linkName(`to-${shortId(to)}`);
}

export function machineNamespace(name: string): NamespaceName {
  const namespace = parseNamespaceName(`demo-${name}`);
  if (namespace === undefined) throw new BuoyError('BUOY_INTERNAL', `no namespace can be called demo-${name}`);
  return namespace;
}

export function linkName(text: string): LinkName {
  const name = parseLinkName(text);
  if (name === undefined) throw new BuoyError('BUOY_INTERNAL', `no device can be called ${text}`);
  return name;
}
