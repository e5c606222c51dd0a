// How plans and probes read at a glance.

import { expect, test } from 'vitest';
import { diff } from '../../src/host/diff.ts';
import type { HostState } from '../../src/host/state.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import { compile } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import { journeysOf } from '../../src/playground/journey.ts';
import { summarizePlan } from '../../src/playground/plan-summary.ts';
import type { ProbeResult } from '../../src/playground/probe.ts';
import { probeTable } from '../../src/playground/probe-table.ts';
import { worldOf } from '../../src/playground/world.ts';
import { floatingIp, modelOf, TWO_TENANTS } from '../support/intent.ts';
import { must } from '../support/must.ts';

const NOTHING: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };
const stateOf = (model: Model): HostState => compile(model, new Map(), { instance: 'test' });

const one = modelOf({ ...TWO_TENANTS, floatingips: [floatingIp('203.0.113.11', 'blue', '10.0.0.10')] });
const two = modelOf({
  ...TWO_TENANTS,
  floatingips: [floatingIp('203.0.113.11', 'blue', '10.0.0.11'), floatingIp('203.0.113.12', 'blue', '10.0.0.12')],
});

test('a plan is counted by namespace, and what is alone is told in full', () => {
  expect(summarizePlan(diff(stateOf(one), stateOf(two)))).toBe(
    [
      'netns qrouter-blue',
      '  + 4 NAT entries, 2 counters',
      '  ~ 2 NAT entries',
      '  - 2 NAT entries, 1 connection flush',
      'netns fip-public',
      '  + 1 route, 1 announcement',
      '',
    ].join('\n'),
  );
});

test('no line of a plan is too long', () => {
  const lines = summarizePlan(diff(NOTHING, stateOf(two))).split('\n');
  expect(lines).toContain('netns qrouter-blue');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(98);
});

test('an empty plan is nothing', () => {
  expect(summarizePlan(diff(stateOf(one), stateOf(one)))).toBe('');
});

test('probes stand in a line for each journey, with what went wrong', () => {
  const [inward, outward] = ['in by floating IP', 'out without a floating IP'].map((way) =>
    must(journeysOf(one, worldOf(one)).find((journey) => journey.way === way)),
  );
  const good: ProbeResult = {
    journey: must(inward),
    protocol: 'icmp',
    sent: 3,
    answered: 3,
    seenAs: must(inward).source,
    ok: true,
    detail: undefined,
  };
  const silent: ProbeResult = {
    journey: must(outward),
    protocol: 'icmp',
    sent: 1,
    answered: 0,
    seenAs: undefined,
    ok: true,
    detail: 'no answer',
  };
  const bad = { answered: 1, ok: false, detail: 'was answered' };
  const results = [
    good,
    { ...good, protocol: 'tcp' },
    { ...good, protocol: 'udp' },
    silent,
    { ...silent, ...bad, protocol: 'tcp' },
    { ...silent, protocol: 'udp' },
  ] as const;
  expect(probeTable(results)).toBe(
    [
      '                           from     to                     seen as      ICMP  TCP  UDP',
      'in by floating IP          outside  203.0.113.11 → blue-1  203.0.113.1  3/3   3/3  3/3  ✓',
      'out without a floating IP  blue-2   198.51.100.10          nobody       0/1   1/1  0/1  ✗ TCP was answered',
      '',
    ].join('\n'),
  );
});
