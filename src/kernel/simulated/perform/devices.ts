// What becomes of a device, and with it of all that hangs on it.

import type { IpAddress, MacAddress } from '../../../model/address.ts';
import { isIpv4, isUnicastMac, linkLocalOf } from '../../../model/address.ts';
import { deriveMac } from '../../../model/mac.ts';
import type { Device } from '../device.ts';
import type { SimulatedNamespace } from '../namespace.ts';
import { addConnectedRoutes } from './addresses.ts';
import type { Errno } from './errno.ts';
import { dropRoutes } from './routes.ts';

const SMALLEST_MTU = 68;
const LARGEST_MTU = 65535;
const DEFAULT_MTU = 1500;

/** The kernel would give any MAC address to a device that shall have none in particular. */
function anyMac({ namespace, name }: Device): MacAddress {
  return deriveMac(`${namespace.name} ${name}`, new Set());
}

/** Puts a device into its namespace as it is. */
export function insert(device: Device): void {
  device.namespace.devices.set(device.name, device);
  device.isThere = true;
  device.namespace.touch('links');
  device.namespace.touch('sysctls');
}

/** Makes a veth pair, one end of it a port of `master`. */
export function insertPair(near: Device, far: Device, master: Device | undefined): Errno | undefined {
  const refusal = valueRefusal(near) ?? valueRefusal(far);
  if (refusal !== undefined) return refusal;
  if (isNameTaken(near) || isNameTaken(far)) return 'EEXIST';
  if (near.namespace === far.namespace && near.name === far.name) return 'EEXIST';
  if (master !== undefined && !isBridge(master)) return master.isThere ? 'EOPNOTSUPP' : 'EINVAL';
  for (const end of [near, far]) {
    end.mac ??= anyMac(end);
    end.mtu ??= DEFAULT_MTU;
  }
  [near.peer, far.peer, near.master] = [far, near, master];
  insert(near);
  insert(far);
  return undefined;
}

/** Makes a macvlan; its parent may be no port of a bridge and have no smaller MTU (macvlan_common_newlink()). */
export function insertMacvlan(device: Device, parent: Device): Errno | undefined {
  const refusal = valueRefusal(device);
  if (refusal !== undefined) return refusal;
  if (isNameTaken(device)) return 'EEXIST';
  if (!parent.isThere) return 'ENODEV';
  if (parent.master !== undefined) return 'EBUSY';
  if (device.mtu !== undefined && device.mtu > (parent.mtu ?? LARGEST_MTU)) return 'EINVAL';
  device.mac ??= anyMac(device);
  device.mtu ??= parent.mtu;
  device.parent = parent;
  parent.macvlans.add(device);
  insert(device);
  return undefined;
}

/** What the kernel looks at before the name (rtnl_create_link()). */
function valueRefusal({ mac, mtu }: Device): Errno | undefined {
  if (mtu !== undefined && (mtu < SMALLEST_MTU || mtu > LARGEST_MTU)) return 'EINVAL';
  return mac !== undefined && !isUnicastMac(mac) ? 'EADDRNOTAVAIL' : undefined;
}

function isNameTaken({ namespace, name }: Device): boolean {
  return namespace.devices.has(name);
}

/** What `changeDevice` shall set; what is left out stays. */
export interface DeviceChange {
  readonly mac?: MacAddress | undefined;
  readonly mtu?: number | undefined;
  readonly alias?: { readonly text: string | undefined };
  readonly master?: { readonly device: Device | undefined };
  readonly up?: boolean | undefined;
}

