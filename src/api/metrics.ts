import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

/** What is counted of requests. Labels have few values: routes are patterns, not paths. */
export interface Counters {
  readonly requests: Counter<'method' | 'route' | 'status'>;
  readonly durations: Histogram<'method' | 'route' | 'status'>;
  readonly refusedConnections: Counter<'listener'>;
  readonly eventStreams: Gauge;
  readonly droppedEventStreams: Counter;
}

/** Registers the metrics of one API; once a registry. */
export function registerCounters(registry: Registry): Counters {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'buoy_http_requests_total',
      help: 'Requests that were answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    durations: new Histogram({
      name: 'buoy_http_request_duration_seconds',
      help: 'From the headers of a request to the last byte of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    refusedConnections: new Counter({
      name: 'buoy_http_refused_connections_total',
      help: 'Connections that were closed as they came, because a listener had as many as it may.',
      labelNames: ['listener'],
      registers,
    }),
    eventStreams: new Gauge({ name: 'buoy_event_streams', help: 'Readers of /v1/events.', registers }),
    droppedEventStreams: new Counter({
      name: 'buoy_event_streams_dropped_total',
      help: 'Readers of /v1/events that were dropped because they read too slowly.',
      registers,
    }),
  };
}
