import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from '../../src/host/diff.ts';
import { listing } from '../../src/host/listing.ts';
import type { Slice } from '../../src/host/slices.ts';
import { piecesOf, union } from '../../src/host/slices.ts';
import type { HostState, NamespaceState } from '../../src/host/state.ts';
import { compile, compileNetwork, compileRouter, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { fipNamespace, routerNamespace } from '../../src/model/names.ts';
import { must } from '../support/must.ts';
import { models } from '../support/random-models.ts';

const options = { instance: 'test' };

function slicesOf(state: HostState): Map<NamespaceName, Slice> {
  const slices = new Map<NamespaceName, Map<NamespaceName, NamespaceState>>();
  for (const name of state.namespaces.keys()) {
    for (const [subject, piece] of piecesOf(state, name)) {
      const slice = slices.get(subject) ?? new Map<NamespaceName, NamespaceState>();
      slices.set(subject, slice.set(name, piece));
    }
  }
  return slices;
}

/** The slices of a model, each compiled alone. */
function compiled(model: Model, whole: HostState): Map<NamespaceName, Slice> {
  const pairs = livePairs(whole);
  const slices = new Map<NamespaceName, Slice>();
  for (const router of model.routers.values()) {
    slices.set(routerNamespace(router.id), compileRouter(router, model, pairs.get(router.id), options).namespaces);
    if (router.externalNetworkId === undefined) continue;
    const network = must(model.networks.get(router.externalNetworkId));
    slices.set(fipNamespace(network.id), compileNetwork(network, options).namespaces);
  }
  return slices;
}

describe('The slices of a host', () => {
  test('are together the host', () => {
    fc.assert(
      fc.property(models, (model) => {
        const whole = compile(model, new Map(), options);
        expect(listing(union(slicesOf(whole).values(), []))).toBe(listing(whole));
      }),
    );
  });

  test('are what is compiled for each subject alone', () => {
    fc.assert(
      fc.property(models, (model) => {
        const whole = compile(model, new Map(), options);
        const cut = slicesOf(whole);
        const alone = compiled(model, whole);
        expect(listing(union(alone.values(), []))).toBe(listing(whole));
        for (const [subject, slice] of alone)
          expect(listing(union([slice], [])), subject).toBe(listing(union([must(cut.get(subject))], [])));
      }),
    );
  });

  test('announce together what the host announces', () => {
    fc.assert(
      fc.property(models, (model) => {
        const whole = compile(model, new Map(), options);
        const nothing = union([], []);
        const announced = (state: HostState): string[] =>
          diff(nothing, state)
            .steps.flatMap(({ operations }) => operations)
            .flatMap((operation) => (operation.kind === 'address.announce' ? operation.addresses.map(String) : []))
            .sort();
        expect(announced(union(compiled(model, whole).values(), []))).toEqual(announced(whole));
      }),
    );
  });
});
