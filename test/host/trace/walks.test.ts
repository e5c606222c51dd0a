// Whole walks as golden text, in walks/.

import { describe, expect, test } from 'vitest';
import { answer, formatTrace, trace } from '../../../src/host/trace/index.ts';
import type { Place, Trace } from '../../../src/host/trace/index.ts';
import type { HostState } from '../../../src/host/state.ts';
import { ip, link } from '../../support/models.ts';
import { BLUE, BLUE_PORT, MACVLAN_MODEL, OUTSIDE_WIRE, RED, RED_PORT, RED_WIRE, stateOf } from './worlds.ts';

interface Case {
  readonly state?: HostState;
  readonly source: string;
  readonly destination: string;
  readonly from: Place;
  /** How the answer is sent; without it, none is. */
  readonly back?: Place;
}

const outside = (nexthop: string): Place => ({ kind: 'wire', wire: OUTSIDE_WIRE, nexthop: ip(nexthop) });
const redWorkload: Place = { kind: 'wire', wire: RED_WIRE, nexthop: ip('10.0.0.1') };
const redPort: Place = { kind: 'link', namespace: RED, link: RED_PORT };
const bluePort: Place = { kind: 'link', namespace: BLUE, link: BLUE_PORT };

const CASES: Readonly<Record<string, Case>> = {
  'in by a floating IP': {
    source: '198.51.100.7',
    destination: '203.0.113.21',
    from: outside('203.0.113.21'),
    back: redPort,
  },
  'out by a floating IP': {
    source: '10.0.0.5',
    destination: '198.51.100.7',
    from: redWorkload,
    back: outside('203.0.113.21'),
  },
  'to a floating IP of the same router': {
    source: '10.0.0.5',
    destination: '203.0.113.22',
    from: redWorkload,
    back: redPort,
  },
  'to a floating IP of another router': {
    source: '10.0.0.5',
    destination: '203.0.113.23',
    from: redWorkload,
    back: bluePort,
  },
  'to one’s own floating IP': {
    source: '10.0.0.5',
    destination: '203.0.113.21',
    from: redWorkload,
    back: redPort,
  },
  'out without a floating IP, where there is no snat port': {
    source: '10.0.0.99',
    destination: '198.51.100.7',
    from: redWorkload,
  },
  'out without a floating IP, to a snat port elsewhere': {
    source: '10.1.0.99',
    destination: '198.51.100.7',
    from: bluePort,
  },
  'over an extra route': { source: '10.0.0.5', destination: '192.168.3.4', from: redWorkload },
  'to the address of the gateway port': {
    source: '203.0.113.1',
    destination: '203.0.113.10',
    from: outside('203.0.113.10'),
  },
  'to an address of nobody': { source: '203.0.113.1', destination: '203.0.113.99', from: outside('203.0.113.99') },
  'in by a floating IP, over a macvlan': {
    state: stateOf(MACVLAN_MODEL),
    source: '203.0.113.1',
    destination: '203.0.113.21',
    from: { kind: 'wire', wire: link('eth1'), nexthop: ip('203.0.113.21') },
    back: redPort,
  },
  'IPv6, out': { source: '2001:db8:1::5', destination: '2001:db8:99::1', from: redPort },
};

describe('A packet goes its way', () => {
  test.each(Object.keys(CASES))('%s', async (name) => {
    const { state = stateOf(), source, destination, from, back } = CASES[name] ?? {};
    if (source === undefined || destination === undefined || from === undefined) throw new Error(name);
    const walked = trace(state, { source: ip(source), destination: ip(destination) }, from);
    const answered = back && answer(state, walked, back);
    const file = `walks/${name
      .toLowerCase()
      .replaceAll('’', '')
      .replaceAll(/[^a-z0-9]+/g, '-')}.txt`;
    await expect([walked, answered].map(textOf).join('')).toMatchFileSnapshot(file);
  });
});

function textOf(walked: Trace | undefined, index: number): string {
  if (walked === undefined) return '';
  return `${index > 0 ? '\nThe answer:\n' : ''}${formatTrace(walked)}`;
}
