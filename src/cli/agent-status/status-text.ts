import type { FloatingIp, Router } from '../agent/resource-types.ts';
import { printable } from '../output/printable.ts';
import type { Colors } from '../output/terminal.ts';
import { FLOATING_IP_KIND } from '../resources/floating-ips.ts';
import type { Column } from '../resources/kind.ts';
import { listText } from '../resources/output.ts';
import { ROUTER_KIND } from '../resources/routers.ts';
import type { AgentStatus } from './read-status.ts';
import { isWell } from './read-status.ts';

/** For a person. */
export function agentStatusText(status: AgentStatus, colors: Colors): string {
  const { agent, waitsFor, routers, floatingIps, nameOf } = status;
  const state = waitsFor === undefined ? colors.green('ready') : `${colors.yellow('waits')} for ${printable(waitsFor)}`;
  const parts = [`Agent on ${printable(agent.host)}, since ${printable(agent.started_at)} UTC: ${state}\n`];
  if (routers.length > 0) parts.push(listText(routers, withoutId(ROUTER_KIND.columns), nameOf, colors));
  if (floatingIps.length > 0) parts.push(listText(floatingIps, withoutId(FLOATING_IP_KIND.columns), nameOf, colors));
  const troubles = routers.flatMap((router) => troubleOf(`router ${router.name}`, router));
  // A floating IP has the trouble of its router; of others there is none to tell.
  if (troubles.length > 0) parts.push(troubles.map((trouble) => `  ${printable(trouble)}\n`).join(''));
  parts.push(isWell(status) ? `${colors.green('All is well.')}\n` : `${colors.red('Not all is well.')}\n`);
  return parts.join('\n');
}

/** For a program. */
export function agentStatusDocument(status: AgentStatus): object {
  const { agent, waitsFor, document, routers, floatingIps } = status;
  return {
    healthy: isWell(status),
    agent,
    waits_for: waitsFor ?? null,
    status: document,
    routers,
    floating_ips: floatingIps,
  };
}

function troubleOf(what: string, { status, 'buoy:error': error }: Router | FloatingIp): string[] {
  return status === 'ERROR'
    ? [`${what}: ${error ? `${error.code}: ${error.message}` : 'nothing is known of why'}`]
    : [];
}

function withoutId<T>(columns: readonly Column<T>[]): readonly Column<T>[] {
  return columns.filter(({ heading }) => heading !== 'ID');
}
