// Calls that a store refuses, each in a world of its own.

import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/intent/store/index.ts';
import { all, memoryStore, refusal, world } from './stores.ts';
import type { World } from './stores.ts';

/** The id of nothing. */
export const NOBODY = '12345678-1234-4321-8765-123456789abc';

/** A call, and how `STATUS TYPE: MESSAGE` of its refusal begins. */
export type Case = readonly [name: string, act: (store: Store, ids: World) => unknown, refusal: string];

/** The bodies that create one subnet. */
export const subnet = (network: string, cidr: string, more: object = {}) => [
  { network_id: network, ip_version: cidr.includes(':') ? 6 : 4, cidr, ...more },
];

/** A port of that owner. */
export function idOf(store: Store, owner: string): string {
  return all(store, 'ports', { device_owner: [owner] })[0]?.id ?? NOBODY;
}

export function expectRefusals(sections: readonly (readonly [string, readonly Case[]])[]): void {
  describe.each(sections)('%s', (_, cases) => {
    test.each(cases)('%s', (__, act, expected) => {
      const { store } = memoryStore();
      const ids = world(store);
      const { status, type, message } = refusal(() => act(store, ids));
      expect(`${status} ${type}: ${message}`.slice(0, expected.length)).toBe(expected);
    });
  });
}
