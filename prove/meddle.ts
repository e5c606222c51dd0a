// What others do to a kernel behind Buoy's back, in namespaces that are Buoy's: they delete what is there,
// and add what does not belong there.

import type { Operation } from '../src/host/plan.ts';
import type { HostState, NamespaceState } from '../src/host/state.ts';
import { MAIN_TABLE } from '../src/host/state.ts';
import { MARKED } from '../src/host/translation.ts';
import type { NamespaceName } from '../src/model/names.ts';
import { HOST, LOOPBACK } from '../src/model/names.ts';
import { ip, ipv4, link, prefix } from '../test/support/models.ts';
import { choose } from './intent.ts';

export interface Meddling {
  readonly kind: MeddlingKind;
  readonly where: number;
  readonly what: number;
}

type MeddlingKind = keyof typeof MEDDLINGS;

/** Draws an act. `random` answers a natural number below its argument. */
export function drawMeddling(random: (below: number) => number): Meddling {
  return { kind: choose(KINDS, random(KINDS.length)), where: random(1000), what: random(1000) };
}

/** What the act is on a host in that state; undefined if there is nothing to do it to. */
export function meddlingOn(state: HostState, { kind, where, what }: Meddling): Operation | undefined {
  const own = [...state.namespaces].filter(([name]) => name !== HOST);
  if (own.length === 0) return undefined;
  const [namespace, found] = choose(own, where);
  return MEDDLINGS[kind](namespace, found, what);
}

type Doing = (namespace: NamespaceName, state: NamespaceState, what: number) => Operation | undefined;

const MEDDLINGS = {
  'delete a link': (namespace, { links }, what) => {
    const name = pick(
      [...links.keys()].filter((one) => one !== LOOPBACK),
      what,
    );
    return name && { kind: 'link.delete', namespace, link: name };
  },
  'take a link down': (namespace, { links }, what) => {
    const before = pick([...links.values()], what);
    return before && { kind: 'link.change', namespace, link: { ...before, up: false }, before };
  },
  'delete an address': (namespace, { addresses }, what) => {
    const address = pick([...addresses.values()], what);
    return address && { kind: 'address.delete', namespace, address };
  },
  'add an address': (namespace, { links }, what) => {
    const name = pick([...links.keys()], what);
    return name && { kind: 'address.add', namespace, address: { link: name, address: ip('192.0.2.77'), length: 24 } };
  },
  'delete a route': (namespace, { routes }, what) => {
    const all = [...routes].flatMap(([table, { prefixes }]) =>
      [...prefixes.values()].map((route) => ({ table, ...route })),
    );
    const route = pick(all, what);
    return route && { kind: 'route.delete', namespace, ...route };
  },
  'delete a host route': (namespace, { routes }, what) => {
    const [address, hop] = pick([...(routes.get(MAIN_TABLE)?.hosts ?? [])], what) ?? [];
    return hop && address !== undefined
      ? { kind: 'route.delete', namespace, table: MAIN_TABLE, destination: { address, length: 32 }, hop }
      : undefined;
  },
  'add a route': (namespace, { links }, what) => {
    const name = pick([...links.keys()], what);
    const hop = name && { link: name, gateway: undefined, protocol: 3, type: 'unicast' };
    const table = choose([MAIN_TABLE, 16, 77], what);
    return hop && { kind: 'route.set', namespace, table, destination: prefix('192.0.2.0/25'), hop, before: undefined };
  },
  'delete a rule': (namespace, { rules }, what) => {
    const rule = pick([...rules.values()], what);
    return rule && { kind: 'rule.delete', namespace, rule };
  },
  'add a rule': (namespace, _, what) => ({
    kind: 'rule.add',
    namespace,
    rule: { family: 4, priority: 100 + what, table: 77, from: prefix('192.0.2.0/24') },
  }),
  'delete a neighbour': (namespace, { neighbours }, what) => {
    const neighbour = pick([...neighbours.values()], what);
    return neighbour && { kind: 'neighbour.delete', namespace, neighbour };
  },
  'change a sysctl': (namespace, { sysctls }, what) => {
    const [name, value] = pick([...sysctls], what) ?? [];
    return name === undefined
      ? undefined
      : { kind: 'sysctl.set', namespace, name, value: value === '0' ? '1' : '0', before: value };
  },
  'delete an element': (namespace, { ruleset }, what) => {
    const [set, { elements }] = pick([...(ruleset?.sets ?? [])], what) ?? [undefined, { elements: new Set<never>() }];
    const found = pick([...elements], what);
    if (set === undefined || found === undefined) return undefined;
    const element = typeof found === 'number' ? { key: found, value: undefined } : { key: found[0], value: found[1] };
    return { kind: 'elements.delete', namespace, set, elements: [element] };
  },
  'add an element': (namespace, { ruleset }, what) =>
    ruleset?.sets.has(MARKED) === true
      ? {
          kind: 'elements.set',
          namespace,
          set: MARKED,
          elements: [{ key: ipv4(`192.0.2.${what % 250}`), value: undefined }],
        }
      : undefined,
  'take a chain out of the ruleset': (namespace, { ruleset }, what) => {
    const chain = pick([...(ruleset?.chains.keys() ?? [])], what);
    if (ruleset === undefined || chain === undefined) return undefined;
    const chains = new Map([...ruleset.chains].filter(([name]) => name !== chain));
    const sets = new Map([...ruleset.sets].map(([name, { kind }]) => [name, kind]));
    return { kind: 'ruleset.define', namespace, chains, sets, replace: true };
  },
  'add a chain to the ruleset': (namespace, { ruleset }) => {
    const chain = { type: 'filter', hook: 'prerouting', priority: 0, rules: [] } as const;
    const chains = new Map([['stray', chain]]);
    return ruleset && { kind: 'ruleset.define', namespace, chains, sets: new Map<never, never>(), replace: false };
  },
  'add a link': (namespace) => ({
    kind: 'link.create',
    namespace,
    link: {
      name: link('stray0'),
      kind: { type: 'other', word: 'dummy' },
      mac: undefined,
      mtu: 1500,
      up: true,
      master: undefined,
      alias: undefined,
    },
    peer: undefined,
  }),
  'delete a namespace': (namespace) => ({ kind: 'namespace.delete', namespace, ends: [] }),
} satisfies Record<string, Doing>;

const KINDS = Object.keys(MEDDLINGS).filter((kind): kind is MeddlingKind => kind in MEDDLINGS);

function pick<T>(from: readonly T[], choice: number): T | undefined {
  return from.length === 0 ? undefined : choose(from, choice);
}
