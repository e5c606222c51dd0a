// The findings of `buoy doctor`: each requirement is there, is missing, or could not be tried.

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readLimits, remedyFor } from '../../../sandbox/refusal.ts';
import { count } from '../output/terminal.ts';
import { hostSysctl, IPV6_SYSCTLS, missingCapabilities, NEEDED_CAPABILITIES, openFilesLimit } from './process.ts';
import { probe } from './probe.ts';
import type { Finding, Observation } from './finding.ts';
import type { RequirementId } from './requirement.ts';
import { requirement, REQUIREMENT_IDS } from './requirement.ts';

/** Enough for 64 namespaces at a time and as many external networks. */
const OPEN_FILES_NEEDED = 1024;
const NAMESPACES_NEEDED = 100;

/**
 * Looks at everything that Buoy needs, in the order of the catalogue. What the kernel can do is
 * tried in namespaces made for that, of which nothing is left; what lies in `directory` is not touched.
 */
export async function checkRequirements(directory: string): Promise<readonly Finding[]> {
  const observed = new Map<RequirementId, Observation>([
    ...capabilities(),
    ...limits(),
    ['names', names(directory)],
    ['ipv6', presence(existsSync(IPV6_SYSCTLS))],
  ]);
  const obstacle = [...observed].find(
    ([id, { verdict }]) => verdict === 'missing' && requirement(id).group !== 'Limits',
  );
  const tried = obstacle === undefined ? await probe(dirname(directory)) : new Map<RequirementId, Observation>();
  return REQUIREMENT_IDS.map((id) => {
    const observation = tried.get(id) ?? observed.get(id) ?? untried(obstacle?.[0]);
    return {
      ...requirement(id),
      id,
      verdict: observation.verdict,
      detail: observation.detail,
      ...(observation.remedy !== undefined && { remedy: observation.remedy }),
    };
  });
}

/** Whether Buoy can work here. */
export function isAble(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict, optional }) => verdict === 'there' || optional === true);
}

function untried(obstacle: RequirementId | undefined): Observation {
  return { verdict: 'not tried', ...(obstacle !== undefined && { detail: `needs ${requirement(obstacle).name}` }) };
}

function presence(isThere: boolean, detail?: string): Observation {
  return { verdict: isThere ? 'there' : 'missing', ...(detail !== undefined && { detail }) };
}

function capabilities(): [RequirementId, Observation][] {
  const missing = missingCapabilities();
  return NEEDED_CAPABILITIES.map((name) => [name, presence(!missing.includes(name))]);
}

function limits(): [RequirementId, Observation][] {
  const openFiles = openFilesLimit();
  const netNamespaces = hostSysctl('user.max_net_namespaces');
  const ownLimits = readLimits();
  const userNamespaces =
    ownLimits.root ||
    (ownLimits.maxUserNamespaces !== '0' &&
      ownLimits.unprivilegedUserNamespaces !== '0' &&
      ownLimits.apparmorRestricts !== '1');
  return [
    [
      'openFiles',
      presence(openFiles >= OPEN_FILES_NEEDED, openFiles === Number.POSITIVE_INFINITY ? 'unlimited' : count(openFiles)),
    ],
    [
      'netNamespaces',
      presence(
        netNamespaces === undefined || Number(netNamespaces) >= NAMESPACES_NEEDED,
        netNamespaces === undefined ? undefined : count(Number(netNamespaces)),
      ),
    ],
    ['userNamespaces', { ...presence(userNamespaces), remedy: remedyFor(ownLimits) }],
  ];
}

/** Looks only: making the directory would be a change. */
function names(directory: string): Observation {
  const place = existsSync(directory) ? directory : dirname(directory);
  try {
    accessSync(place, constants.W_OK);
    return { verdict: 'there', detail: directory };
  } catch (error) {
    return { verdict: 'missing', detail: error instanceof Error ? error.message : String(error) };
  }
}
