// Operations on links, addresses, routes, rules and neighbours, done to a namespace.

import type { Link } from '../../../host/state.ts';
import type { LinkName } from '../../../model/names.ts';
import type { RouteOperation } from '../../operation-kinds.ts';
import type { Device } from '../device.ts';
import type { SimulatedNamespace } from '../namespace.ts';
import { addAddress, deleteAddress } from './addresses.ts';
import type { DeviceChange } from './devices.ts';
import { changeDevice, destroy } from './devices.ts';
import type { Errno } from './errno.ts';
import { deleteNeighbour, setNeighbour } from './neighbours.ts';
import { deleteRoute, setRoute } from './routes.ts';
import { addRule, deleteRule } from './rules.ts';

/** A namespace, and the devices in it as somebody knows them by name. */
export interface View {
  readonly namespace: SimulatedNamespace;
  link(name: LinkName): Device | undefined;
}

/** To create a link takes more than one namespace. */
export type LocalOperation = Exclude<RouteOperation, { kind: 'link.create' }>;

/** Does an operation; ENODEV for a link that is not known. */
export function performLocal(operation: LocalOperation, view: View): Errno | undefined {
  const { namespace } = view;
  switch (operation.kind) {
    case 'link.change': {
      const { link, before } = operation;
      return on(view, link.name, (device) => changeDevice(device, changeOf(link, before, view)));
    }
    case 'link.delete':
      return on(view, operation.link, (device) => {
        if (!device.isThere) return 'ENODEV';
        if (device.type === 'loopback') return 'EOPNOTSUPP';
        destroy(device);
        return undefined;
      });
    case 'address.add':
      return on(view, operation.address.link, (device) => addAddress(device, operation.address));
    case 'address.delete':
      return on(view, operation.address.link, (device) => deleteAddress(device, operation.address));
    case 'route.set': {
      const { table, destination, hop } = operation;
      return on(view, hop.link, (device) => setRoute(device, table, destination, hop));
    }
    case 'route.delete': {
      const { table, destination, hop } = operation;
      return deleteRoute(namespace, view.link(hop.link), table, destination, hop);
    }
    case 'rule.add':
      return addRule(namespace, operation.rule);
    case 'rule.delete':
      return deleteRule(namespace, operation.rule);
    case 'neighbour.set':
      return on(view, operation.neighbour.link, (device) => setNeighbour(device, operation.neighbour));
    case 'neighbour.delete':
      return on(view, operation.neighbour.link, (device) => deleteNeighbour(device, operation.neighbour));
  }
}

/** Whether the operation cannot even be put into a message, as it names a link that is not known. */
export function lacksLink(operation: LocalOperation, view: View): boolean {
  switch (operation.kind) {
    case 'link.change': {
      const { master, name } = operation.link;
      const isPlugged = master !== undefined && master !== operation.before.master;
      return view.link(name) === undefined || (isPlugged && view.link(master) === undefined);
    }
    case 'address.add':
      return view.link(operation.address.link) === undefined;
    case 'route.set':
      return view.link(operation.hop.link) === undefined;
    case 'neighbour.set':
      return view.link(operation.neighbour.link) === undefined;
    default:
      return false;
  }
}

function on(view: View, name: LinkName, act: (device: Device) => Errno | undefined): Errno | undefined {
  const device = view.link(name);
  return device === undefined ? 'ENODEV' : act(device);
}

function changeOf(link: Link, before: Link, view: View): DeviceChange {
  const { mac, mtu, alias, master, up } = link;
  return {
    ...(mac !== before.mac && { mac }),
    ...(mtu !== before.mtu && { mtu }),
    ...(alias !== before.alias && { alias: { text: alias } }),
    ...(master !== before.master && { master: { device: master === undefined ? undefined : view.link(master) } }),
    ...(up !== before.up && { up }),
  };
}
