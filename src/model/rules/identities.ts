// Ids become names of namespaces and devices, so two things with one id would become one.

import type { At, Draft } from '../draft.ts';
import { portsOf } from '../draft.ts';
import { shortId } from '../names.ts';
import { formatPath, quote } from '../problem.ts';
import type { Report } from '../problem.ts';

export function checkIdentities(draft: Draft, report: Report): void {
  const { networks, routers } = draft;
  const routerIds = routers.map((router) => router.id);
  once(
    'network',
    networks.map((network) => network.id),
    report,
  );
  once(
    'subnet',
    networks.flatMap((network) => network.subnets.map((subnet) => subnet.id)),
    report,
  );
  once('router', routerIds, report);
  onceInDeviceNames('router', routerIds, report);
  onceInDeviceNames(
    'port',
    portsOf(draft).map((port) => port.id),
    report,
  );
}

function once(kind: string, ids: readonly At<string>[], report: Report): void {
  const seen = new Map<string, At<string>>();
  for (const id of ids) {
    const first = seen.get(id.value);
    if (first === undefined) {
      seen.set(id.value, id);
      continue;
    }
    report({
      code: 'BUOY_DUPLICATE',
      path: id.path,
      message: `the ${kind} ${quote(id.value)} is there already, at ${formatPath(first.path)}`,
      remedy: () => 'Give one of them another `id` (without one, the name is the id).',
    });
  }
}

function onceInDeviceNames(kind: string, ids: readonly At<string>[], report: Report): void {
  const seen = new Map<string, At<string>>();
  for (const id of ids) {
    const short = shortId(id.value);
    const first = seen.get(short);
    if (first === undefined) seen.set(short, id);
    else if (first.value !== id.value) {
      report({
        code: 'BUOY_DUPLICATE',
        path: id.path,
        message: `the ${kind}s ${quote(first.value)} and ${quote(id.value)} would both be called ${quote(short)} in device names`,
        remedy: () => 'Give one of them an id that differs within the first 11 characters.',
      });
    }
  }
}
