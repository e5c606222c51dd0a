// How the agent is, and what became of its routers and floating IPs.

import type { AgentClient, AgentDocument } from '../agent/agent-client.ts';
import type { FloatingIp, Router } from '../agent/resource-types.ts';
import { FLOATING_IPS, NETWORKS, ROUTERS } from '../agent/resource-types.ts';
import type { NameOf } from '../resources/kind.ts';
import { namesOf } from '../resources/verbs/list.ts';

export interface AgentStatus {
  readonly agent: AgentDocument;
  /** Until the host has once been brought to what the agent's store says. */
  readonly waitsFor: string | undefined;
  /** What it tells of itself beside. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly routers: readonly Router[];
  readonly floatingIps: readonly FloatingIp[];
  readonly nameOf: NameOf;
}

export async function readAgentStatus(client: AgentClient): Promise<AgentStatus> {
  const [agent, waitsFor, document, routers, floatingIps, nameOf] = await Promise.all([
    client.agent(),
    client.waitsFor(),
    client.status(),
    client.list(ROUTERS),
    client.list(FLOATING_IPS),
    namesOf(client, [NETWORKS, ROUTERS]),
  ]);
  return { agent, waitsFor, document, routers, floatingIps, nameOf };
}

/** Nothing is in ERROR, and the agent is past its start. What is DOWN rests, or is about to come. */
export function isWell({ waitsFor, routers, floatingIps }: AgentStatus): boolean {
  return waitsFor === undefined && [...routers, ...floatingIps].every(({ status }) => status !== 'ERROR');
}
