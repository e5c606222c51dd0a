import type { HostState } from '../host/state.ts';
import type { LinkName, NamespaceName } from '../model/names.ts';
import { HOST } from '../model/names.ts';

/** The part of a state that these namespaces are. */
export function partOf(state: HostState, names: ReadonlySet<NamespaceName>): HostState {
  const isAsked = ([name]: readonly [NamespaceName, unknown]) => names.has(name);
  return {
    ...state,
    namespaces: new Map([...state.namespaces].filter(isAsked)),
    foreign: {
      namespaces: new Map([...state.foreign.namespaces].filter(isAsked)),
      links: names.has(HOST) ? state.foreign.links : new Map(),
    },
  };
}

/** The links of others among these. */
export function foreignAmong({ foreign }: HostState, names: ReadonlySet<LinkName>): Map<LinkName, string> {
  return new Map([...foreign.links].filter(([name]) => names.has(name)));
}
