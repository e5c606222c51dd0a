// What `buoy status` says of a host on which one part of what floating IPs need is missing.

import { describe, expect, test } from 'vitest';
import { againstIntent } from '../../src/cli/health/against-intent.ts';
import type { Health } from '../../src/cli/health/health.ts';
import { isHealthy, judge, sharedTroubles } from '../../src/cli/health/health.ts';
import { healthText } from '../../src/cli/output/health-report.ts';
import { PLAIN } from './plain.ts';
import { diff } from '../../src/host/diff.ts';
import type { HostState } from '../../src/host/state.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import { compile } from '../../src/layout/index.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import {
  fipGatewayName,
  fipNamespace,
  fipToRouterName,
  HOST,
  routerNamespace,
  routerToFipName,
} from '../../src/model/names.ts';
import { TestHost } from '../support/apply-plan.ts';
import type { TestNamespace } from '../support/apply-plan.ts';
import { floatingIp, modelOf, TWO_TENANTS } from '../support/intent.ts';
import { ipv4 } from '../support/models.ts';
import { must } from '../support/must.ts';

const FLOATING_IPS = [
  floatingIp('203.0.113.101', 'blue', '10.0.0.10'),
  floatingIp('203.0.113.102', 'blue', '10.0.1.10'),
  floatingIp('203.0.113.103', 'green', '10.0.0.10'),
];
const MODEL = modelOf({ ...TWO_TENANTS, floatingips: FLOATING_IPS });
const WANTED = compile(MODEL, new Map(), { instance: 'test' });
const EMPTY: HostState = { namespaces: new Map(), foreign: NO_FOREIGN };
const BLUE = routerNamespace('blue');
const PUBLIC = fipNamespace('public');
const RFP = routerToFipName('blue');
const FPR = fipToRouterName('blue');

interface Place {
  readonly host: TestHost;
  readonly blue: TestNamespace;
  readonly fip: TestNamespace;
}

function freshHost(): Place {
  const host = new TestHost(WANTED);
  return { host, blue: must(host.namespaces.get(BLUE)), fip: must(host.namespaces.get(PUBLIC)) };
}

/** All that is wrong, with what it is wrong with. */
function problemsOf({ namespaces, routers, floatingIps }: Health): string[] {
  return [
    ...namespaces.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    ...routers.flatMap(({ id, problems }) => problems.map((problem) => `${id}: ${problem}`)),
    ...floatingIps.flatMap(({ floating, problems }) =>
      problems.map((problem) => `${formatIpv4(floating)}: ${problem}`),
    ),
  ];
}

function brokenFloatingIps(health: Health): string[] {
  const troublesOf = sharedTroubles(health);
  const broken = health.floatingIps.filter((one) => one.problems.length + troublesOf(one).length > 0);
  return broken.map(({ floating }) => formatIpv4(floating));
}

function deleteElement({ ruleset }: TestNamespace, set: string, address: string): void {
  expect(must(ruleset?.sets.get(set)).elements.delete(ipv4(address))).toBe(true);
}

test('all that a layout makes is healthy', () => {
  const health = judge(WANTED);
  expect(problemsOf(health)).toEqual([]);
  expect(isHealthy(health)).toBe(true);
  expect(health.routers).toEqual([
    { id: 'blue', fip: 'fip-public', floatingIps: 2, problems: [] },
    { id: 'green', fip: 'fip-public', floatingIps: 1, problems: [] },
  ]);
});

test('so is a router without a gateway, and one without floating IPs', () => {
  const [blue, green] = TWO_TENANTS.routers;
  const model = modelOf({ ...TWO_TENANTS, routers: [{ ...blue, external_gateway_info: undefined }, { ...green }] });
  const health = judge(compile(model, new Map(), { instance: 'test' }));
  expect(problemsOf(health)).toEqual([]);
  expect(health.routers).toMatchObject([
    { id: 'blue', fip: undefined },
    { id: 'green', fip: 'fip-public' },
  ]);
});

const ALL = ['203.0.113.101', '203.0.113.102', '203.0.113.103'];
const OF_BLUE = ALL.slice(0, 2);

