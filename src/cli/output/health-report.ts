// `buoy status` for a person: what there is in tables, then all that is wrong.

import type { Traffic } from '../../host/counters.ts';
import type { Foreign } from '../../host/state.ts';
import { formatIpv4 } from '../../model/address.ts';
import type { FloatingIpHealth, Health } from '../health/health.ts';
import { isHealthy, sharedTroubles } from '../health/health.ts';
import { table } from './table.ts';
import type { Colors } from './terminal.ts';
import { count, counted } from './terminal.ts';

/** What has passed through a floating IP; undefined where nothing counts it. */
export type TrafficOf = (floatingIp: FloatingIpHealth) => Traffic | undefined;

/** With `trafficOf`, the table of floating IPs tells of that too. */
export function healthText(health: Health, foreign: Foreign, colors: Colors, trafficOf?: TrafficOf): string {
  const parts = [
    ...tables(health, colors, trafficOf),
    ...problemList(health, colors),
    ...foreignList(foreign, colors),
    summary(health, colors),
  ];
  return parts.join('\n');
}

function tables(health: Health, colors: Colors, trafficOf: TrafficOf | undefined): string[] {
  const { namespaces, routers, floatingIps } = health;
  const verdict = (problems: readonly string[], otherwise = colors.green('healthy')): string =>
    problems.length === 0 ? otherwise : colors.red('broken');
  const parts: string[] = [];
  if (namespaces.length > 0) {
    const rows = namespaces.map(({ name, differences, problems }) => [
      name,
      verdict(problems, differences === 0 ? undefined : colors.yellow('differs')),
    ]);
    parts.push(table(['NAMESPACE', 'HEALTH'], rows, colors));
  }
  if (routers.length > 0) {
    const rows = routers.map(({ id, fip, floatingIps: number, problems }) => [
      id,
      fip ?? '-',
      String(number),
      verdict(problems),
    ]);
    parts.push(table(['ROUTER', 'LEADS TO', 'FLOATING', 'HEALTH'], rows, colors));
  }
  if (floatingIps.length > 0) {
    const troublesOf = sharedTroubles(health);
    const rows = floatingIps.map((floatingIp) => [
      formatIpv4(floatingIp.floating),
      floatingIp.fixed === undefined ? '-' : formatIpv4(floatingIp.fixed),
      floatingIp.routerId,
      ...(trafficOf === undefined ? [] : trafficCells(trafficOf(floatingIp))),
      verdict([...floatingIp.problems, ...troublesOf(floatingIp)]),
    ]);
    const traffic = trafficOf === undefined ? [] : TRAFFIC_HEADINGS;
    parts.push(table(['FLOATING IP', 'FIXED IP', 'ROUTER', ...traffic, 'HEALTH'], rows, colors));
  }
  return parts;
}

const TRAFFIC_HEADINGS = ['PACKETS IN', 'BYTES IN', 'PACKETS OUT', 'BYTES OUT'];

function trafficCells(traffic: Traffic | undefined): string[] {
  if (traffic === undefined) return TRAFFIC_HEADINGS.map(() => '-');
  const { received, sent } = traffic;
  return [received.packets, received.bytes, sent.packets, sent.bytes].map(count);
}

function problemList({ namespaces, routers, floatingIps }: Health, colors: Colors): string[] {
  const lines = [
    ...namespaces.flatMap(({ name, differences, problems }) =>
      [
        ...problems,
        ...(differences > 0 ? [`differs from the intent by ${counted(differences, 'operation')} (\`buoy plan\`)`] : []),
      ].map((problem) => `${name}: ${problem}`),
    ),
    ...routers.flatMap(({ id, problems }) => problems.map((problem) => `router ${id}: ${problem}`)),
    ...floatingIps.flatMap(({ floating, problems }) =>
      problems.map((problem) => `floating IP ${formatIpv4(floating)}: ${problem}`),
    ),
  ];
  return section('What is wrong', lines, colors);
}

function foreignList({ namespaces }: Foreign, colors: Colors): string[] {
  return section(
    "Not Buoy's, and left alone",
    [...namespaces].map(([name, what]) => `${name}: ${what}`),
    colors,
  );
}

function section(heading: string, lines: readonly string[], colors: Colors): string[] {
  return lines.length === 0 ? [] : [`${[colors.bold(heading), ...lines.map((line) => `  ${line}`)].join('\n')}\n`];
}

function summary(health: Health, colors: Colors): string {
  if (health.namespaces.length === 0) return 'There is nothing of Buoy here.\n';
  if (isHealthy(health))
    return `${colors.green('All is healthy')}: ${counted(health.routers.length, 'router')}, ${counted(health.floatingIps.length, 'floating IP')}.\n`;
  return `${colors.red('Not all is healthy.')} \`buoy apply FILE\` repairs what differs from the file.\n`;
}
