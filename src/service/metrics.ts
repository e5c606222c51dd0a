// What the agent tells, as Prometheus counts it.

import { Counter, Gauge, Histogram, collectDefaultMetrics } from 'prom-client';
import type { Registry } from 'prom-client';
import type { AgentEvent } from '../agent/events.ts';

/** Milliseconds between two looks at how late the event loop is: each is a wake-up of an idle process. */
const LAG_EVERY_MS = 100;

/** What is asked for at the time of a scrape. */
export interface Depths {
  /** Routers and external networks that are not as they are wanted. */
  readonly unsettled: () => number;
  /** Of these, those that failed. */
  readonly failing: () => number;
}

/** Registers the metrics of an agent; answers who is to hear its events. */
export function countEvents(registry: Registry, depths: Depths): (event: AgentEvent) => void {
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  const settled = new Histogram({
    name: 'buoy_settled_seconds',
    help: 'From a change (of the intent, or by others in the kernel) until the kernel is as it is wanted again, for each router and external network.',
    labelNames: ['cause'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120],
    registers,
  });
  const rounds = new Histogram({
    name: 'buoy_round_seconds',
    help: 'Plans that were made and applied.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  });
  const reads = new Histogram({
    name: 'buoy_read_seconds',
    help: 'Readings of the kernel: of single namespaces, or of the whole host.',
    labelNames: ['what'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const operations = new Counter({
    name: 'buoy_kernel_operations_total',
    help: 'Operations on the kernel, by kind and result (done, not tried, or the errno).',
    labelNames: ['kind', 'result'],
    registers,
  });
  const drift = new Counter({
    name: 'buoy_drift_total',
    help: 'Changes by others in what is Buoy’s, each counted once for the router or external network that it concerns.',
    registers,
  });
  const fights = new Counter({
    name: 'buoy_drift_fights_total',
    help: 'Repairs that were put off because somebody undoes them again and again.',
    registers,
  });
  const failures = new Counter({
    name: 'buoy_failures_total',
    help: 'Rounds after which a router or external network was not as it is wanted, by the error’s code.',
    labelNames: ['code'],
    registers,
  });
  const lost = new Counter({
    name: 'buoy_kernel_events_lost_total',
    help: 'Times when events of the kernel were lost and the whole host was read instead.',
    registers,
  });
  registry.registerMetric(
    gauge('buoy_unsettled', 'Routers and external networks that are not as they are wanted now.', depths.unsettled),
  );
  registry.registerMetric(
    gauge('buoy_failing', 'Routers and external networks that failed and are tried again later.', depths.failing),
  );
  const troubles = new Counter({
    name: 'buoy_kernel_troubles_total',
    help: 'Times when the kernel could not be read or told, or the store not be read.',
    registers,
  });
  return (event) => {
    switch (event.kind) {
      case 'settled':
        return settled.observe({ cause: event.cause }, event.milliseconds / 1000);
      case 'round':
        return rounds.observe(event.milliseconds / 1000);
      case 'read':
        return reads.observe({ what: event.namespaces === 'all' ? 'host' : 'namespaces' }, event.milliseconds / 1000);
      case 'operation': {
        const { operation, result } = event;
        return operations.inc({ kind: operation.kind, result: typeof result === 'string' ? result : result.errno });
      }
      case 'drift':
        drift.inc();
        if (event.isFight) fights.inc();
        return;
      case 'failure':
        return failures.inc({ code: event.error.code });
      case 'lost events':
        return lost.inc();
      case 'trouble':
        return troubles.inc();
      case 'status':
    }
  };
}

/** Of a value that is looked up when it is asked for. */
function gauge(name: string, help: string, value: () => number): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(value());
    },
  });
}
