// What clients of the API see of the agent.

import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';
import type { AgentEvent as StreamEvent, AgentView } from '../api/index.ts';
import { describe } from '../host/describe.ts';
import { namespaceText } from '../host/text.ts';
import type { FloatingTraffic } from '../host/counters.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Plug } from '../model/model.ts';
import { HOST, routerIdOf } from '../model/names.ts';
import type { ServiceOptions } from './service.ts';

/** An AgentView that hears an agent. */
export interface LiveView extends AgentView {
  hear(event: AgentEvent): void;
}

/** `agent` answers undefined until it has begun its work. */
export function viewOf(
  agent: () => Agent | undefined,
  kernel: Kernel,
  { host, instance, physicalNetworks }: Pick<ServiceOptions, 'host' | 'instance' | 'physicalNetworks'>,
): LiveView {
  const listeners = new Set<(event: StreamEvent) => void>();
  const plugs = Object.fromEntries(physicalNetworks.entries().map(([name, plug]) => [name, plugDocument(plug)]));
  return {
    host,
    startedAt: new Date(),
    configurations: () => ({
      agent_mode: 'dvr',
      routers: routersOf(agent()).length,
      instance,
      physical_networks: plugs,
    }),
    waitsFor: () =>
      agent() === undefined ? 'the first reading of the kernel, and what has to be done after it' : undefined,
    status: () => Promise.resolve(statusDocument(agent(), host, instance)),
    traffic: () => trafficOfRouters(kernel),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hear(event) {
      if (listeners.size === 0) return;
      const told = streamEvent(event);
      if (told !== undefined) for (const listener of listeners) listener(told);
    },
  };
}

/** As the configuration of the agent has it. */
function plugDocument(plug: Plug): object {
  return plug.driver === 'bridge' ? { bridge: plug.bridge } : { macvlan: plug.parent };
}

function routersOf(agent: Agent | undefined): string[] {
  return [...(agent?.statuses.keys() ?? [])].filter((subject) => routerIdOf(subject) !== undefined);
}

async function trafficOfRouters(kernel: Kernel): Promise<Map<string, FloatingTraffic>> {
  const traffic = new Map<string, FloatingTraffic>();
  for (const [namespace, counted] of await kernel.readCounters()) {
    const id = routerIdOf(namespace);
    if (id !== undefined) traffic.set(id, counted);
  }
  return traffic;
}

function statusDocument(agent: Agent | undefined, host: string, instance: string): Readonly<Record<string, unknown>> {
  const subjects = [...(agent?.statuses ?? [])].filter(([subject]) => subject !== HOST);
  const failing = subjects.filter(([, { status }]) => status === 'ERROR');
  return {
    host,
    instance,
    ready: agent !== undefined,
    namespaces: subjects.length,
    routers: routersOf(agent).length,
    unsettled: agent?.unsettled.size ?? 0,
    failing: failing.map(([subject, { error }]) => ({
      namespace: subject,
      code: error?.code,
      message: error?.message,
      remedy: error?.remedy,
    })),
  };
}

/** What goes into the stream of events; undefined for what is of no interest to people. */
function streamEvent(event: AgentEvent): StreamEvent | undefined {
  switch (event.kind) {
    case 'operation': {
      const { operation, result } = event;
      const outcome =
        typeof result === 'string' ? { result } : { result: 'failed', errno: result.errno, message: result.message };
      const where = namespaceText(operation.namespace);
      return { kind: 'kernel', data: { where, operation: operation.kind, what: describe(operation), ...outcome } };
    }
    case 'drift':
      return { kind: 'drift', data: { namespace: event.subject, put_off: event.isFight } };
    case 'status':
      return {
        kind: 'status',
        data: { namespace: event.subject, status: event.status?.status ?? 'GONE', ...errorData(event.status?.error) },
      };
    case 'failure':
      return {
        kind: 'failure',
        data: { namespace: event.subject, again_in_ms: Math.round(event.againInMs), ...errorData(event.error) },
      };
    case 'settled': {
      const { subject, cause, milliseconds } = event;
      return { kind: 'settled', data: { namespace: subject, cause, milliseconds: Number(milliseconds.toFixed(3)) } };
    }
    case 'trouble':
      return {
        kind: 'trouble',
        data: { message: event.error instanceof Error ? event.error.message : String(event.error) },
      };
    case 'lost events':
      return { kind: 'trouble', data: { message: 'events of the kernel were lost; the whole host is read' } };
    case 'read':
    case 'round':
      return undefined;
  }
}

function errorData(error: { readonly code: string; readonly message: string } | undefined): object {
  return error === undefined ? {} : { code: error.code, message: error.message };
}
