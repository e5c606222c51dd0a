import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { registerCounters } from '../../src/api/metrics.ts';
import { trafficText } from '../../src/api/traffic-text.ts';
import { countEvents } from '../../src/service/metrics.ts';

/** What is made of these by the server of metrics itself. */
const OTHERS = new Set(['up']);

async function metricNames(): Promise<Set<string>> {
  const registry = new Registry();
  countEvents(registry, { unsettled: () => 0, failing: () => 0 });
  registerCounters(registry);
  const text = (await registry.metrics()) + trafficText(new Map());
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
}

function namesIn(expressions: readonly string[]): string[] {
  return expressions
    .flatMap((text) => text.match(/\b(?:buoy|process|nodejs)_\w+/g) ?? [])
    .map((name) => name.replace(/_bucket$/, ''));
}

function file(name: string): string {
  return readFileSync(new URL(`../../examples/monitoring/${name}`, import.meta.url), 'utf8');
}

test('the alerts and the dashboard ask for metrics that there are', async () => {
  const known = await metricNames();
  const dashboard = [...file('grafana-dashboard.json').matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(
    ([, expr = '']) => expr,
  );
  const alerts = [...file('alerts.yml').matchAll(/^ +expr: (.*)$/gm)].map(([, expr = '']) => expr);
  expect(dashboard.length).toBeGreaterThan(10);
  expect(alerts.length).toBeGreaterThan(5);
  const asked = namesIn([...dashboard, ...alerts]);
  expect(asked.filter((name) => !known.has(name) && !OTHERS.has(name))).toEqual([]);
});

test('the rules are YAML', () => {
  for (const name of ['alerts.yml', 'prometheus.yml']) expect(parse(file(name))).toBeTypeOf('object');
});
