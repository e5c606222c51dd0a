// The floating IPs of a router, as any of the places tells of them where each should be: the two
// translations, the mark, and the host route in the fip namespace.

import type { AddressSet } from '../../host/ruleset.ts';
import type { NamespaceState } from '../../host/state.ts';
import { MAIN_TABLE } from '../../host/state.ts';
import { FIXED, FLOATING, MARKED } from '../../host/translation.ts';
import type { Ipv4Address } from '../../model/address.ts';
import { formatIpv4 } from '../../model/address.ts';
import type { FloatingIpHealth } from './health.ts';
import type { WayOut } from './router.ts';

/** In the order of their addresses. */
export function floatingIpsOf(
  routerId: string,
  router: NamespaceState,
  wayOut: WayOut | undefined,
): FloatingIpHealth[] {
  const inwards = mapOf(router, FLOATING);
  const outwards = mapOf(router, FIXED);
  const marked = router.ruleset?.sets.get(MARKED);
  const routed = new Set<Ipv4Address>();
  for (const [destination, hop] of wayOut?.fipState.routes.get(MAIN_TABLE)?.hosts ?? [])
    if (hop.link === wayOut?.fipLink) routed.add(destination);

  const fixedOf = new Map([...outwards].map(([fixed, floating]) => [floating, fixed]));
  const all = new Set([...inwards.keys(), ...fixedOf.keys(), ...routed]);
  return [...all]
    .toSorted((a, b) => a - b)
    .map((floating) => {
      const fixed = inwards.get(floating) ?? fixedOf.get(floating);
      const problems: string[] = [];
      if (!inwards.has(floating)) problems.push(`nothing translates it to a fixed IP (@${FLOATING})`);
      if (fixed === undefined || outwards.get(fixed) !== floating)
        problems.push(`nothing translates ${fixed === undefined ? 'a fixed IP' : formatIpv4(fixed)} to it (@${FIXED})`);
      if (fixed !== undefined && marked?.elements.has(fixed) !== true)
        problems.push(`the packets of ${formatIpv4(fixed)} are not marked (@${MARKED})`);
      if (wayOut !== undefined && !routed.has(floating)) problems.push(`no route to it in ${wayOut.fip}`);
      return { floating, fixed, routerId, problems };
    });
}

function mapOf({ ruleset }: NamespaceState, name: string): ReadonlyMap<Ipv4Address, Ipv4Address> {
  const set: AddressSet | undefined = ruleset?.sets.get(name);
  return set?.kind === 'map' ? set.elements : new Map();
}
