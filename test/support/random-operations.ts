// Random operations, valid and not, with names from small pools so that they meet.

import fc from 'fast-check';
import type { Operation } from '../../src/host/plan.ts';
import type { AddressSet, Chain } from '../../src/host/ruleset.ts';
import type { Link, Rule } from '../../src/host/state.ts';
import { PROTOCOL_STATIC } from '../../src/host/state.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { HOST, LOOPBACK, parseNamespaceName } from '../../src/model/names.ts';
import { ip, ipv4, link, mac, prefix } from './models.ts';
import { must } from './must.ts';

export const INSTANCE = 'test';
/** A bridge, and what macvlans are on; both have to be in the host. */
export const BRIDGE = link('br-t');
export const PARENT = link('eth-t');

const NAMESPACES = ['qrouter-a', 'qrouter-b', 'fip-a'].map((name) => must(parseNamespaceName(name)));
const LINKS = [link('x'), link('y'), link('fg-z')];
const TAPS = [link('tap1'), link('tap2')];
const MACS = [mac('02:00:00:00:00:01'), mac('02:00:00:00:00:02'), mac('02:00:00:00:00:03')];

/** No device can have it. */
const TINY = 60;

const namespaces = fc.constantFrom(...NAMESPACES);
const links = fc.constantFrom(...LINKS);
const anyLinks = fc.constantFrom(...LINKS, LOOPBACK);
const macs = fc.constantFrom(...MACS);
const mtus = fc.constantFrom(1280, 1500, 1500, 9000, TINY);
const ups = fc.constantFrom(true, true, true, false);

const ends = fc.record({ name: links, mac: macs, mtu: mtus, up: ups });

interface Place {
  readonly namespace: NamespaceName;
  readonly link: Omit<Link, 'kind'>;
}

const inside: fc.Arbitrary<Place> = fc
  .tuple(namespaces, ends)
  .map(([namespace, end]) => ({ namespace, link: { ...end, master: undefined, alias: undefined } }));

const inHost: fc.Arbitrary<Place> = fc
  .tuple(fc.constantFrom(...TAPS), ends, fc.constantFrom(undefined, BRIDGE, BRIDGE, PARENT, link('nobody')))
  .map(([name, end, master]) => ({ namespace: HOST, link: { ...end, name, master, alias: `buoy ${INSTANCE}` } }));

function pairOf(near: Place, far: Place): Operation {
  const end = (one: Place, other: Place): Link => {
    const peer = { namespace: other.namespace, link: other.link.name };
    return { ...one.link, kind: { type: 'veth', peer } };
  };
  return { kind: 'link.create', namespace: near.namespace, link: end(near, far), peer: end(far, near) };
}

const pairs = fc.oneof(
  fc.tuple(inside, inside).map(([near, far]) => pairOf(near, far)),
  fc.tuple(inside, inHost).map(([near, far]) => pairOf(near, far)),
  fc.tuple(inHost, inside).map(([near, far]) => pairOf(near, far)),
);

const macvlans = fc
  .tuple(inside, fc.constantFrom(PARENT, PARENT, link('nobody')))
  .map(([{ namespace, link: end }, parent]): Operation => {
    return { kind: 'link.create', namespace, link: { ...end, kind: { type: 'macvlan', parent } }, peer: undefined };
  });

const places = fc.oneof(
  fc.record({ namespace: namespaces, name: anyLinks }),
  fc.record({ namespace: fc.constant(HOST), name: fc.constantFrom(...TAPS) }),
);

const changes = fc
  .tuple(
    places,
    fc.constantFrom<Partial<Link>>(
      { up: true },
      { up: true },
      { up: false },
      { mtu: 1300 },
      { mtu: TINY },
      { alias: 'text' },
      { master: BRIDGE },
      { mac: must(MACS[1]) },
      { mtu: 9000, up: false },
    ),
  )
  // A loopback device with such an MTU would lose its IPv4 for good.
  .filter(([{ name }, { mtu }]) => name !== LOOPBACK || mtu !== TINY)
  .map(([{ namespace, name }, change]): Operation => {
    const kind = { type: 'other', word: 'any' } as const;
    const up = change.up === undefined ? {} : { up: !change.up };
    const before: Link = {
      name,
      kind,
      mac: undefined,
      mtu: undefined,
      master: undefined,
      alias: undefined,
      up: true,
      ...up,
    };
    return { kind: 'link.change', namespace, link: { ...before, ...change }, before };
  });