/** One after the other in the order of do_setlink(): what is done before a refusal stays done. */
export function changeDevice(device: Device, { mac, mtu, alias, master, up }: DeviceChange): Errno | undefined {
  if (!device.isThere) return 'ENODEV';
  const { namespace } = device;
  namespace.touch('links');
  if (mac !== undefined) {
    if (!isUnicastMac(mac)) return 'EADDRNOTAVAIL';
    if (device.up && mac !== device.mac && isMacTaken(device, mac)) return 'EADDRINUSE';
    keepLinkLocal(device);
    device.mac = mac;
    dropNeighbours(device, () => true);
    namespace.touch('addresses');
  }
  if (mtu !== undefined) {
    if (device.type !== 'loopback' && (mtu < SMALLEST_MTU || mtu > LARGEST_MTU)) return 'EINVAL';
    if (device.parent?.mtu !== undefined && mtu > device.parent.mtu) return 'EINVAL';
    device.mtu = mtu;
  }
  if (alias !== undefined) device.alias = alias.text;
  if (master !== undefined) {
    const bridge = master.device;
    device.master = undefined;
    if (bridge !== undefined) {
      if (!bridge.isThere) return 'EINVAL';
      if (!isBridge(bridge)) return 'EOPNOTSUPP';
      if (device.type === 'loopback') return 'EINVAL';
      device.master = bridge;
    }
  }
  if (up === true) return bringUp(device);
  if (up === false) takeDown(device);
  return undefined;
}

/** Brings a device up. On one parent, a MAC address belongs to one macvlan that is up (macvlan_open()). */
function bringUp(device: Device): Errno | undefined {
  if (device.up) return undefined;
  if (device.mac !== undefined && isMacTaken(device, device.mac)) return 'EADDRINUSE';
  device.up = true;
  const hasIpv4 = device.addresses.some(({ address }) => isIpv4(address));
  if (device.type === 'loopback' && !hasIpv4) device.hasLocalhost = true;
  addConnectedRoutes(device);
  return undefined;
}

/** Takes a device down, and from it what cannot be without: fib_disable_ip(), addrconf_ifdown(), neigh_ifdown(). */
function takeDown(device: Device): void {
  if (!device.up) return;
  device.up = false;
  device.connected = [];
  device.linkLocal = undefined;
  device.addresses = device.addresses.filter(({ address }) => isIpv4(address));
  device.namespace.touch('addresses');
  dropNeighbours(device, () => true);
  dropRoutes(device.namespace, (hop) => hop.link === device.name);
}

/** Deletes a device with all that hangs on it, the other end of a veth and macvlans included. */
export function destroy(device: Device): void {
  if (!device.isThere) return;
  const { namespace } = device;
  const others = dependants(device);
  device.parent?.macvlans.delete(device);
  device.isThere = false;
  namespace.devices.delete(device.name);
  for (const part of ['links', 'addresses', 'neighbours', 'sysctls'] as const) namespace.touch(part);
  dropRoutes(namespace, (hop) => hop.link === device.name);
  if (isBridge(device))
    for (const port of namespace.devices.values()) if (port.master === device) port.master = undefined;
  for (const other of others) destroy(other);
}

/** Takes a namespace apart. */
export function destroyAll(namespace: SimulatedNamespace): void {
  for (const device of namespace.devices.values()) destroy(device);
}

/** All neighbours of a device that the condition names go. */
export function dropNeighbours(device: Device, condition: (address: IpAddress) => boolean): void {
  if (device.neighbours.size === 0) return;
  device.neighbours = new Map([...device.neighbours].filter(([address]) => !condition(address)));
  device.namespace.touch('neighbours');
}

/**
 * The IPv6 address that the kernel made of the MAC address when the device came to work stays when the MAC
 * address changes (addrconf_dev_config()).
 */
function keepLinkLocal(device: Device): void {
  if (!device.hasIpv6 || !device.up || !device.hasCarrier || device.type === 'loopback' || device.mac === undefined)
    return;
  device.linkLocal ??= linkLocalOf(device.mac);
}

/** Those that cannot be without a device. */
function dependants({ peer, macvlans }: Device): readonly Device[] {
  return peer === undefined ? [...macvlans] : [peer, ...macvlans];
}

function isBridge(device: Device): boolean {
  return device.isThere && device.word === 'bridge';
}

function isMacTaken(device: Device, mac: MacAddress): boolean {
  const { parent } = device;
  if (parent === undefined) return false;
  return parent.mac === mac || [...parent.macvlans].some((other) => other !== device && other.up && other.mac === mac);
}
