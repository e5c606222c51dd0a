import { linkOfSysctl } from '../sysctls.ts';
import type { NamespaceDiff } from './namespace-diff.ts';

/**
 * Those of the namespace come before its links, which are born with the values of `default`; those
 * of a link come after it.
 */
export function diffSysctls({ namespace, actual, wanted, links, owners, plan }: NamespaceDiff): void {
  for (const [name, value] of wanted.sysctls) {
    const link = linkOfSysctl(name);
    const isNew = link !== undefined && (links.created.has(link) || links.displaced.has(link));
    const before = isNew ? undefined : actual.sysctls.get(name);
    if (before === value) continue;
    const operation = { kind: 'sysctl.set', namespace, name, value, before } as const;
    if (link === undefined) plan.make(namespace, 'namespace', operation);
    else plan.make(owners.wanted.ofLink(namespace, link), 'link sysctls', operation);
  }
}