const addresses = fc
  .tuple(
    namespaces,
    anyLinks,
    fc.constantFrom(
      '10.0.0.1/24',
      '10.0.0.1/24',
      '10.0.0.2/24',
      '10.0.0.1/25',
      '10.0.0.1/32',
      '10.1.0.1/31',
      '2001:db8::1/64',
      '2001:db8::1/80',
      '2001:db8::2/64',
    ),
    fc.constantFrom('address.add' as const, 'address.add' as const, 'address.delete' as const),
  )
  .map(([namespace, name, text, kind]): Operation => {
    const [address = '', length] = text.split('/');
    return { kind, namespace, address: { link: name, address: ip(address), length: Number(length) } };
  });

const routesV4 = fc.tuple(
  fc.constantFrom('0.0.0.0/0', '10.0.0.0/24', '10.2.0.0/16', '192.0.2.1/32'),
  fc.constantFrom(undefined, undefined, '10.0.0.254', '10.0.0.1', '192.0.2.1', '10.1.0.0', '10.0.0.255'),
);
const routesV6 = fc.tuple(
  fc.constantFrom('::/0', '2001:db8:2::/48'),
  fc.constantFrom(undefined, '2001:db8::ff', '2001:db8::1', 'fe80::1'),
);

const routes = fc
  .tuple(
    namespaces,
    anyLinks,
    fc.oneof({ weight: 3, arbitrary: routesV4 }, routesV6),
    fc.constantFrom(254, 16),
    fc.constantFrom('route.set' as const, 'route.set' as const, 'route.delete' as const),
  )
  .map(([namespace, name, [destination, gateway], table, kind]): Operation => {
    const hop = {
      link: name,
      gateway: gateway === undefined ? undefined : ip(gateway),
      protocol: PROTOCOL_STATIC,
      type: 'unicast',
    };
    const route = { namespace, table, destination: prefix(destination), hop };
    return kind === 'route.set' ? { kind, ...route, before: undefined } : { kind, ...route };
  });

const RULES: readonly Rule[] = [
  { family: 4, priority: 100, table: 16 },
  { family: 4, priority: 100, table: 16, from: prefix('10.0.0.0/24') },
  { family: 4, priority: 100, table: 16, incoming: link('x') },
  { family: 4, priority: 200, table: 16, mark: { value: 16, mask: 16 } },
  { family: 6, priority: 100, table: 16 },
];

const rules = fc
  .tuple(
    namespaces,
    fc.constantFrom(...RULES),
    fc.constantFrom('rule.add' as const, 'rule.add' as const, 'rule.delete' as const),
  )
  .map(([namespace, rule, kind]): Operation => ({ kind, namespace, rule }));

const neighbours = fc
  .tuple(
    namespaces,
    anyLinks,
    fc.constantFrom('10.0.0.254', '10.9.9.9', '2001:db8::ff'),
    macs,
    fc.constantFrom('neighbour.set' as const, 'neighbour.set' as const, 'neighbour.delete' as const),
  )
  .map(([namespace, name, text, macAddress, kind]): Operation => {
    const neighbour = { link: name, address: ip(text), mac: macAddress };
    return kind === 'neighbour.set'
      ? { kind, namespace, neighbour, before: undefined }
      : { kind, namespace, neighbour };
  });

const chain = (priority: number, rule: Chain['rules'][number]): Chain => ({
  type: 'nat',
  hook: 'prerouting',
  priority,
  rules: [rule],
});

const rulesets = fc
  .tuple(
    namespaces,
    fc.constantFrom<[string, AddressSet['kind']][]>(
      [['m', 'map']],
      [['s', 'set']],
      [
        ['m', 'map'],
        ['s', 'set'],
      ],
      [['m', 'set']],
      [
        ['s', 'counters'],
        ['c', 'counters'],
      ],
      [],
    ),
    fc.constantFrom<[string, Chain][]>(
      [],
      [['in', chain(-100, [{ kind: 'destination-nat', map: 'm' }])]],
      [['in', chain(-90, [{ kind: 'source-in-set', set: 's' }])]],
      [['in', chain(-90, [{ kind: 'destination-in-set', set: 'c' }])]],
    ),
    fc.boolean(),
  )
  .map(([namespace, sets, chains, replace]): Operation => {
    return { kind: 'ruleset.define', namespace, chains: new Map(chains), sets: new Map(sets), replace };
  });

