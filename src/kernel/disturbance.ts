// What others change in what is ours.

import type { Gone } from '../host/gone.ts';
import type { NamespaceName } from '../model/names.ts';

/** `everything`: nobody knows, events were lost. */
export type Disturbance = Disturbed | 'everything';

export interface Disturbed {
  /** Where something was changed, or which were deleted, or whose names are no longer theirs: what there is now has to be read. */
  readonly namespaces: ReadonlySet<NamespaceName>;
  /** All that was changed in other namespaces than those. */
  readonly gone: readonly Gone[];
}

/** Where something has changed. */
export function placesOf({ namespaces, gone }: Disturbed): Set<NamespaceName> {
  return namespaces.union(new Set(gone.map(({ namespace }) => namespace)));
}

/** Both. */
export function joined(one: Disturbance, later: Disturbance): Disturbance {
  return one === 'everything' || later === 'everything' ? 'everything' : together(one, later);
}

/** Both. */
export function together(one: Disturbed, later: Disturbed): Disturbed {
  const namespaces = one.namespaces.union(later.namespaces);
  return { namespaces, gone: [...one.gone, ...later.gone].filter(({ namespace }) => !namespaces.has(namespace)) };
}
