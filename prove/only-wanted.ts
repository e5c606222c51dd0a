import type { HostState } from '../src/host/state.ts';

/** A state without the sysctls that the wanted one leaves open: those may be what they were before, or what they are in a new namespace. */
export function onlyWanted(state: HostState, wanted: HostState): HostState {
  return {
    foreign: state.foreign,
    namespaces: new Map(
      [...state.namespaces].map(([name, found]) => {
        const named = wanted.namespaces.get(name)?.sysctls;
        return [name, { ...found, sysctls: new Map([...found.sysctls].filter(([sysctl]) => named?.has(sysctl))) }];
      }),
    ),
  };
}
