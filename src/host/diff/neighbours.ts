import type { Neighbour } from '../state.ts';
import type { NamespaceDiff } from './namespace-diff.ts';
import { isLost, sortedWhere } from './namespace-diff.ts';

export function diffNeighbours(diff: NamespaceDiff): void {
  const { namespace, actual, wanted, links, owners, plan } = diff;
  const isGone = ({ link, address }: Neighbour): boolean => links.newMac.has(link) || isLost(diff, link, address);
  for (const [key, neighbour] of wanted.neighbours) {
    const found = actual.neighbours.get(key);
    const before = found === undefined || isGone(found) ? undefined : found;
    if (before?.mac === neighbour.mac) continue;
    const subject = owners.wanted.ofLink(namespace, neighbour.link);
    plan.make(subject, 'neighbours', { kind: 'neighbour.set', namespace, neighbour, before });
  }
  const unwanted = sortedWhere(
    actual.neighbours,
    (neighbour, key) => !wanted.neighbours.has(key) && !isGone(neighbour) && !links.leaving.has(neighbour.link),
  );
  for (const neighbour of unwanted) {
    const subject = owners.actual.ofLink(namespace, neighbour.link);
    plan.unmake(subject, 'neighbours', { kind: 'neighbour.delete', namespace, neighbour });
  }
}
