// Whether a floating IP works, told from a state.

import { describe, expect, test } from 'vitest';
import { answer, floatingIpPath, trace } from '../../../src/host/trace/index.ts';
import type { FloatingIpQuery } from '../../../src/host/trace/index.ts';
import type { HostState } from '../../../src/host/state.ts';
import { MAIN_TABLE } from '../../../src/host/state.ts';
import { HOST } from '../../../src/model/names.ts';
import { ip, ipv4, link } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { changed, FG, FIP, MACVLAN_MODEL, OUTSIDE_WIRE, RED, RED_OUT, stateOf } from './worlds.ts';

const FLOATING = ipv4('203.0.113.21');
const FIXED = ipv4('10.0.0.5');
const QUERY: FloatingIpQuery = { router: RED, floating: FLOATING, fixed: FIXED };
const BEYOND: FloatingIpQuery = { ...QUERY, outside: ipv4('198.51.100.7') };

const other = new Map([[FLOATING, ipv4('10.0.0.6')]]);
const otherSource = new Map([[FIXED, ipv4('203.0.113.22')]]);

describe('A floating IP works', () => {
  test.each([
    ['with the gateway', stateOf(), QUERY],
    ['with somebody beyond the gateway', stateOf(), BEYOND],
    ['over a macvlan', stateOf(MACVLAN_MODEL), QUERY],
    [
      'with a neighbour, where there is no gateway',
      changed(FIP, ({ routes }) => {
        for (const { prefixes } of routes.values()) prefixes.clear();
      }),
      QUERY,
    ],
  ])('%s', (_, state, query) => {
    expect(floatingIpPath(state, query)).toBeUndefined();
  });
});

describe('What is wrong with a floating IP is said:', () => {
  test.each<[string, HostState, FloatingIpQuery, string]>([
    [
      'no host route',
      changed(FIP, ({ routes }) => must(routes.get(MAIN_TABLE)).hosts.clear()),
      QUERY,
      'a packet from outside: dropped, nobody answers for 203.0.113.21 on br-ex: 203.0.113.1 > 203.0.113.21',
    ],
    [
      'another fixed IP',
      changed(RED, ({ ruleset }) => must(ruleset).sets.set('floating', { kind: 'map', elements: other })),
      QUERY,
      'a packet from outside: sent from qr-b0000001-00 in qrouter-d0000001-0000-0000-0000-000000000000 on br-red to 10.0.0.6: 203.0.113.1 > 10.0.0.6',
    ],
    [
      'another source',
      changed(RED, ({ ruleset }) => must(ruleset).sets.set('fixed', { kind: 'map', elements: otherSource })),
      QUERY,
      'a packet from the workload: sent from fg-f0000001-00 in fip-a0000001-0000-0000-0000-000000000000 on br-ex to 203.0.113.1: 203.0.113.22 > 203.0.113.1',
    ],
    [
      'answers are not marked',
      changed(RED, ({ ruleset }) => must(ruleset).sets.set('marked', { kind: 'set', elements: new Set() })),
      QUERY,
      'its answer: dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, no route to 203.0.113.1 in tables main, 253: 10.0.0.5 > 203.0.113.1',
    ],
    [
      'no default route, for somebody beyond the gateway',
      changed(FIP, ({ rules }) => rules.clear()),
      BEYOND,
      'its answer: dropped in netns fip-a0000001-0000-0000-0000-000000000000, no route to 198.51.100.7 in tables main, 253: 203.0.113.21 > 198.51.100.7',
    ],
    [
      'no link to the fip namespace',
      changed(RED, ({ links }) => links.delete(RED_OUT)),
      QUERY,
      'qrouter-d0000001-0000-0000-0000-000000000000 has no link to a fip namespace',
    ],
    [
      'the gateway port is on no bridge',
      changed(HOST, ({ links }) => {
        const name = link('tapf0000001-00');
        links.set(name, { ...must(links.get(name)), master: undefined });
      }),
      QUERY,
      'dropped in netns fip-a0000001-0000-0000-0000-000000000000, link tapf0000001-00 on the host is no port of a bridge',
    ],
    [
      'the gateway port has no address',
      changed(FIP, ({ addresses, routes }) => {
        for (const [key, { link: on }] of addresses) if (on === FG) addresses.delete(key);
        for (const { prefixes } of routes.values()) prefixes.clear();
      }),
      QUERY,
      'there is nobody outside of fip-a0000001-0000-0000-0000-000000000000',
    ],
  ])('%s', (_, state, query, expected) => {
    expect(floatingIpPath(state, query)).toBe(expected);
  });
});

describe('An answer', () => {
  const from = { kind: 'wire', wire: OUTSIDE_WIRE, nexthop: FLOATING } as const;
  const asked = { source: ip('203.0.113.1'), destination: FLOATING };

  test('is translated back, though the maps have changed since', () => {
    const walked = trace(stateOf(), asked, from);
    const emptied = changed(RED, ({ ruleset }) => {
      for (const set of must(ruleset).sets.values()) if (set.kind === 'map') set.elements.clear();
    });
    expect(answer(emptied, walked)?.packet).toEqual({ source: FLOATING, destination: ip('203.0.113.1') });
  });

  test('is not, where connections are not tracked any more', () => {
    const walked = trace(stateOf(), asked, from);
    const untracked = changed(RED, ({ ruleset }) => {
      must(ruleset).chains.delete('nat-in');
      must(ruleset).chains.delete('nat-out');
    });
    expect(answer(untracked, walked)?.packet.source).toBe(FIXED);
  });

  test('comes of no packet that was dropped', () => {
    const walked = trace(stateOf(), asked, { ...from, nexthop: ipv4('203.0.113.99') });
    expect(answer(stateOf(), walked)).toBeUndefined();
  });
});
