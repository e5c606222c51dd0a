// Which parts of a file an agent has already. It gives ids of its own, so they are known by their tag and by what tells
// them apart: networks by their physical network, subnets by their prefixes, routers by their names, floating IPs by
// network and address.

import { parsePrefix, prefixesOverlap } from '../../model/address.ts';
import { quote } from '../../model/problem.ts';
import type { Report } from '../../model/problem.ts';
import type { FloatingIp, Network, Port, Router, Subnet } from '../agent/resource-types.ts';
import { Ref } from './call.ts';
import type { Stored } from './stored.ts';
import { isOfFile } from './stored.ts';
import type { Wanted, WantedFloatingIp, WantedNetwork, WantedRouter, WantedSubnet } from './wanted.ts';

export interface Match<W, S> {
  readonly wanted: W;
  /** Undefined: it has to be made. */
  readonly stored: S | undefined;
  readonly ref: Ref;
}

export interface Matches {
  /** By the keys of the file. */
  readonly networks: ReadonlyMap<string, Match<WantedNetwork, Network>>;
  readonly subnets: ReadonlyMap<string, Match<WantedSubnet, Subnet>>;
  readonly routers: ReadonlyMap<string, Match<WantedRouter, Router>>;
  readonly floatingIps: readonly (Match<WantedFloatingIp, FloatingIp> & { readonly port: Ref })[];
  /** The ports that floating IPs lead to, each once. */
  readonly ports: readonly Match<WantedFloatingIp, Port>[];
}

/** The Ref of a key. A Model is whole, so there is one; else it is made, and stands for what is not there. */
export function refOf(matches: ReadonlyMap<string, { readonly ref: Ref }>, key: string): Ref {
  return matches.get(key)?.ref ?? new Ref(key, undefined);
}

/** Reports what others have where the file needs it. */
export function match(wanted: Wanted, stored: Stored, report: Report): Matches {
  const networks = matchNetworks(wanted, stored, report);
  const subnets = matchSubnets(wanted, stored, networks, report);
  const routers = matchRouters(wanted, stored, subnets);
  const ports = matchPorts(wanted, stored, subnets, report);
  const floatingIps = new Map(
    stored.floatingIps.map((each) => [`${each.floating_network_id} ${each.floating_ip_address}`, each]),
  );
  return {
    networks,
    subnets,
    routers,
    ports: [...ports.values()],
    floatingIps: wanted.floatingIps.map((floatingIp) => {
      const { network, address, path } = floatingIp;
      const found = floatingIps.get(`${refOf(networks, network).id} ${address}`);
      if (found !== undefined && !isOfFile(found))
        report(other(path, 'floating_ip_address', `floating IP ${address}`, found));
      const port = ports.get(placeOf(floatingIp));
      const ref = new Ref(`floating IP ${address}`, found?.id);
      return {
        wanted: floatingIp,
        stored: found,
        ref,
        port: port?.ref ?? new Ref(`port ${floatingIp.fixedIp}`, undefined),
      };
    }),
  };
}

function matchNetworks(wanted: Wanted, stored: Stored, report: Report): Matches['networks'] {
  return new Map(
    wanted.networks.map((network) => {
      const { key, name, physicalNetwork, path } = network;
      const found = stored.networks.find((each) => each['provider:physical_network'] === physicalNetwork);
      if (found !== undefined && !isOfFile(found))
        report(
          other(path, 'name', `network ${quote(found.name)} on the physical network ${quote(physicalNetwork)}`, found),
        );
      return [key, { wanted: network, stored: found, ref: new Ref(`network ${name}`, found?.id) }];
    }),
  );
}

