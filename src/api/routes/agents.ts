import type { AgentView } from '../agent-view.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';
import { parseQuery } from '../list-query.ts';
import { agentId, NetworkingError } from '../../intent/store/index.ts';
import { project } from '../project.ts';

interface ById {
  readonly Params: { readonly id: string };
}

/** The one agent that there is: this one (`neutron/extensions/agent.py`). */
export function agentRoutes(app: App, { agent }: Context): void {
  app.get('/v2.0/agents', (request) => {
    const { list, fields } = parseQuery(request.url);
    const shown = document(agent);
    const isWanted = [...list.filters].every(([key, values]) => values.some((value) => isSame(shown[key], value)));
    return { agents: isWanted ? [project(shown, fields)] : [] };
  });

  app.get<ById>('/v2.0/agents/:id', (request) => {
    const shown = document(agent);
    if (request.params.id !== shown['id'])
      throw new NetworkingError(404, 'AgentNotFound', `Agent ${request.params.id} could not be found`);
    return { agent: project(shown, parseQuery(request.url).fields) };
  });
}

function document(agent: AgentView): Readonly<Record<string, unknown>> {
  const { host, startedAt } = agent;
  return {
    id: agentId(host),
    agent_type: 'L3 agent',
    binary: 'buoy',
    topic: 'l3_agent',
    host,
    admin_state_up: true,
    // Who answers is alive.
    alive: true,
    availability_zone: 'nova',
    description: null,
    created_at: timeOf(startedAt),
    started_at: timeOf(startedAt),
    heartbeat_timestamp: timeOf(new Date()),
    configurations: agent.configurations(),
    resources_synced: null,
  };
}

/** As Neutron writes times of agents: `2026-01-31 12:00:00`, UTC. */
function timeOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** `alive=True` comes from Python, `alive=true` from others. */
function isSame(value: unknown, text: string): boolean {
  return typeof value === 'boolean' ? String(value) === text.toLowerCase() : value === text;
}
