// Puts a HostState into the namespaces of a simulated host, whatever it is: also one that no kernel
// would have let anybody make.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import type { HostState, Link, LinkEnd, NamespaceState } from '../../host/state.ts';
import { Device } from './device.ts';
import type { SimulatedNamespace } from './namespace.ts';
import { addConnectedRoutes } from './perform/addresses.ts';
import { insert } from './perform/devices.ts';
import { storeRoute } from './perform/routes.ts';
import { setSysctl } from './perform/sysctls.ts';

type Namespaces = ReadonlyMap<NamespaceName, SimulatedNamespace>;

export function restore(state: HostState, namespaces: Namespaces): void {
  const host = namespaces.get(HOST);
  for (const [name, word] of host === undefined ? [] : state.foreign.links) addForeign(host, name, word);
  for (const [name, { links }] of state.namespaces)
    for (const link of links.values()) addDevice(namespaces.get(name), link);
  for (const [name, { links }] of state.namespaces) {
    for (const link of links.values()) connect(namespaces, { namespace: name, link: link.name }, link);
  }
  for (const [name, namespaceState] of state.namespaces) {
    const namespace = namespaces.get(name);
    if (namespace !== undefined) fill(namespace, namespaceState);
  }
}

function addForeign(host: SimulatedNamespace | undefined, name: LinkName, word: string): void {
  const kind = { type: 'other', word } as const;
  addDevice(host, { name, kind, mac: undefined, mtu: undefined, up: true, master: undefined, alias: undefined });
}

function addDevice(namespace: SimulatedNamespace | undefined, link: Link): void {
  if (namespace === undefined) return;
  const device = new Device(namespace, link);
  device.up = link.up;
  device.alias = link.alias;
  device.hasLocalhost = link.kind.type === 'loopback' && link.up;
  insert(device);
}

function connect(namespaces: Namespaces, end: LinkEnd, { kind, master }: Link): void {
  const device = deviceAt(namespaces, end);
  if (device === undefined) return;
  const parent = kind.type === 'macvlan' ? kind.parent : undefined;
  if (kind.type === 'veth' && kind.peer !== undefined) device.peer = deviceAt(namespaces, kind.peer);
  if (parent !== undefined) device.parent = deviceAt(namespaces, { namespace: HOST, link: parent });
  device.parent?.macvlans.add(device);
  if (master !== undefined) device.master = deviceAt(namespaces, { namespace: end.namespace, link: master });
}

function deviceAt(namespaces: Namespaces, { namespace, link }: LinkEnd): Device | undefined {
  return namespaces.get(namespace)?.devices.get(link);
}

function fill(namespace: SimulatedNamespace, state: NamespaceState): void {
  const { devices } = namespace;
  for (const address of state.addresses.values()) {
    const device = devices.get(address.link);
    if (device !== undefined) device.addresses = [...device.addresses, address];
  }
  for (const neighbour of state.neighbours.values()) {
    const device = devices.get(neighbour.link);
    if (device !== undefined) device.neighbours = new Map(device.neighbours).set(neighbour.address, neighbour);
  }
  for (const device of devices.values()) if (device.up) addConnectedRoutes(device);
  for (const [number, { prefixes, hosts }] of state.routes) {
    for (const { destination, hop } of prefixes.values()) storeRoute(namespace, number, destination, hop);
    for (const [address, hop] of hosts) storeRoute(namespace, number, { address, length: 32 }, hop);
  }
  for (const [key, rule] of state.rules) namespace.rules.set(key, rule);
  for (const [name, value] of state.sysctls) setSysctl(namespace, name, value);
  for (const table of state.otherTables) namespace.otherTables.add(table);
  if (state.ruleset !== undefined) namespace.setRuleset(state.ruleset);
}
