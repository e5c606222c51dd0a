// What holds at every moment while a plan is applied, and after it was interrupted at any.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ipv4Address } from '../../src/model/address.ts';
import { formatIpv4 } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { isFipNamespace, routerIdOf } from '../../src/model/names.ts';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import type { Operation } from '../../src/host/plan.ts';
import type { HostState, LinkEnd, NamespaceState } from '../../src/host/state.ts';
import { MAIN_TABLE } from '../../src/host/state.ts';
import { FIXED, FLOATING, MARKED } from '../../src/host/translation.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { asFarAs, TestHost } from '../support/apply-plan.ts';
import { NOTHING } from '../support/models.ts';
import { must } from '../support/must.ts';
import { models } from '../support/random-models.ts';

const EMPTY = compile(NOTHING, new Map(), { instance: 'test' });

interface Change {
  readonly host: TestHost;
  readonly wanted: HostState;
  readonly operations: readonly Operation[];
}

function changeOf(from: Model, to: Model): Change {
  const host = new TestHost(EMPTY);
  host.apply(diff(host, compile(from, new Map(), { instance: 'test' })));
  const wanted = compile(to, livePairs(host), { instance: 'test' });
  return { host, wanted, operations: diff(host, wanted).steps.flatMap((step) => step.operations) };
}

/** The map of a router's namespace. */
function translations(state: HostState, name: NamespaceName, set: string): ReadonlyMap<Ipv4Address, Ipv4Address> {
  const found = state.namespaces.get(name)?.ruleset?.sets.get(set);
  return found?.kind === 'map' ? found.elements : new Map();
}

/** The end in the router of the link that a floating IP's host route leads to. */
function leadsTo(state: HostState, floating: Ipv4Address): LinkEnd | undefined {
  for (const [name, namespace] of state.namespaces) {
    const hop = isFipNamespace(name) ? namespace.routes.get(MAIN_TABLE)?.hosts.get(floating) : undefined;
    const kind = hop === undefined ? undefined : namespace.links.get(hop.link)?.kind;
    if (kind?.type === 'veth' && kind.peer !== undefined) return kind.peer;
  }
  return undefined;
}

/** Whether packets for a floating IP reach a workload, and its answers find a floating IP. */
function works(state: HostState, floating: Ipv4Address): boolean {
  const end = leadsTo(state, floating);
  if (end === undefined) return false;
  const fixed = translations(state, end.namespace, FLOATING).get(floating);
  return fixed !== undefined && translations(state, end.namespace, FIXED).has(fixed);
}

function floatingIps(state: HostState): Ipv4Address[] {
  return [...state.namespaces.keys()].flatMap((name) => [...translations(state, name, FLOATING).keys()]);
}

/** Elements of one namespace are set in one transaction. */
function isWithinTransaction(operation: Operation, next: Operation | undefined): boolean {
  return operation.kind === 'elements.set' && next?.kind === 'elements.set' && next.namespace === operation.namespace;
}

describe('While a plan is applied', () => {
  test('a floating IP that is wanted before and after works all the time', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const { host, wanted, operations } = changeOf(from, to);
        const after = new Set(floatingIps(wanted));
        // A router that changes its external network loses its link to the old one before it gets the new.
        const relinked = (floating: Ipv4Address): boolean => {
          const router = routerIdOf(must(leadsTo(host, floating)).namespace);
          const now = to.routers.get(router ?? '')?.externalNetworkId;
          return now !== undefined && now !== from.routers.get(router ?? '')?.externalNetworkId;
        };
        const lasting = floatingIps(host).filter((floating) => after.has(floating) && !relinked(floating));
        for (const [index, operation] of operations.entries()) {
          host.run(operation);
          if (isWithinTransaction(operation, operations[index + 1])) continue;
          const lost = lasting.filter((floating) => !works(host, floating));
          expect(lost.map(formatIpv4), `after ${operation.kind}`).toEqual([]);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('an address is announced when all that it needs is there', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const { host, wanted, operations } = changeOf(from, to);
        for (const operation of operations) {
          host.run(operation);
          if (operation.kind !== 'address.announce') continue;
          for (const address of operation.addresses) expectReady(host, wanted, operation.namespace, address);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('every floating IP that is new, or new on its router, is announced', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const { host, wanted, operations } = changeOf(from, to);
        const announced = new Set(operations.flatMap((one) => (one.kind === 'address.announce' ? one.addresses : [])));
        const isSame = (floating: Ipv4Address): boolean =>
          leadsTo(host, floating)?.namespace === leadsTo(wanted, floating)?.namespace;
        const silent = floatingIps(wanted).filter((floating) => !isSame(floating) && !announced.has(floating));
        expect(silent.map(formatIpv4)).toEqual([]);
      }),
    );
  });

  test('a floating IP that goes is withdrawn before its translation goes', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const { host, operations } = changeOf(from, to);
        for (const operation of operations) {
          if (operation.kind === 'elements.delete' && operation.set === FLOATING) {
            const reached = operation.elements.filter(
              ({ key }) => leadsTo(host, key)?.namespace === operation.namespace,
            );
            expect(reached).toEqual([]);
          }
          host.run(operation);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('connections are ended after their translation has gone or changed', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const { host, wanted, operations } = changeOf(from, to);
        const before = staleFixed(host, wanted);
        for (const operation of operations) {
          if (operation.kind === 'connections.flush') {
            const old = operation.fixed.filter(
              ({ fixed, floating }) =>
                translations(host, operation.namespace, FIXED).get(fixed) !== floating ||
                translations(wanted, operation.namespace, FIXED).get(fixed) !== floating,
            );
            expect(old).toEqual([]);
          }
          host.run(operation);
        }
        expect(host.flushed.map(String).sort()).toEqual(before.map(String).sort());
      }),
      { numRuns: 200 },
    );
  });
});