const keys = fc.constantFrom(ipv4('203.0.113.1'), ipv4('203.0.113.2'), ipv4('203.0.113.3'));
const values = fc.constantFrom(undefined, ipv4('10.0.0.5'), ipv4('10.0.0.6'));

const elements = fc
  .tuple(
    namespaces,
    fc.constantFrom('m', 's', 's', 'c', 'none'),
    fc.array(fc.tuple(keys, values, values), { maxLength: 3 }),
    fc.constantFrom('elements.set' as const, 'elements.set' as const, 'elements.delete' as const),
    fc.boolean(),
  )
  .map(([namespace, set, draws, kind, isWrong]): Operation => {
    const hasValue = (set === 'm') !== isWrong;
    const all = draws.map(([key, value, before]) => ({
      key,
      value: hasValue ? (value ?? ipv4('10.0.0.7')) : undefined,
      ...(before !== undefined && { before }),
    }));
    return { kind, namespace, set, elements: all };
  });

const sysctls = fc
  .tuple(
    namespaces,
    fc.constantFrom(
      'net.ipv4.ip_forward',
      'net.ipv4.conf.all.promote_secondaries',
      'net.ipv4.conf.fg-z.proxy_arp',
      'net.ipv6.conf.all.disable_ipv6',
      'net.ipv6.conf.all.disable_ipv6',
      'net.ipv4.conf.nobody.proxy_arp',
      'net.ipv4.nothing',
    ),
    fc.constantFrom('0', '1', '1', 'x'),
  )
  .map(([namespace, name, value]): Operation => ({ kind: 'sysctl.set', namespace, name, value, before: undefined }));

const announcements = fc
  .tuple(namespaces, anyLinks, fc.subarray([ipv4('10.0.0.1'), ipv4('203.0.113.1')], { minLength: 1 }))
  .map(([namespace, name, announced]): Operation => {
    return { kind: 'address.announce', namespace, link: name, addresses: announced };
  });

/** All but the deletion of namespaces, whose end takes its time. */
export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: namespaces.map((namespace): Operation => ({ kind: 'namespace.create', namespace })) },
  { weight: 5, arbitrary: pairs },
  { weight: 2, arbitrary: macvlans },
  { weight: 4, arbitrary: changes },
  {
    weight: 2,
    arbitrary: places.map(({ namespace, name }): Operation => ({ kind: 'link.delete', namespace, link: name })),
  },
  { weight: 6, arbitrary: addresses },
  { weight: 8, arbitrary: routes },
  { weight: 3, arbitrary: rules },
  { weight: 3, arbitrary: neighbours },
  { weight: 2, arbitrary: rulesets },
  { weight: 5, arbitrary: elements },
  { weight: 2, arbitrary: sysctls },
  { weight: 1, arbitrary: announcements },
  {
    weight: 1,
    arbitrary: namespaces.map((namespace): Operation => ({
      kind: 'connections.flush',
      namespace,
      fixed: [{ fixed: ipv4('10.0.0.5'), floating: undefined }],
      others: false,
    })),
  },
);

export const deletions: fc.Arbitrary<NamespaceName> = namespaces;

/** Operations that make a small world in which the others have something to meet. */
export const START: readonly Operation[] = [
  ...NAMESPACES.map((namespace): Operation => ({ kind: 'namespace.create', namespace })),
  ...NAMESPACES.slice(0, 2).map((namespace, index): Operation =>
    pairOf(
      {
        namespace,
        link: { name: link('x'), mac: must(MACS[0]), mtu: 1500, up: true, master: undefined, alias: undefined },
      },
      {
        namespace: must(NAMESPACES[2]),
        link: {
          name: must(LINKS[index]),
          mac: must(MACS[1]),
          mtu: 1500,
          up: true,
          master: undefined,
          alias: undefined,
        },
      },
    ),
  ),
  {
    kind: 'address.add',
    namespace: must(NAMESPACES[0]),
    address: { link: link('x'), address: ip('10.0.0.1'), length: 24 },
  },
  {
    kind: 'ruleset.define',
    namespace: must(NAMESPACES[0]),
    chains: new Map(),
    sets: new Map([
      ['m', 'map'],
      ['s', 'set'],
    ]),
    replace: false,
  },
];
