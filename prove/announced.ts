// Which addresses the neighbours on external networks have been told of, by whom, since they were here last.

import type { Operation } from '../src/host/plan.ts';
import type { HostState } from '../src/host/state.ts';
import { MAIN_TABLE } from '../src/host/state.ts';
import { hasLinkSysctls } from '../src/host/sysctls.ts';
import type { Ipv4Address } from '../src/model/address.ts';
import { formatIpv4 } from '../src/model/address.ts';
import type { LinkName, NamespaceName } from '../src/model/names.ts';
import { isFipNamespace } from '../src/model/names.ts';

export class Announced {
  /** Under namespace and link. */
  readonly #told = new Map<string, Set<Ipv4Address>>();

  /** Everything that a host with this state answers for. */
  constructor(state: HostState) {
    for (const { namespace, link, addresses } of answeredIn(state))
      this.#told.set(keyOf(namespace, link), new Set(addresses));
  }

  /** Takes note of what was done to the host. */
  note(operation: Operation): void {
    const { namespace } = operation;
    switch (operation.kind) {
      case 'address.announce':
        return this.#tell(namespace, operation.link, operation.addresses);
      case 'link.delete':
        this.#told.delete(keyOf(namespace, operation.link));
        return;
      case 'link.change':
        if (operation.link.mac !== operation.before.mac) this.#told.delete(keyOf(namespace, operation.link.name));
        return;
      case 'route.delete':
        return this.#forget(namespace, operation.destination.address);
      case 'namespace.delete':
        for (const key of this.#told.keys()) if (key.startsWith(`${namespace} `)) this.#told.delete(key);
        return;
      default:
    }
  }

  /** A floating IP that the host answers for and nobody was told of, in words; undefined if there is none. */
  missing(state: HostState): string | undefined {
    for (const { namespace, link, addresses } of answeredIn(state)) {
      const told = this.#told.get(keyOf(namespace, link));
      for (const address of addresses) {
        if (told?.has(address) !== true) return `${formatIpv4(address)} on ${link} in ${namespace}`;
      }
    }
    return undefined;
  }

  #tell(namespace: NamespaceName, link: LinkName, addresses: readonly Ipv4Address[]): void {
    const key = keyOf(namespace, link);
    let told = this.#told.get(key);
    if (told === undefined) this.#told.set(key, (told = new Set()));
    for (const address of addresses) told.add(address);
  }

  #forget(namespace: NamespaceName, address: unknown): void {
    for (const [key, told] of this.#told) {
      if (typeof address === 'number' && key.startsWith(`${namespace} `)) {
        for (const one of told) if (one === address) told.delete(one);
      }
    }
  }
}

function keyOf(namespace: NamespaceName, link: LinkName): string {
  return `${namespace} ${link}`;
}

/** Floating IPs under the ports that answer for them. */
function* answeredIn(
  state: HostState,
): Generator<{ namespace: NamespaceName; link: LinkName; addresses: readonly Ipv4Address[] }> {
  for (const [namespace, { links, routes }] of state.namespaces) {
    if (!isFipNamespace(namespace)) continue;
    const hosts = [...(routes.get(MAIN_TABLE)?.hosts ?? [])];
    const addresses = hosts.filter(([, { gateway }]) => gateway !== undefined).map(([address]) => address);
    for (const link of links.keys()) if (hasLinkSysctls(link)) yield { namespace, link, addresses };
  }
}