describe('After a plan was interrupted', () => {
  test('at any operation, another plan leads on, and ends the connections that are left', () => {
    fc.assert(
      fc.property(models, models, fc.nat(), (from, to, random) => {
        const { host, wanted, operations } = changeOf(from, to);
        const removed = staleFixed(host, wanted).filter(
          ([name, fixed]) => !translations(wanted, name, FIXED).has(fixed),
        );
        for (const operation of operations.slice(0, random % (operations.length + 1))) host.run(operation);
        // What the kernel still tells of the interrupted run is all that the next one knows.
        host.apply(diff(new TestHost(host), wanted));
        expect(listing(asFarAs(wanted, host))).toBe(listing(asFarAs(wanted, wanted)));
        const flushed = new Set(host.flushed.map(String));
        expect(removed.map(String).filter((one) => !flushed.has(one))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

/** Fixed IPs of routers that stay, whose floating IP is another or none afterwards. */
function staleFixed(before: HostState, after: HostState): (readonly [NamespaceName, Ipv4Address])[] {
  return [...before.namespaces.keys()]
    .filter((name) => routerIdOf(name) !== undefined && after.namespaces.has(name))
    .flatMap((name) =>
      [...translations(before, name, FIXED)]
        .filter(([fixed, floating]) => translations(after, name, FIXED).get(fixed) !== floating)
        .map(([fixed]) => [name, fixed] as const),
    );
}

/** That all of the wanted state which an announced address needs is in the host. */
function expectReady(host: HostState, wanted: HostState, namespace: NamespaceName, address: Ipv4Address): void {
  const there = must(host.namespaces.get(namespace));
  const end = isFipNamespace(namespace) ? leadsTo(wanted, address) : undefined;
  if (end === undefined) {
    expect([...there.addresses.values()].map((own) => own.address)).toContain(address);
    return;
  }
  expect(works(host, address), formatIpv4(address)).toBe(true);
  const router = must(host.namespaces.get(end.namespace));
  const goal = must(wanted.namespaces.get(end.namespace));
  const onlyRouter = (state: NamespaceState): HostState => ({
    namespaces: new Map([[end.namespace, state]]),
    foreign: host.foreign,
  });
  // The router's namespace has everything that is wanted there; what is to go may still be there.
  const missing = lines(onlyRouter(goal)).filter((line) => !lines(onlyRouter(router)).includes(line));
  expect(missing).toEqual([]);
  expect(router.ruleset?.sets.get(MARKED)?.elements).toContain(
    translations(wanted, end.namespace, FLOATING).get(address),
  );
  const fip = must(wanted.namespaces.get(namespace));
  for (const [number, table] of fip.routes) {
    if (number === MAIN_TABLE || !isTableOf(fip, number, end)) continue;
    for (const [key, route] of table.prefixes)
      expect(there.routes.get(number)?.prefixes.get(key)?.hop).toEqual(route.hop);
  }
}

function isTableOf(fip: NamespaceState, number: number, end: LinkEnd): boolean {
  return [...fip.rules.values()].some((rule) => {
    const kind = rule.incoming === undefined ? undefined : fip.links.get(rule.incoming)?.kind;
    return rule.table === number && kind?.type === 'veth' && kind.peer?.namespace === end.namespace;
  });
}

function lines(state: HostState): string[] {
  return listing(asFarAs(state, state)).split('\n');
}
