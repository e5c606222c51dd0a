// Every way in which a packet can be lost, one thing being broken; and what a state leaves undecided.

import { describe, expect, test } from 'vitest';
import { formatTrace, trace } from '../../../src/host/trace/index.ts';
import type { Place, Packet } from '../../../src/host/trace/index.ts';
import type { HostState, Link } from '../../../src/host/state.ts';
import { addressKey, MAIN_TABLE, neighbourKey, ruleKey } from '../../../src/host/state.ts';
import type { LinkName } from '../../../src/model/names.ts';
import { HOST, LOOPBACK } from '../../../src/model/names.ts';
import type { TestNamespace } from '../../support/apply-plan.ts';
import { ip, ipv4, link, mac, prefix } from '../../support/models.ts';
import { must } from '../../support/must.ts';
import { BLUE, changed, FG, FIP, OUTSIDE_WIRE, RED, RED_BACK, RED_OUT, RED_PORT, stateOf } from './worlds.ts';

const INWARD: Packet = { source: ip('203.0.113.1'), destination: ip('203.0.113.21') };
const FROM_OUTSIDE: Place = { kind: 'wire', wire: OUTSIDE_WIRE, nexthop: ip('203.0.113.21') };
const OUTWARD: Packet = { source: ip('10.0.0.5'), destination: ip('198.51.100.7') };
const FROM_WORKLOAD: Place = { kind: 'link', namespace: RED, link: RED_PORT };

function fate(state: HostState, packet: Packet, from: Place): string {
  return must(
    formatTrace(trace(state, packet, from))
      .trimEnd()
      .split('\n')
      .at(-1),
  );
}

const inward = (state: HostState): string => fate(state, INWARD, FROM_OUTSIDE);
const outward = (state: HostState): string => fate(state, OUTWARD, FROM_WORKLOAD);

const ARRIVES_IN =
  'sent from qr-b0000001-00 in qrouter-d0000001-0000-0000-0000-000000000000 on br-red to 10.0.0.5: 203.0.113.1 > 10.0.0.5';

function setLink(namespace: TestNamespace, name: LinkName, change: Partial<Link>): void {
  namespace.links.set(name, { ...must(namespace.links.get(name)), ...change });
}

function addAddress(namespace: TestNamespace, on: LinkName, address: string, length: number): void {
  const added = { link: on, address: ip(address), length };
  namespace.addresses.set(addressKey(added), added);
}

const unicast = (on: LinkName, gateway?: string) => ({
  link: on,
  gateway: gateway === undefined ? undefined : ip(gateway),
  protocol: 4,
  type: 'unicast',
});

const TAP = link('tapf0000001-00');

