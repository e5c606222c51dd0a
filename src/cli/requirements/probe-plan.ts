// The plan that `buoy doctor` tries a kernel with: the kinds of operations that a router with a
// floating IP takes, one small step for each requirement.

import { BuoyError } from '../../errors.ts';
import { parseIpv4, parseMac } from '../../model/address.ts';
import type { LinkName, NamespaceName } from '../../model/names.ts';
import {
  fipNamespace,
  fipToRouterName,
  HOST,
  routerNamespace,
  routerPortName,
  routerToFipName,
  tapName,
} from '../../model/names.ts';
import type { Operation, Plan } from '../../host/plan.ts';
import type { Chain } from '../../host/ruleset.ts';
import type { Link, LinkKind } from '../../host/state.ts';
import type { RequirementId } from './requirement.ts';

/** Operations by the requirement that they try. */
type Trials = ReadonlyMap<RequirementId, readonly Operation[]>;

const ID = 'doctor';
export const PROBE_ROUTER = routerNamespace(ID);
/** The namespace that stands for the host. */
export const PROBE_HOST = fipNamespace('host');
export const PROBE_BRIDGE = tapName('bridge');
const FIP = fipNamespace(ID);
const TO_FIP = routerToFipName(ID);
const PORT = routerPortName(ID);
const TAP = tapName(ID);

const FLOATING_IP = known(parseIpv4('192.0.2.1'));
const FIXED_IP = known(parseIpv4('10.0.0.1'));
const MARK = 1;
const TABLE = 16;

export const TRIALS: Trials = new Map<RequirementId, readonly Operation[]>([
  ['namespaces', [PROBE_ROUTER, FIP].map((namespace) => ({ kind: 'namespace.create', namespace }))],
  ['veth', [pair(TO_FIP, FIP, fipToRouterName(ID)), pair(PORT, HOST, TAP)]],
  [
    'macvlan',
    [{ kind: 'link.create', namespace: FIP, link: device(PORT, { type: 'macvlan', parent: TAP }), peer: undefined }],
  ],
  [
    'sysctls',
    ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'].map((name) => ({
      kind: 'sysctl.set',
      namespace: PROBE_ROUTER,
      name,
      value: '1',
      before: undefined,
    })),
  ],
  [
    'policyRouting',
    [
      {
        kind: 'rule.add',
        namespace: PROBE_ROUTER,
        rule: { family: 4, priority: TABLE, table: TABLE, mark: { value: MARK, mask: MARK } },
      },
    ],
  ],
  [
    'nat',
    [
      {
        kind: 'ruleset.define',
        namespace: PROBE_ROUTER,
        chains: new Map<string, Chain>([
          [
            'mark',
            {
              type: 'filter',
              hook: 'prerouting',
              priority: -150,
              rules: [
                [
                  { kind: 'source-in-set', set: 'marked' },
                  { kind: 'set-mark-bits', bits: MARK },
                ],
              ],
            },
          ],
          [
            'to-fixed',
            {
              type: 'nat',
              hook: 'prerouting',
              priority: -100,
              rules: [[{ kind: 'destination-nat', map: 'floating' }]],
            },
          ],
          [
            'to-floating',
            { type: 'nat', hook: 'postrouting', priority: 100, rules: [[{ kind: 'source-nat', map: 'fixed' }]] },
          ],
        ]),
        sets: new Map([
          ['floating', 'map'],
          ['fixed', 'map'],
          ['marked', 'set'],
        ]),
        replace: false,
      },
      {
        kind: 'elements.set',
        namespace: PROBE_ROUTER,
        set: 'floating',
        elements: [{ key: FLOATING_IP, value: FIXED_IP }],
      },
    ],
  ],
  [
    'counters',
    [
      {
        kind: 'ruleset.define',
        namespace: PROBE_ROUTER,
        chains: new Map(),
        sets: new Map([['received', 'counters']]),
        replace: false,
      },
    ],
  ],
  [
    'notrack',
    [
      {
        kind: 'ruleset.define',
        namespace: FIP,
        chains: new Map<string, Chain>([
          ['raw', { type: 'filter', hook: 'prerouting', priority: -300, rules: [[{ kind: 'notrack' }]] }],
        ]),
        sets: new Map(),
        replace: false,
      },
    ],
  ],
  [
    'conntrack',
    [
      {
        kind: 'connections.flush',
        namespace: PROBE_ROUTER,
        fixed: [{ fixed: FIXED_IP, floating: undefined }],
        others: false,
      },
    ],
  ],
  ['packetSockets', [{ kind: 'address.announce', namespace: PROBE_ROUTER, link: TO_FIP, addresses: [FLOATING_IP] }]],
]);

/** Each trial is a subject of its own, so that one that fails stops no other. */
export const PROBE_PLAN: Plan = {
  steps: [...TRIALS].map(([id, operations]) => ({ subject: routerNamespace(id), operations, after: [] })),
};

function pair(name: LinkName, peerNamespace: NamespaceName, peerName: LinkName): Operation {
  return {
    kind: 'link.create',
    namespace: PROBE_ROUTER,
    link: device(name, { type: 'veth', peer: { namespace: peerNamespace, link: peerName } }),
    peer: device(peerName, { type: 'veth', peer: { namespace: PROBE_ROUTER, link: name } }),
  };
}

function device(name: LinkName, kind: LinkKind): Link {
  // The announcement of an address needs to know the MAC address of its link.
  const mac = name === TO_FIP ? known(parseMac('fa:16:3e:00:00:01')) : undefined;
  return { name, kind, mac, mtu: undefined, up: true, master: undefined, alias: undefined };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new BuoyError('BUOY_INTERNAL', 'a constant of the probe plan cannot be read');
  return value;
}