function matchSubnets(
  wanted: Wanted,
  stored: Stored,
  networks: Matches['networks'],
  report: Report,
): Matches['subnets'] {
  return new Map(
    wanted.subnets.map((subnet) => {
      const { key, name, cidr, network, path } = subnet;
      const networkId = refOf(networks, network).id;
      const siblings = networkId === undefined ? [] : stored.subnets.filter((each) => each.network_id === networkId);
      const found = siblings.find((each) => each.cidr === cidr);
      const inTheWay = found ?? siblings.find((each) => overlap(each.cidr, cidr));
      if (inTheWay !== undefined && !isOfFile(inTheWay))
        report(other(path, 'cidr', `subnet ${quote(inTheWay.name)}, ${inTheWay.cidr}`, inTheWay));
      else if (inTheWay !== found)
        report({
          code: 'BUOY_AGENT_CANNOT_SAY',
          path: [...path, 'cidr'],
          message: `the subnet ${cidr} overlaps with ${inTheWay?.cidr}, which it takes the place of, and an agent cannot have both for a moment`,
          remedy: () => 'Apply the file without this subnet first, and then with it.',
        });
      return [key, { wanted: subnet, stored: found, ref: new Ref(`subnet ${name}`, found?.id) }];
    }),
  );
}

/** By name; one with another name that has the very addresses of one that the file names has been renamed in the file. */
function matchRouters(wanted: Wanted, stored: Stored, subnets: Matches['subnets']): Matches['routers'] {
  const names = new Set(wanted.routers.map(({ name }) => name));
  const byName = new Map(stored.routers.map((router) => [router.name, router]));
  const others = new Map(stored.routers.filter((each) => !names.has(each.name)).map((each) => [each.id, each]));
  const holders = new Map(
    stored.ports
      .filter((port) => port.device_owner.startsWith('network:router_interface'))
      .flatMap((port) => port.fixed_ips.map((fixed) => [`${fixed.subnet_id} ${fixed.ip_address}`, port.device_id])),
  );
  return new Map(
    wanted.routers.map((router) => {
      let found = byName.get(router.name);
      for (const { subnet, address } of found === undefined ? router.interfaces : []) {
        const holder = holders.get(`${refOf(subnets, subnet).id} ${address}`) ?? '';
        found ??= others.get(holder);
      }
      others.delete(found?.id ?? '');
      return [router.key, { wanted: router, stored: found, ref: new Ref(`router ${router.name}`, found?.id) }];
    }),
  );
}

/** Ports that workloads have are used, whoever made them; for the others one is made. */
function matchPorts(
  wanted: Wanted,
  stored: Stored,
  subnets: Matches['subnets'],
  report: Report,
): ReadonlyMap<string, Match<WantedFloatingIp, Port>> {
  const holders = new Map(
    stored.ports.flatMap((port) => port.fixed_ips.map((fixed) => [`${fixed.subnet_id} ${fixed.ip_address}`, port])),
  );
  const ports = new Map<string, Match<WantedFloatingIp, Port>>();
  for (const floatingIp of wanted.floatingIps) {
    const { subnet, fixedIp, path } = floatingIp;
    const found = holders.get(`${refOf(subnets, subnet).id} ${fixedIp}`);
    if (found !== undefined && isServicePort(found))
      report(other(path, 'fixed_ip_address', `${found.device_owner} port with ${fixedIp}`, found));
    const label = `port ${fixedIp} in ${refOf(subnets, subnet).label}`;
    ports.set(placeOf(floatingIp), { wanted: floatingIp, stored: found, ref: new Ref(label, found?.id) });
  }
  return ports;
}

/** Ports that the agent makes by itself for routers, floating IPs and this host. */
export function isServicePort(port: Port): boolean {
  return /^network:(router_|floatingip)/.test(port.device_owner);
}

function placeOf({ subnet, fixedIp }: WantedFloatingIp): string {
  return `${subnet} ${fixedIp}`;
}

function overlap(a: string, b: string): boolean {
  const [first, second] = [parsePrefix(a), parsePrefix(b)];
  return first !== undefined && second !== undefined && prefixesOverlap(first, second);
}

function other(path: WantedNetwork['path'], key: string, what: string, { id }: { readonly id: string }) {
  return {
    code: 'BUOY_AGENT_HAS_OTHER' as const,
    path: [...path, key],
    message: `the agent has a ${what} (${id}), which was not made from a file`,
  };
}