describe('A packet from outside', () => {
  test('arrives', () => {
    expect(inward(stateOf())).toBe(ARRIVES_IN);
  });

  test.each<[string, HostState, string]>([
    [
      'without proxy ARP',
      changed(FIP, ({ sysctls }) => sysctls.set(`net.ipv4.conf.${FG}.proxy_arp`, '0')),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'without forwarding in the fip namespace',
      changed(FIP, ({ sysctls }) => sysctls.set('net.ipv4.ip_forward', '0')),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'without its host route',
      changed(FIP, ({ routes }) => must(routes.get(MAIN_TABLE)).hosts.delete(ipv4('203.0.113.21'))),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'with a host route back to where it came from',
      changed(FIP, ({ routes }) => must(routes.get(MAIN_TABLE)).hosts.set(ipv4('203.0.113.21'), unicast(FG))),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'when the gateway port is down',
      changed(FIP, (namespace) => setLink(namespace, FG, { up: false })),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'when the host’s end of it is down',
      changed(HOST, (namespace) => setLink(namespace, TAP, { up: false })),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'when that is on no bridge',
      changed(HOST, (namespace) => setLink(namespace, TAP, { master: undefined })),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'when the asker has the gateway port’s own address',
      changed(FIP, (namespace) => addAddress(namespace, FG, '203.0.113.1', 24)),
      'dropped, nobody answers for 203.0.113.21 on br-ex',
    ],
    [
      'when another fip namespace answers as well',
      (() => {
        const state = changed(BLUE, (blue) => {
          blue.sysctls.set('net.ipv4.conf.qr-b0000002-00.proxy_arp', '1');
          must(blue.routes.get(16)).hosts.set(ipv4('203.0.113.21'), unicast(link('rfp-d0000002-0'), '169.254.72.245'));
          const rule = { family: 4, priority: 1, table: 16 } as const;
          blue.rules.set(ruleKey(rule), rule);
        });
        setLink(must(state.namespaces.get(HOST)), link('tapb0000002-00'), { master: OUTSIDE_WIRE });
        return state;
      })(),
      'not known, fg-f0000001-00 in fip-a0000001-0000-0000-0000-000000000000 and qr-b0000002-00 in qrouter-d0000002-0000-0000-0000-000000000000 answer for 203.0.113.21',
    ],
    [
      'when the neighbour in the fip namespace is wrong',
      changed(FIP, ({ neighbours }) => {
        const [key, neighbour] = must([...neighbours].find(([, one]) => one.link === RED_BACK));
        neighbours.set(key, { ...neighbour, mac: mac('02:00:00:00:00:66') });
      }),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, link rfp-d0000001-0 in qrouter-d0000001-0000-0000-0000-000000000000 has not the address 02:00:00:00:00:66',
    ],
    [
      'when the router does not have the address of its end, and the neighbour is not permanent',
      (() => {
        const state = changed(FIP, ({ neighbours }) => neighbours.clear());
        const red = must(state.namespaces.get(RED));
        for (const [key, { link: on }] of red.addresses) if (on === RED_OUT) red.addresses.delete(key);
        return state;
      })(),
      'dropped in netns fip-a0000001-0000-0000-0000-000000000000, nobody answers for 169.254.113.72 on fpr-d0000001-0',
    ],
    [
      'when the router’s end of the link is down',
      changed(RED, (namespace) => setLink(namespace, RED_OUT, { up: false })),
      'dropped in netns fip-a0000001-0000-0000-0000-000000000000, link rfp-d0000001-0 in qrouter-d0000001-0000-0000-0000-000000000000 is down',
    ],
    [
      'when the router’s end is not there',
      changed(RED, ({ links }) => links.delete(RED_OUT)),
      'dropped in netns fip-a0000001-0000-0000-0000-000000000000, there is no link rfp-d0000001-0 in qrouter-d0000001-0000-0000-0000-000000000000',
    ],
    [
      'when the link leads elsewhere',
      changed(FIP, (namespace) => setLink(namespace, RED_BACK, { kind: { type: 'veth', peer: undefined } })),
      "dropped in netns fip-a0000001-0000-0000-0000-000000000000, link fpr-d0000001-0 in fip-a0000001-0000-0000-0000-000000000000 leads to nothing of Buoy's",
    ],
    [
      'when it is not translated, and so sent back to the fip namespace by a default route',
      changed(RED, ({ ruleset, routes }) => {
        must(ruleset).sets.set('floating', { kind: 'map', elements: new Map() });
        const destination = prefix('0.0.0.0/0');
        must(routes.get(MAIN_TABLE)).prefixes.set('0.0.0.0/0', {
          destination,
          hop: unicast(RED_OUT, '169.254.113.73'),
        });
      }),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, in a loop',
    ],
    [
      'when it is not translated',
      changed(RED, ({ ruleset }) => must(ruleset).sets.set('floating', { kind: 'map', elements: new Map() })),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, no route to 203.0.113.21 in tables main, 253',
    ],
    [
      'when it is translated to a broadcast address',
      changed(RED, ({ ruleset }) =>
        must(ruleset).sets.set('floating', {
          kind: 'map',
          elements: new Map([[ipv4('203.0.113.21'), ipv4('10.0.0.255')]]),
        }),
      ),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, 10.0.0.255 is a broadcast address',
    ],
    [
      'without forwarding in the router',
      changed(RED, ({ sysctls }) => sysctls.set('net.ipv4.ip_forward', '0')),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, the namespace does not forward',
    ],
    [
      'with a reverse path filter in the router, which has no route back but for marked packets',
      changed(RED, ({ sysctls }) => sysctls.set('net.ipv4.conf.all.rp_filter', '2')),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, rp_filter of rfp-d0000001-0 finds no way back',
    ],
    [
      'when the router has the source for an address of its own',
      changed(RED, (namespace) => addAddress(namespace, RED_PORT, '203.0.113.1', 32)),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, martian source 203.0.113.1',
    ],
    [
      'with a blackhole in its way',
      changed(RED, ({ routes }) => {
        const hop = { ...unicast(link('if0')), type: 'blackhole' };
        must(routes.get(MAIN_TABLE)).hosts.set(ipv4('10.0.0.5'), hop);
      }),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, blackhole route to 10.0.0.5',
    ],
    [
      'when the router’s port is down',
      changed(RED, (namespace) => setLink(namespace, RED_PORT, { up: false })),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, no route to 10.0.0.5 in tables main, 253',
    ],
    [
      'when the router’s port is on no bridge',
      changed(HOST, (namespace) => setLink(namespace, link('tapb0000001-00'), { master: undefined })),
      'dropped in netns qrouter-d0000001-0000-0000-0000-000000000000, link tapb0000001-00 on the host is no port of a bridge',
    ],
    [
      'with a rule of others',
      changed(RED, ({ rules }) => {
        const rule = { family: 4, priority: 5, table: 99, other: 'tos 0x10' } as const;
        rules.set(ruleKey(rule), rule);
      }),
      "not known in netns qrouter-d0000001-0000-0000-0000-000000000000, rule 5: from all tos 0x10 lookup 99, which is not Buoy's",
    ],
    [
      'with a statement of others',
      changed(RED, ({ ruleset }) =>
        must(ruleset).chains.set('mark-fixed', {
          type: 'filter',
          hook: 'prerouting',
          priority: -150,
          rules: [[{ kind: 'unknown', text: 'limit' }]],
        }),
      ),
      "not known in netns qrouter-d0000001-0000-0000-0000-000000000000, chain mark-fixed has limit, which is not Buoy's",
    ],
  ])('is lost %s', (_, state, expected) => {
    expect(inward(state).replace(/: [^:]* > [^:]*$/, '')).toBe(expected);
  });

  test('needs no permanent neighbours, since both ends answer ARP', () => {
    expect(inward(changed(FIP, ({ neighbours }) => neighbours.clear()))).toBe(ARRIVES_IN);
  });

  test.each(['1', '2'])('passes a reverse path filter (%s) where a rule for answers leads back', (value) => {
    const state = changed(FIP, ({ sysctls }) => sysctls.set('net.ipv4.conf.all.rp_filter', value));
    expect(fate(state, { ...INWARD, source: ip('198.51.100.7') }, FROM_OUTSIDE)).toMatch(/^sent from qr-/);
  });

  test('is for a namespace that has its address, also on a link that is down', () => {
    const state = changed(RED, (namespace) => {
      addAddress(namespace, RED_PORT, '10.0.0.5', 32);
      setLink(namespace, RED_PORT, { up: false });
    });
    expect(inward(state)).toBe(
      'received by netns qrouter-d0000001-0000-0000-0000-000000000000 itself: 203.0.113.1 > 10.0.0.5',
    );
  });

  test('is for a namespace that has its subnet on the loopback device', () => {
    const state = changed(FIP, (namespace) => addAddress(namespace, LOOPBACK, '203.0.113.128', 24));
    expect(fate(state, INWARD, { kind: 'link', namespace: FIP, link: FG })).toMatch(
      /^dropped in netns fip-.*, martian source 203\.0\.113\.1:/,
    );
  });
});

