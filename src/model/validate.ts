import type { Draft } from './draft.ts';
import type { Problem } from './problem.ts';
import { checkAddresses } from './rules/addresses.ts';
import { checkFloatingIps } from './rules/floating-ips.ts';
import { checkIdentities } from './rules/identities.ts';
import { mapNetworks } from './rules/network-map.ts';
import { checkRouters } from './rules/routers.ts';
import { checkSubnets } from './rules/subnets.ts';

/**
 * All that is wrong with a draft, beyond the spelling of its values. Empty: the draft may become a
 * Model. What one subnet, router or network may not have twice, two different ones may: two
 * tenants with the same 10.0.0.0/24 are the normal case. Takes time in proportion to the draft.
 */
export function validate(draft: Draft): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const networks = mapNetworks(draft);
  checkIdentities(draft, report);
  checkSubnets(draft, networks, report);
  checkRouters(draft, networks, report);
  checkAddresses(draft, report);
  checkFloatingIps(draft, networks, report);
  return problems;
}