describe('without', () => {
  test.each<[string, (place: Place) => void, string[], string[]]>([
    [
      'the translation to the fixed IP',
      ({ blue }) => deleteElement(blue, 'floating', '203.0.113.101'),
      ['203.0.113.101: nothing translates it to a fixed IP (@floating)'],
      ['203.0.113.101'],
    ],
    [
      'the translation to the floating IP',
      ({ blue }) => deleteElement(blue, 'fixed', '10.0.0.10'),
      ['203.0.113.101: nothing translates 10.0.0.10 to it (@fixed)'],
      ['203.0.113.101'],
    ],
    [
      'the mark',
      ({ blue }) => deleteElement(blue, 'marked', '10.0.0.10'),
      ['203.0.113.101: the packets of 10.0.0.10 are not marked (@marked)'],
      ['203.0.113.101'],
    ],
    [
      'the host route',
      ({ fip }) => must(fip.routes.get(254)).hosts.delete(ipv4('203.0.113.101')),
      ['203.0.113.101: no route to it in fip-public'],
      ['203.0.113.101'],
    ],
    [
      'both translations',
      ({ blue }) => {
        deleteElement(blue, 'floating', '203.0.113.101');
        deleteElement(blue, 'fixed', '10.0.0.10');
      },
      [
        '203.0.113.101: nothing translates it to a fixed IP (@floating)',
        '203.0.113.101: nothing translates a fixed IP to it (@fixed)',
      ],
      ['203.0.113.101'],
    ],
    ['the rule for marked packets', ({ blue }) => blue.rules.clear(), ['blue: no rule for marked packets'], OF_BLUE],
    [
      'the table of the rule',
      ({ blue }) => blue.routes.delete(16),
      [`blue: no default route over ${RFP} in table 16`],
      OF_BLUE,
    ],
    [
      'the rule in the fip namespace',
      ({ fip }) => {
        for (const [key, rule] of fip.rules) if (rule.incoming === FPR) fip.rules.delete(key);
      },
      [`blue: no rule in fip-public for what comes in from ${FPR}`],
      OF_BLUE,
    ],
    [
      'the pair of links',
      ({ blue, fip }) => {
        blue.links.delete(RFP);
        fip.links.delete(FPR);
      },
      ['blue: is not linked to a fip namespace (rfp-, fpr-)'],
      OF_BLUE,
    ],
    [
      'NAT',
      ({ blue }) => must(blue.ruleset).chains.clear(),
      [
        'blue: no nftables rule marks the packets of @marked',
        'blue: no nftables rule translates by @floating',
        'blue: no nftables rule translates by @fixed',
      ],
      OF_BLUE,
    ],
    [
      'forwarding',
      ({ fip }) => fip.sysctls.set('net.ipv4.ip_forward', '0'),
      ['fip-public: forwards no IPv4 packets (net.ipv4.ip_forward)'],
      ALL,
    ],
    [
      'a gateway port',
      ({ host, fip }) => {
        const gateway = must([...fip.links.keys()].find((name) => name.startsWith('fg-')));
        host.run({ kind: 'link.delete', namespace: PUBLIC, link: gateway });
      },
      ['fip-public: has no gateway port (fg-)', 'blue: no default route in table', 'green: no default route in table'],
      ALL,
    ],
  ])('%s', (_what, breakIt, problems, broken) => {
    const place = freshHost();
    breakIt(place);
    const health = judge(place.host);
    expect(problemsOf(health)).toEqual(problems.map((problem): unknown => expect.stringContaining(problem)));
    expect(brokenFloatingIps(health)).toEqual(broken);
    expect(isHealthy(health)).toBe(false);
  });
});