describe('A packet from a workload', () => {
  test('leaves', () => {
    expect(outward(stateOf())).toBe(
      'sent from fg-f0000001-00 in fip-a0000001-0000-0000-0000-000000000000 on br-ex to 203.0.113.1: 203.0.113.21 > 198.51.100.7',
    );
  });

  test.each<[string, HostState, RegExp]>([
    [
      'without its mark',
      changed(RED, ({ ruleset }) => must(ruleset).sets.set('marked', { kind: 'set', elements: new Set() })),
      /^dropped in netns qrouter-.*, no route to 198\.51\.100\.7 in tables main, 253:/,
    ],
    [
      'without the rule for marked packets',
      changed(RED, ({ rules }) => rules.clear()),
      /^dropped in netns qrouter-.*, no route to 198\.51\.100\.7 in tables main, 253:/,
    ],
    [
      'without the default route of marked packets',
      changed(RED, ({ routes }) => routes.delete(16)),
      /^dropped in netns qrouter-.*, no route to 198\.51\.100\.7 in tables main, 253, 16:/,
    ],
    [
      'without the rule of its router in the fip namespace',
      changed(FIP, ({ rules }) => rules.clear()),
      /^dropped in netns fip-.*, no route to 198\.51\.100\.7 in tables main, 253:/,
    ],
    [
      'when nothing is translated, as from its own address',
      changed(RED, ({ ruleset }) => must(ruleset).chains.delete('nat-out')),
      /^sent from fg-.* on br-ex to 203\.0\.113\.1: 10\.0\.0\.5 > 198\.51\.100\.7$/,
    ],
    [
      'when connections are not tracked, as from its own address',
      changed(RED, ({ ruleset }) =>
        must(ruleset).chains.set('raw', {
          type: 'filter',
          hook: 'prerouting',
          priority: -300,
          rules: [[{ kind: 'notrack' }]],
        }),
      ),
      /^sent from fg-.* on br-ex to 203\.0\.113\.1: 10\.0\.0\.5 > 198\.51\.100\.7$/,
    ],
  ])('is lost %s', (_, state, expected) => {
    expect(outward(state)).toMatch(expected);
  });

  test('to a floating IP of its own router is not translated there, if it was not on its way out', () => {
    // It is the same connection in both passages, and what it was at first it remains.
    const state = changed(RED, ({ ruleset }) => must(ruleset).sets.set('fixed', { kind: 'map', elements: new Map() }));
    expect(fate(state, { ...OUTWARD, destination: ip('203.0.113.22') }, FROM_WORKLOAD)).toMatch(
      /^dropped in netns fip-.*, in a loop: 10\.0\.0\.5 > 203\.0\.113\.22$/,
    );
  });

  test('is too big for the way out, if it is', () => {
    const state = changed(RED, (namespace) => setLink(namespace, RED_OUT, { mtu: 1400 }));
    expect(fate(state, { ...OUTWARD, size: 1401 }, FROM_WORKLOAD)).toMatch(
      /^dropped in netns qrouter-.*, too big for link rfp-d0000001-0 in qrouter-.* with mtu 1400:/,
    );
    expect(fate(state, { ...OUTWARD, size: 1400 }, FROM_WORKLOAD)).toMatch(/^sent /);
  });

  test('is too big for the other end of a veth, if it is', () => {
    const state = changed(FIP, (namespace) => setLink(namespace, RED_BACK, { mtu: 1400 }));
    expect(fate(state, { ...OUTWARD, size: 1405 }, FROM_WORKLOAD)).toMatch(
      /^dropped in netns fip-.*, too big for link fpr-d0000001-0 in fip-.* with mtu 1400:/,
    );
    expect(fate(state, { ...OUTWARD, size: 1404 }, FROM_WORKLOAD)).toMatch(/^sent /);
  });

  test('comes to a port of ours whose MAC address a permanent neighbour has', () => {
    const state = changed(FIP, ({ neighbours }) => {
      const neighbour = { link: FG, address: ip('203.0.113.1'), mac: mac('fa:16:3e:b0:00:02') };
      neighbours.set(neighbourKey(neighbour), neighbour);
    });
    setLink(must(state.namespaces.get(HOST)), link('tapb0000002-00'), { master: OUTSIDE_WIRE });
    expect(outward(state)).toMatch(
      /^dropped in netns qrouter-d0000002-.*, no route to 198\.51\.100\.7 in tables main, 253:/,
    );
  });

  test('does not come to a link that is not there', () => {
    const nowhere: Place = { kind: 'link', namespace: RED, link: link('qr-none') };
    expect(fate(stateOf(), OUTWARD, nowhere)).toMatch(/^dropped, there is no link qr-none in qrouter-/);
  });
});
