import type { Link } from '../../host/state.ts';
import type { Operation } from '../../host/plan.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import { HOST } from '../../model/names.ts';
import { isRouteOperation } from '../operation-kinds.ts';
import { Device } from './device.ts';
import type { SimulatedNamespace } from './namespace.ts';
import { changeDevice, insert, insertMacvlan, insertPair } from './perform/devices.ts';
import type { Errno } from './perform/errno.ts';
import type { View } from './perform/route-operation.ts';
import { performLocal } from './perform/route-operation.ts';
import { commit } from './perform/rulesets.ts';
import { setSysctl } from './perform/sysctls.ts';
import type { SimulatedHost } from './simulated-host.ts';

/**
 * Does an operation to a host at once, as somebody might behind Buoy's back: links of any kind may be made, and
 * a namespace made is nobody's. Who watches the host is told. Answers what the kernel refuses it with.
 */
export function changeHost(host: SimulatedHost, operation: Operation): Errno | undefined {
  return host.byOthers(() => change(host, operation));
}

function change(host: SimulatedHost, operation: Operation): Errno | undefined {
  if (operation.kind === 'namespace.create')
    return host.createNamespace(operation.namespace, undefined) === undefined ? 'EEXIST' : undefined;
  const namespace = host.namespace(operation.namespace);
  if (namespace === undefined) return 'ENOENT';
  if (operation.kind === 'link.create') return createLink(host, namespace, operation.link, operation.peer);
  if (isRouteOperation(operation)) return performLocal(operation, viewOf(namespace));
  switch (operation.kind) {
    case 'namespace.delete':
      host.deleteNamespace(namespace);
      return undefined;
    case 'sysctl.set':
      return setSysctl(namespace, operation.name, operation.value);
    case 'connections.flush':
    case 'address.announce':
      return undefined;
    default:
      return commit(namespace, [operation]);
  }
}

function viewOf(namespace: SimulatedNamespace): View {
  return { namespace, link: (name) => namespace.devices.get(name) };
}

function createLink(
  host: SimulatedHost,
  namespace: SimulatedNamespace,
  link: Link,
  peer: Link | undefined,
): Errno | undefined {
  const device = new Device(namespace, link);
  const { kind } = link;
  const parent = kind.type === 'macvlan' && kind.parent !== undefined ? deviceIn(host, HOST, kind.parent) : undefined;
  const elsewhere = kind.type === 'veth' && kind.peer !== undefined ? host.namespace(kind.peer.namespace) : undefined;
  if (parent !== undefined) return insertMacvlan(device, parent) ?? finish(device, link);
  if (elsewhere !== undefined && peer !== undefined) {
    const far = new Device(elsewhere, peer);
    return insertPair(device, far, undefined) ?? finish(device, link) ?? finish(far, peer);
  }
  if (namespace.devices.has(link.name)) return 'EEXIST';
  insert(device);
  return finish(device, link);
}

function deviceIn(host: SimulatedHost, namespace: NamespaceName, name: LinkName): Device | undefined {
  return host.namespace(namespace)?.devices.get(name);
}

function finish(device: Device, { alias, master, up }: Link): Errno | undefined {
  const bridge = master === undefined ? undefined : device.namespace.devices.get(master);
  return changeDevice(device, { alias: { text: alias }, master: { device: bridge }, up });
}
