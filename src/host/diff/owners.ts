// Whose step an object belongs to. A fip namespace is shared by routers: what a router has in it
// is done, and fails, together with the rest of that router.

import type { LinkName, NamespaceName } from '../../model/names.ts';
import type { HostState, NextHop, Rule } from '../state.ts';
import { MAIN_TABLE } from '../state.ts';
import { compareSubjects } from './plan-draft.ts';

/** The owners of the objects of one state. */
export class Owners {
  readonly #state: HostState;
  readonly #tables = new Map<NamespaceName, ReadonlyMap<number, NamespaceName>>();

  constructor(state: HostState) {
    this.#state = state;
  }

  /**
   * A veth belongs, with both of its ends, to the namespace that comes last: the one in the host to
   * that of its port, the one in a fip namespace to the router. Any other link is its namespace's.
   */
  ofLink(namespace: NamespaceName, name: LinkName): NamespaceName {
    const kind = this.#state.namespaces.get(namespace)?.links.get(name)?.kind;
    const peer = kind?.type === 'veth' ? kind.peer : undefined;
    return peer === undefined || compareSubjects(peer.namespace, namespace) < 0 ? namespace : peer.namespace;
  }

  ofRule(namespace: NamespaceName, rule: Rule): NamespaceName {
    return rule.incoming === undefined ? namespace : this.ofLink(namespace, rule.incoming);
  }

  /** A router's table in a fip namespace is the one that the rule for its link looks up. */
  ofRoute(namespace: NamespaceName, table: number, hop: NextHop): NamespaceName {
    const ofTable = table === MAIN_TABLE ? undefined : this.#tableOwners(namespace).get(table);
    return ofTable ?? this.ofLink(namespace, hop.link);
  }

  #tableOwners(namespace: NamespaceName): ReadonlyMap<number, NamespaceName> {
    let owners = this.#tables.get(namespace);
    if (owners === undefined) {
      const rules = [...(this.#state.namespaces.get(namespace)?.rules.values() ?? [])];
      owners = new Map(
        rules.filter((rule) => rule.incoming !== undefined).map((rule) => [rule.table, this.ofRule(namespace, rule)]),
      );
      this.#tables.set(namespace, owners);
    }
    return owners;
  }
}
