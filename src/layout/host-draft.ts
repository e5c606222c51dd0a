// The wanted state while a layout is being written.

import type { IpAddress, MacAddress, Prefix } from '../model/address.ts';
import { formatPrefix, networkOf } from '../model/address.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST, LOOPBACK } from '../model/names.ts';
import { ownerMark } from '../host/mark.ts';
import { NamespaceDraft } from '../host/namespace-draft.ts';
import type { HostState, Link, NextHop, Rule } from '../host/state.ts';
import { addressKey, MAIN_TABLE, neighbourKey, NO_FOREIGN, PROTOCOL_STATIC, ruleKey } from '../host/state.ts';
import type { NamespaceSysctl } from '../host/sysctls.ts';

export class HostDraft implements HostState {
  readonly namespaces = new Map<NamespaceName, PartDraft>();
  readonly foreign = NO_FOREIGN;
  /** The alias of every link in HOST. */
  readonly mark: string;
  readonly host = new PartDraft(HOST);

  constructor(instance: string) {
    this.mark = ownerMark(instance);
    this.namespaces.set(HOST, this.host);
  }

  /** A namespace of which others have a part too. */
  addPart(name: NamespaceName): PartDraft {
    const namespace = new PartDraft(name);
    this.namespaces.set(name, namespace);
    return namespace;
  }

  /** A new namespace, with its loopback device up. */
  addNamespace(name: NamespaceName, sysctls: Iterable<readonly [NamespaceSysctl, string]>): PartDraft {
    const namespace = this.addPart(name);
    for (const [sysctl, value] of sysctls) namespace.sysctls.set(sysctl, value);
    namespace.addLink({ name: LOOPBACK, kind: { type: 'loopback' }, mac: undefined, mtu: undefined });
    return namespace;
  }
}

/** A namespace, or a router's or a network's part of one. */
export class PartDraft extends NamespaceDraft {
  readonly name: NamespaceName;

  constructor(name: NamespaceName) {
    super();
    this.name = name;
  }

  addLink(link: Pick<Link, 'name' | 'kind' | 'mac' | 'mtu'> & Partial<Pick<Link, 'master' | 'alias'>>): void {
    this.links.set(link.name, { master: undefined, alias: undefined, ...link, up: true });
  }

  addAddress(link: LinkName, address: IpAddress, length: number): void {
    const added = { link, address, length };
    this.addresses.set(addressKey(added), added);
  }

  addNeighbour(link: LinkName, address: IpAddress, mac: MacAddress): void {
    const neighbour = { link, address, mac };
    this.neighbours.set(neighbourKey(neighbour), neighbour);
  }

  addRule(rule: Rule): void {
    this.rules.set(ruleKey(rule), rule);
  }

  /** Adds a route, or replaces the one to the same destination. */
  addRoute(destination: Prefix, hop: NextHop, table = MAIN_TABLE): void {
    const { address, length } = destination;
    if (length === 32 && typeof address === 'number') this.table(table).hosts.set(address, hop);
    else this.table(table).prefixes.set(formatPrefix(destination), { destination, hop });
  }
}

/** The destination of a default route through this gateway. */
export function everythingBehind(gateway: IpAddress): Prefix {
  return { address: networkOf(gateway, 0), length: 0 };
}

export function onLink(link: LinkName): NextHop {
  return { link, gateway: undefined, protocol: PROTOCOL_STATIC, type: 'unicast' };
}

export function through(gateway: IpAddress, link: LinkName): NextHop {
  return { link, gateway, protocol: PROTOCOL_STATIC, type: 'unicast' };
}
