// What stands in the way of a wanted state on this host, found before anything is changed.

import { BuoyError } from '../errors.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';
import type { HostState, Link } from './state.ts';

/**
 * Every reason why `wanted` cannot be applied to this host, all at once; empty if there is none.
 * Names that belong to somebody else are refused (BUOY_NAMESPACE_FOREIGN, BUOY_LINK_FOREIGN), and
 * so are devices of the host that ports are to be plugged into and that are not there
 * (BUOY_BRIDGE_MISSING, BUOY_NOT_A_BRIDGE, BUOY_PARENT_MISSING).
 * `allowed`: devices that ports may be plugged into (BUOY_OUTSIDE_OWNED_SPACE for others); undefined: any.
 */
export function preflight(actual: HostState, wanted: HostState, allowed?: ReadonlySet<LinkName>): BuoyError[] {
  return [...foreignNamespaces(actual, wanted), ...foreignLinks(actual, wanted), ...devices(actual, wanted, allowed)];
}

function foreignNamespaces(actual: HostState, wanted: HostState): BuoyError[] {
  const errors: BuoyError[] = [];
  for (const name of wanted.namespaces.keys()) {
    const what = actual.foreign.namespaces.get(name);
    if (what === undefined) continue;
    const message = `the namespace name ${name} is taken: ${what}`;
    errors.push(new BuoyError('BUOY_NAMESPACE_FOREIGN', message, { subject: `namespace ${name}` }));
  }
  return errors;
}

function foreignLinks(actual: HostState, wanted: HostState): BuoyError[] {
  const errors: BuoyError[] = [];
  for (const name of wanted.namespaces.get(HOST)?.links.keys() ?? []) {
    const kind = actual.foreign.links.get(name);
    if (kind === undefined) continue;
    const message = `the device name ${name} is taken by a device (${kind}) that is not Buoy's`;
    errors.push(new BuoyError('BUOY_LINK_FOREIGN', message, { subject: `device ${name}` }));
  }
  return errors;
}

interface Use {
  readonly as: 'bridge' | 'parent';
  readonly device: LinkName;
}

function devices(actual: HostState, wanted: HostState, allowed: ReadonlySet<LinkName> | undefined): BuoyError[] {
  const users = new Map<string, { use: Use; ports: string[] }>();
  for (const [namespace, { links }] of wanted.namespaces) {
    for (const link of links.values()) {
      const use = deviceOf(namespace, link);
      if (use === undefined) continue;
      const key = `${use.as} ${use.device}`;
      const port = link.kind.type === 'veth' && link.kind.peer !== undefined ? link.kind.peer.link : link.name;
      const known = users.get(key);
      if (known === undefined) users.set(key, { use, ports: [port] });
      else known.ports.push(port);
    }
  }
  return [...users.values()].flatMap(({ use, ports }) =>
    allowed === undefined || allowed.has(use.device)
      ? (deviceError(actual, use, ports) ?? [])
      : refusedDevice(use, ports),
  );
}

function deviceOf(namespace: NamespaceName, { master, kind }: Link): Use | undefined {
  if (namespace === HOST && master !== undefined) return { as: 'bridge', device: master };
  if (kind.type === 'macvlan' && kind.parent !== undefined) return { as: 'parent', device: kind.parent };
  return undefined;
}

function forPorts(ports: readonly string[]): string {
  return `for ${ports[0]}${ports.length === 1 ? '' : ` and ${ports.length - 1} more`}`;
}

function refusedDevice({ device }: Use, ports: readonly string[]): BuoyError {
  const message = `the device ${device}, needed ${forPorts(ports)}, is not among those that are allowed`;
  return new BuoyError('BUOY_OUTSIDE_OWNED_SPACE', message, { subject: `device ${device}` });
}

function deviceError(actual: HostState, { as, device }: Use, ports: readonly string[]): BuoyError | undefined {
  const kind = actual.foreign.links.get(device);
  const subject = `device ${device}`;
  const forWhom = forPorts(ports);
  if (as === 'parent') {
    if (kind !== undefined) return undefined;
    return new BuoyError('BUOY_PARENT_MISSING', `there is no device ${device}, needed ${forWhom}`, { subject });
  }
  if (kind === undefined)
    return new BuoyError('BUOY_BRIDGE_MISSING', `there is no bridge ${device}, needed ${forWhom}`, { subject });
  if (kind === 'bridge') return undefined;
  return new BuoyError(
    'BUOY_NOT_A_BRIDGE',
    `${device} is no bridge but a device (${kind}); a bridge is needed ${forWhom}`,
    {
      subject,
    },
  );
}
