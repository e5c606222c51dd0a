import { expect, test } from 'vitest';
import { without } from '../../src/host/gone.ts';
import type { AddressSet } from '../../src/host/ruleset.ts';
import type { Address, NamespaceState, NextHop, RouteTable } from '../../src/host/state.ts';
import { addressKey, EMPTY_NAMESPACE, PROTOCOL_STATIC, routeKey } from '../../src/host/state.ts';
import type { Ipv4Address } from '../../src/model/address.ts';
import { routerNamespace } from '../../src/model/names.ts';
import { ip, ipv4, link, prefix } from '../support/models.ts';

const namespace = routerNamespace('a');
const [INSIDE, OUTSIDE] = [link('inside'), link('outside')];
const IPV4: Address = { link: INSIDE, address: ip('10.0.0.1'), length: 24 };
const IPV6: Address = { link: INSIDE, address: ip('2001:db8::1'), length: 64 };

const hop = (on: typeof INSIDE): NextHop => ({
  link: on,
  gateway: undefined,
  protocol: PROTOCOL_STATIC,
  type: 'unicast',
});

function tableOf(routes: readonly (readonly [string, typeof INSIDE])[], hosts: RouteTable['hosts']): RouteTable {
  const all = routes.map(([text, on]) => ({ destination: prefix(text), hop: hop(on) }));
  return { prefixes: new Map(all.map((route) => [routeKey(route), route])), hosts };
}

function state(addresses: readonly Address[], table: RouteTable): NamespaceState {
  const isNone = table.prefixes.size + table.hosts.size === 0;
  return {
    ...EMPTY_NAMESPACE,
    addresses: new Map(addresses.map((address) => [addressKey(address), address])),
    routes: new Map(isNone ? [] : [[16, table]]),
  };
}

const gone = (address: Address, isLastIpv4: boolean) =>
  ({ kind: 'address', namespace, key: addressKey(address), link: INSIDE, isLastIpv4 }) as const;

const HOSTS = new Map([
  [ipv4('192.0.2.1'), hop(INSIDE)],
  [ipv4('192.0.2.2'), hop(OUTSIDE)],
]);
const TABLE = tableOf(
  [
    ['10.1.0.0/16', INSIDE],
    ['10.2.0.0/16', OUTSIDE],
    ['2001:db8:1::/48', INSIDE],
  ],
  HOSTS,
);
/** IPv4 routes on INSIDE are not there. */
const LEFT = tableOf(
  [
    ['10.2.0.0/16', OUTSIDE],
    ['2001:db8:1::/48', INSIDE],
  ],
  new Map([[ipv4('192.0.2.2'), hop(OUTSIDE)]]),
);

test('one of several addresses takes nothing with it', () => {
  expect(without(state([IPV4, IPV6], TABLE), gone(IPV4, false))).toEqual(state([IPV6], TABLE));
  expect(without(state([IPV4, IPV6], TABLE), gone(IPV6, false))).toEqual(state([IPV4], TABLE));
});

test('the last IPv4 address of a link takes the IPv4 routes on that with it', () => {
  expect(without(state([IPV4, IPV6], TABLE), gone(IPV4, true))).toEqual(state([IPV6], LEFT));
});

test('so it does where the address is in another part of the namespace', () => {
  expect(without(state([], TABLE), gone(IPV4, true))).toEqual(state([], LEFT));
  const only = tableOf([['10.1.0.0/16', INSIDE]], new Map());
  expect(without(state([], only), gone(IPV4, true))).toEqual(EMPTY_NAMESPACE);
});

test('an element of a set, and of a map', () => {
  const withElements = (one: readonly Ipv4Address[], two: readonly (readonly [Ipv4Address, Ipv4Address])[]) => ({
    ...EMPTY_NAMESPACE,
    ruleset: {
      chains: new Map(),
      sets: new Map<string, AddressSet>([
        ['one', { kind: 'set', elements: new Set(one) }],
        ['two', { kind: 'map', elements: new Map(two) }],
      ]),
    },
  });
  const [a, b] = [ipv4('192.0.2.1'), ipv4('192.0.2.2')];
  const all = withElements([a, b], [[a, b]]);
  const element = (set: string, key: Ipv4Address) => ({ kind: 'element', namespace, set, key }) as const;
  expect(without(all, element('one', a))).toEqual(withElements([b], [[a, b]]));
  expect(without(all, element('two', a))).toEqual(withElements([a, b], []));
  expect(without(all, element('two', b))).toBeUndefined();
  expect(without(all, element('three', a))).toBeUndefined();
  expect(without(EMPTY_NAMESPACE, element('one', a))).toBeUndefined();
});

test('a part that has nothing of it stays as it is', () => {
  expect(without(state([], TABLE), gone(IPV4, false))).toBeUndefined();
  expect(without(state([], LEFT), gone(IPV4, true))).toBeUndefined();
});
