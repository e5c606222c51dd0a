// Ids become names of namespaces and devices, so two things with one id would become one.

import type { At, Draft } from '../draft.ts';
import { portsOf } from '../draft.ts';
import { fipToRouterName, tapName } from '../names.ts';
import type { LinkName } from '../names.ts';
import { formatPath, quote } from '../problem.ts';
import type { Report } from '../problem.ts';

export function checkIdentities(draft: Draft, report: Report): void {
  const networks = draft.networks.map((network) => network.id);
  const subnets = draft.networks.flatMap((network) => network.subnets.map((subnet) => subnet.id));
  const routers = draft.routers.map((router) => router.id);
  const ports = portsOf(draft).map((port) => port.id);
  once('network', networks, report);
  once('subnet', subnets, report);
  once('router', routers, report);
  onceAsName('router', routers, fipToRouterName, report);
  onceAsName('port', ports, tapName, report);
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

/** Device names hold only the beginning of an id. */
function onceAsName(kind: string, ids: readonly At<string>[], nameOf: (id: string) => LinkName, report: Report): void {
  const seen = new Map<LinkName, At<string>>();
  for (const id of ids) {
    const name = nameOf(id.value);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, id);
    else if (first.value !== id.value) {
      report({
        code: 'BUOY_DUPLICATE',
        path: id.path,
        message: `the ${kind}s ${quote(first.value)} and ${quote(id.value)} would both have a device ${name}`,
        remedy: () => 'Give one of them an id that begins differently.',
      });
    }
  }
}
