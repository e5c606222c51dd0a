// What holds of the diff of any two states.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/model/model.ts';
import { describePlan } from '../../src/host/describe.ts';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import type { HostState } from '../../src/host/state.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { asFarAs, TestHost } from '../support/apply-plan.ts';
import { garbage, litter } from '../support/garbage.ts';
import { NOTHING } from '../support/models.ts';
import { models } from '../support/random-models.ts';

const EMPTY = compile(NOTHING, new Map(), { instance: 'test' });

function wantedFor(model: Model, actual: HostState): HostState {
  return compile(model, livePairs(actual), { instance: 'test' });
}

/** A host that a model was applied to. */
function made(model: Model): TestHost {
  return new TestHost(EMPTY).apply(diff(EMPTY, wantedFor(model, EMPTY)));
}

function expectEqual(actual: HostState, wanted: HostState): void {
  expect(listing(asFarAs(wanted, actual))).toBe(listing(asFarAs(wanted, wanted)));
}

describe('The plan between two states', () => {
  test('leads from an empty host to any layout', () => {
    fc.assert(fc.property(models, (model) => expectEqual(made(model), wantedFor(model, EMPTY))));
  });

  test('leads from one layout to another', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const host = made(from);
        const wanted = wantedFor(to, host);
        expectEqual(host.apply(diff(host, wanted)), wanted);
      }),
      { numRuns: 250 },
    );
  });

  test('leads to a layout from whatever has become of another', () => {
    fc.assert(
      fc.property(models, garbage, models, (from, acts, to) => {
        const host = litter(made(from), acts);
        const wanted = wantedFor(to, host);
        expectEqual(new TestHost(host).apply(diff(host, wanted)), wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test('leads from any state to any other, even one that no layout makes', () => {
    fc.assert(
      fc.property(models, garbage, models, garbage, (from, before, to, after) => {
        const actual = litter(made(from), before);
        const wanted = litter(
          made(to),
          after.filter(({ kind }) => kind !== 'add a table' && kind !== 'leave a link in the host'),
        );
        expectEqual(new TestHost(actual, { strict: false }).apply(diff(actual, wanted)), wanted);
      }),
      { numRuns: 700 },
    );
  });

  test('is empty when there is nothing to do', () => {
    fc.assert(
      fc.property(models, garbage, (model, acts) => {
        const wanted = wantedFor(model, EMPTY);
        expect(describePlan(diff(made(model), wanted))).toBe('');
        const littered = litter(made(model), acts);
        expect(describePlan(diff(littered, littered))).toBe('');
        expect(describePlan(diff(littered, new TestHost(littered)))).toBe('');
      }),
      { numRuns: 300 },
    );
  });

  test('does not depend on the order in which the kernel tells of things', () => {
    fc.assert(
      fc.property(models, models, (from, to) => {
        const host = made(from);
        const wanted = wantedFor(to, host);
        expect(describePlan(diff(backwards(host), wanted))).toBe(describePlan(diff(host, wanted)));
      }),
    );
  });
});

/** The same state with everything in it the other way round. */
function backwards(state: HostState): HostState {
  const host = new TestHost(state);
  for (const namespace of host.namespaces.values()) {
    for (const { prefixes, hosts } of namespace.routes.values()) {
      turn(prefixes);
      turn(hosts);
    }
    for (const set of namespace.ruleset?.sets.values() ?? []) {
      if (set.kind === 'map') turn(set.elements);
      else set.elements = new Set([...set.elements].reverse());
    }
    turn(namespace.links);
    turn(namespace.addresses);
    turn(namespace.routes);
    turn(namespace.rules);
    turn(namespace.neighbours);
  }
  turn(host.namespaces);
  return host;
}

function turn<K, V>(map: Map<K, V>): void {
  const entries = [...map].reverse();
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