test.each<[string, (place: Place) => void, string]>([
  [
    'a link that is down',
    ({ blue }) => blue.links.set(RFP, { ...must(blue.links.get(RFP)), up: false }),
    `qrouter-blue: ${RFP} is down`,
  ],
  [
    'ARP that is not answered',
    ({ fip }) => {
      const gateway = must([...fip.links.keys()].find((name) => name.startsWith(fipGatewayName('x').slice(0, 3))));
      fip.sysctls.set(`net.ipv4.conf.${gateway}.proxy_arp`, '0');
    },
    'answers no ARP for floating IPs (proxy_arp)',
  ],
  [
    'a port that is in no bridge',
    ({ host }) => {
      const { links } = must(host.namespaces.get(HOST));
      const [name, port] = must([...links].find(([, { master }]) => master === 'br-ex'));
      links.set(name, { ...port, master: undefined });
    },
    'is in no bridge',
  ],
  [
    "a port whose host's end is down",
    ({ host }) => {
      const { links } = must(host.namespaces.get(HOST));
      const [name, port] = must([...links].find(([, { master }]) => master === 'br-ex'));
      links.set(name, { ...port, up: false });
    },
    'is down',
  ],
  [
    'a veth whose other end is gone',
    ({ blue }) => blue.links.set(RFP, { ...must(blue.links.get(RFP)), kind: { type: 'veth', peer: undefined } }),
    `the other end of ${RFP} is gone or elsewhere`,
  ],
  [
    "another program's nftables table",
    ({ blue }) => blue.otherTables.add('ip filter'),
    "qrouter-blue: has an nftables table that is not Buoy's: ip filter",
  ],
])('%s is a problem of its namespace', (_what, breakIt, problem) => {
  const place = freshHost();
  breakIt(place);
  expect(problemsOf(judge(place.host))).toContainEqual(expect.stringContaining(problem));
});

describe('against an intent', () => {
  test('what is as it says is healthy', () => {
    const health = againstIntent(judge(WANTED), judge(WANTED), diff(WANTED, WANTED));
    expect(isHealthy(health)).toBe(true);
  });

  test('what is not there is told', () => {
    const health = againstIntent(judge(EMPTY), judge(WANTED), diff(EMPTY, WANTED));
    expect(problemsOf(health)).toEqual(
      ['fip-public', 'qrouter-blue', 'qrouter-green', 'blue', 'green', ...ALL].map(
        (name) => `${name}: is in the intent and not there`,
      ),
    );
  });

  test('what should not be there is told', () => {
    const health = againstIntent(judge(WANTED), judge(EMPTY), diff(WANTED, EMPTY));
    expect(problemsOf(health)).toEqual(
      ['fip-public', 'qrouter-blue', 'qrouter-green', 'blue', 'green', ...ALL].map(
        (name) => `${name}: is not in the intent`,
      ),
    );
  });

  test('what works but is otherwise differs, and breaks nothing', () => {
    const { host, blue } = freshHost();
    blue.sysctls.set('net.ipv4.conf.all.send_redirects', '1');
    const health = againstIntent(judge(host), judge(WANTED), diff(host, WANTED));
    expect(health.namespaces.map(({ name, differences }) => [name, differences])).toEqual([
      ['fip-public', 0],
      ['qrouter-blue', 1],
      ['qrouter-green', 0],
    ]);
    expect(problemsOf(health)).toEqual([]);
    expect(isHealthy(health)).toBe(false);
  });

  test('what it does not want either is no problem: an external network without a gateway', () => {
    const [publicSubnet, ...others] = TWO_TENANTS.subnets;
    const intent = {
      ...TWO_TENANTS,
      floatingips: FLOATING_IPS,
      subnets: [{ ...publicSubnet, gateway_ip: null }, ...others],
    };
    const state = compile(modelOf(intent), new Map(), { instance: 'test' });
    expect(brokenFloatingIps(judge(state))).toEqual(ALL);
    expect(isHealthy(againstIntent(judge(state), judge(state), diff(state, state)))).toBe(true);
  });
});

test('the report of all that can be wrong', async () => {
  const { host, blue } = freshHost();
  deleteElement(blue, 'fixed', '10.0.0.10');
  blue.routes.delete(16);
  const foreign = { ...NO_FOREIGN, namespaces: new Map([[routerNamespace('other'), 'a namespace without our mark']]) };
  const health = againstIntent(judge(host), judge(WANTED), diff(host, WANTED));
  await expect(healthText(health, foreign, PLAIN)).toMatchFileSnapshot('golden/status-broken.txt');
  await expect(healthText(judge(WANTED), NO_FOREIGN, PLAIN)).toMatchFileSnapshot('golden/status-healthy.txt');
  expect(healthText(judge(EMPTY), NO_FOREIGN, PLAIN)).toBe('There is nothing of Buoy here.\n');
});
