import type { Count, FloatingTraffic, Traffic } from '../host/counters.ts';
import { formatIpv4 } from '../model/address.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly value: (traffic: Traffic) => number;
}

const METRICS: readonly Metric[] = (['received', 'sent'] as const).flatMap((direction) =>
  (['packets', 'bytes'] as const).map((unit: keyof Count): Metric => {
    const what =
      direction === 'received'
        ? 'to a floating IP, as they come into its router'
        : 'from a floating IP, as they leave its router';
    return {
      name: `buoy_floating_ip_${direction}_${unit}_total`,
      help: `${unit === 'packets' ? 'IP packets' : 'Bytes of IP packets'} ${what}.`,
      value: (traffic) => traffic[direction][unit],
    };
  }),
);

/**
 * The traffic of the floating IPs of routers, under the routers' ids, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Written here: there are tens of thousands of lines
 * that nobody keeps.
 */
export function trafficText(traffic: ReadonlyMap<string, FloatingTraffic>): string {
  const lines: string[] = [];
  for (const { name, help, value } of METRICS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
    for (const [router, floatingIps] of traffic)
      for (const [floating, counted] of floatingIps)
        lines.push(`${name}{floating_ip="${formatIpv4(floating)}",router="${router}"} ${value(counted)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
